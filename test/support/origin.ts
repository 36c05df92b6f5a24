/**
 * A web server inside the test, that answers as the test says and writes down what it was asked, when, and on how many
 * sockets. The farm is the better server; this one sees the requests.
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { oracleBytes } from './oracle.ts';
import { ownPort } from './own-ports.ts';

export interface SeenRequest {
  readonly atMs: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface Origin {
  readonly port: number;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Sockets that were open at once, at most. */
  readonly peakSockets: () => number;
}

export interface OriginOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
}

/** Answers every request; closed when the test ends. */
export async function startOrigin(answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void, { tls }: OriginOptions = {}): Promise<Origin> {
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let peak = 0;
  const listener: RequestListener = (request, response) => {
    requests.push({ atMs: performance.now(), path: request.url ?? '', headers: request.headers });
    response.on('error', () => undefined);
    answer(request, response, requests.length);
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    peak = Math.max(peak, sockets.size);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.listen(await ownPort(), '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The origin has no port.');
  return { port: address.port, url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`, requests, peakSockets: () => peak };
}

export interface OracleAnswer {
  readonly sizeBytes: number;
  readonly version?: number;
  /** More header fields. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers as a good server of the oracle's file does: parts where parts are asked for, and a strong entity tag. */
export function answerOracle(request: IncomingMessage, response: ServerResponse, { sizeBytes, version = 0, headers = {} }: OracleAnswer): void {
  const common = { ETag: `"v${version}-${sizeBytes}"`, 'Accept-Ranges': 'bytes', ...headers };
  const range = /^bytes=(\d+)-(\d*)$/u.exec(request.headers.range ?? '');
  if (range === null) {
    response.writeHead(200, { ...common, 'Content-Length': sizeBytes });
    response.end(oracleBytes(0, sizeBytes, version));
    return;
  }
  const start = Number(range[1]);
  const end = Math.min(sizeBytes, range[2] === '' ? sizeBytes : Number(range[2]) + 1);
  if (start >= sizeBytes) {
    response.writeHead(416, { ...common, 'Content-Range': `bytes */${sizeBytes}`, 'Content-Length': 0 });
    response.end();
    return;
  }
  response.writeHead(206, { ...common, 'Content-Range': `bytes ${start}-${end - 1}/${sizeBytes}`, 'Content-Length': end - start });
  response.end(oracleBytes(start, end, version));
}
