/**
 * A raw server whose answers are data: each connection reads requests and plays the script that the test gives for
 * them, byte by byte if need be. It knows no HTTP beyond finding the end of a request.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TlsOptions } from 'node:tls';
import { ownPort } from '../../support/own-ports.ts';

export interface SeenRequest {
  readonly path: string;
  /** Lower-case names. */
  readonly headers: ReadonlyMap<string, string>;
  /** `[start, end)` of its Range header. */
  readonly range: { readonly start: number; readonly end: number } | null;
  /** Which connection it came on, counted from 0, and which request it is on that one. */
  readonly connection: number;
  readonly onConnection: number;
}

/** What to do with a connection, step by step. */
export type Step =
  | { readonly send: string | Uint8Array }
  /** Wait until the test lets it go on. */
  | { readonly wait: () => Promise<unknown> }
  | { readonly close: 'end' | 'reset' };

export type Script = (request: SeenRequest) => readonly Step[];

export interface FaultServer {
  readonly port: number;
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  readonly sockets: ReadonlySet<Socket>;
  close(): Promise<void>;
}

function parseRequest(text: string, connection: number, onConnection: number): SeenRequest {
  const [first = '', ...lines] = text.split('\r\n');
  const headers = new Map(lines.filter((line) => line !== '').map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  }));
  const range = /^bytes=(\d+)-(\d+)$/u.exec(headers.get('range') ?? '');
  return {
    path: first.split(' ')[1] ?? '',
    headers,
    range: range === null ? null : { start: Number(range[1]), end: Number(range[2]) + 1 },
    connection,
    onConnection,
  };
}

async function play(socket: Socket, steps: readonly Step[]): Promise<void> {
  for (const step of steps) {
    if (socket.destroyed) return;
    if ('send' in step) socket.write(typeof step.send === 'string' ? Buffer.from(step.send, 'latin1') : step.send);
    else if ('wait' in step) await step.wait();
    else if (step.close === 'end') socket.end();
    else socket.resetAndDestroy();
  }
}

export async function startFaultServer(script: Script, tls: TlsOptions | null = null): Promise<FaultServer> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const serve = (socket: Socket): void => {
    const connection = connections++;
    let text = '';
    let asked = 0;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = parseRequest(text.slice(0, end), connection, asked++);
        text = text.slice(end + 4);
        requests.push(request);
        void play(socket, script(request));
      }
    });
  };
  const server: Server = tls === null ? createServer(serve) : createTlsServer(tls, serve);
  server.on('tlsClientError', () => undefined);
  server.listen(await ownPort(), '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the fault server has no port');
  const { port } = address;
  return {
    port,
    url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}/file.bin`,
    requests,
    sockets,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
