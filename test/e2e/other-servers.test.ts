import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { basename, dirname } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { MIB, writeText } from '../support/oracle.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { ownPorts } from '../support/own-ports.ts';
import { isInstalled, unlessMissing, whereIs } from '../support/programs.ts';

/** Runs a server until the test ends. */
function runServer(program: string, args: readonly string[], cwd: string): ChildProcess {
  const child = spawn(program, args, { cwd, stdio: 'ignore' });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGTERM');
    await closed;
  });
  return child;
}

test.skipIf(!isInstalled('nginx'))(`five servers of nginx make one exact file${unlessMissing('nginx')}`, async () => {
  const env = await TestEnv.create();
  const source = await env.source(24 * MIB);
  const ports = await ownPorts(5);
  const home = env.aside('nginx');
  await mkdir(home);
  const servers = ports.map((port) => `server { listen 127.0.0.1:${port}; location / { root ${dirname(source.path)}; } }`).join('\n');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${home}/${kind};`).join('\n');
  // As root nginx would serve as nobody, who may not read this folder.
  const user = process.getuid?.() === 0 ? 'user root;' : '';
  await writeText(`${home}/nginx.conf`, `${user}
daemon off; pid ${home}/pid; error_log ${home}/error.log; worker_processes 1;
events { worker_connections 256; }
http { access_log off; sendfile on; ${temporary}
${servers} }`);
  runServer(whereIs('nginx') ?? 'nginx', ['-p', home, '-e', `${home}/error.log`, '-c', `${home}/nginx.conf`], home);
  const ended = await env.run(['get', '--json', '-c', `sha-256=${source.sha256}`, ...ports.map((port) => `http://127.0.0.1:${port}/file.bin`)]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(lastLine(ended)).toMatchObject({ verified: 'checksum', bytes: source.sizeBytes });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
});

test.skipIf(!isInstalled('python3'))(`python3 -m http.server, which knows no ranges, gives an exact file${unlessMissing('python3')}`, async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const [port] = await ownPorts(1);
  runServer(whereIs('python3') ?? 'python3', ['-m', 'http.server', '--bind', '127.0.0.1', String(port)], dirname(source.path));
  const ended = await env.run(['get', '--json', `http://127.0.0.1:${port}/${basename(source.path)}`]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
});
