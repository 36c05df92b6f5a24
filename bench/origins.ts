/** The servers of a benchmark: nginx, one process of its own on a port of its own for each mirror. */
import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export interface Origins {
  readonly ports: readonly number[];
  /** Where `file` is, on the first `count` servers. */
  urls(file: string, count?: number): string[];
  /** The authority of the TLS servers, as a PEM file. */
  readonly caPath: string | null;
  stop(): Promise<void>;
}

const HOST = '127.0.0.1';
const START_MS = 10_000;

/** Ports that were free a moment ago. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, HOST);
      await once(server, 'listening');
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      server.close();
      await once(server, 'close');
      return typeof address === 'object' && address !== null ? address.port : 0;
    }),
  );
}

function configFor(folder: string, rootFolder: string, port: number, tls: boolean): string {
  const listen = tls ? `listen ${HOST}:${port} ssl; ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;` : `listen ${HOST}:${port};`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/tmp;`).join(' ');
  return `daemon off; master_process off; worker_rlimit_nofile 4096; pid ${folder}/${port}.pid; error_log ${folder}/error.log;
events { worker_connections 1024; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; ${temporary}
server { ${listen} root ${rootFolder}; } }
`;
}

function makeCertificate(folder: string): void {
  const subject = ['-subj', '/CN=plait bench', '-addext', `subjectAltName=IP:${HOST}`];
  const files = ['-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files], { stdio: 'ignore' });
}

async function untilItListens(port: number, child: ChildProcess): Promise<void> {
  const deadlineMs = performance.now() + START_MS;
  while (performance.now() < deadlineMs && child.exitCode === null) {
    const socket = connect(port, HOST);
    const isUp = await Promise.race([once(socket, 'connect').then(() => true), once(socket, 'error').then(() => false)]).catch(() => false);
    socket.destroy();
    if (isUp) return;
    await pause(20);
  }
  throw new Error(`nginx does not answer on port ${port}.`);
}

/** Starts `count` servers for the files in `rootFolder`; `folder` is for what they need themselves. */
export async function startOrigins({ folder, rootFolder, count, tls }: { folder: string; rootFolder: string; count: number; tls: boolean }): Promise<Origins> {
  await mkdir(join(folder, 'tmp'), { recursive: true });
  if (tls) makeCertificate(folder);
  const ports = await freePorts(count);
  const children = await Promise.all(
    ports.map(async (port) => {
      const configPath = join(folder, `${port}.conf`);
      await writeFile(configPath, configFor(folder, rootFolder, port, tls));
      const child = spawn('nginx', ['-c', configPath, '-e', `${folder}/error.log`], { stdio: 'ignore' });
      await untilItListens(port, child);
      return child;
    }),
  );
  return {
    ports,
    urls: (file, wanted = count) => ports.slice(0, wanted).map((port) => `${tls ? 'https' : 'http'}://${HOST}:${port}/${file}`),
    caPath: tls ? join(folder, 'cert.pem') : null,
    stop: async () => {
      await Promise.all(
        children.map(async (child) => {
          if (child.exitCode !== null) return;
          child.kill('SIGTERM');
          await once(child, 'exit');
        }),
      );
    },
  };
}
