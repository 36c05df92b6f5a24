import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** How the server ended the connection, as far as was waited for it. */
export type RawEnd = 'fin' | 'reset' | 'open';

export interface RawReply {
  readonly statusLine: string;
  readonly status: number;
  /** Every header line, names in lower case, in order. */
  readonly headers: ReadonlyArray<readonly [string, string]>;
  /** The first value of a header. */
  readonly header: (name: string) => string | undefined;
  /** Whatever followed the head, with its framing. */
  readonly body: Buffer;
  readonly all: Buffer;
  readonly end: RawEnd;
}

export interface RawRequest {
  readonly port: number;
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Stop reading here; without it the server's end of the connection is waited for. */
  readonly until?: (received: Buffer) => boolean;
}

export function rawReply(all: Buffer, end: RawEnd): RawReply {
  const headEnd = all.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = all.toString('latin1', 0, headEnd === -1 ? all.length : headEnd).split('\r\n');
  const headers = lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()] as const);
  return {
    statusLine,
    status: Number(/^HTTP\/1\.1 (\d{3}) /u.exec(statusLine)?.[1] ?? 0),
    headers,
    header: (name) => headers.find(([other]) => other === name)?.[1],
    body: headEnd === -1 ? Buffer.alloc(0) : all.subarray(headEnd + 4),
    all,
    end,
  };
}

/** The text of a request that asks for the connection to be closed after it, unless `headers` say otherwise. */
export function requestText({ port, method = 'GET', path = '/', headers = {} }: RawRequest): string {
  const all = { Host: `127.0.0.1:${port}`, Connection: 'close', ...headers };
  return `${method} ${path} HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
}

/** One request on a socket of its own, and every byte that comes back. */
export function rawRequest(request: RawRequest): Promise<RawReply> {
  return new Promise((resolve) => {
    const socket: Socket = connect(request.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const finish = (end: RawEnd): void => {
      socket.destroy();
      resolve(rawReply(Buffer.concat(chunks), end));
    };
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (request.until?.(Buffer.concat(chunks)) === true) finish('open');
    });
    socket.on('end', () => finish('fin'));
    socket.on('error', () => finish('reset'));
    socket.write(requestText(request));
  });
}
