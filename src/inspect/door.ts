/**
 * The inspector's door: a small web server on loopback that lets in whoever has the token, and nobody else. A page of
 * another site cannot come in (its origin is refused), nor can one that has its own name pointed at this machine (the
 * Host is checked, against DNS rebinding).
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { FAREWELL_MS, VIEWERS_MAX } from '../base/bounds.ts';
import { PlaitError, systemCodeOf } from '../base/errors.ts';

/** What is given for a path behind the token; `''` is the page itself. Null where there is nothing. */
export type GivePage = (path: string) => Promise<Page | null>;

export interface Page {
  readonly type: string;
  readonly body: string | Uint8Array;
  /** Where the page may load from and connect to, beside its own address: Content-Security-Policy directives. */
  readonly policy: string;
}

export interface DoorInput {
  /** Null: `defaultPort`, or any other where that is taken. */
  readonly port: number | null;
  readonly defaultPort: number;
  /** As the user knows it: `--inspect`. */
  readonly flag: string;
  readonly givePage: GivePage;
  /** Somebody looks in from now on; the function given back is called when it has gone. */
  readonly welcome: (socket: WebSocket) => () => void;
}

export interface Door {
  /** Of the page, token and all. */
  readonly url: string;
  /** Of the web socket. */
  readonly liveUrl: string;
  /** Settles when somebody has come in. */
  readonly visited: Promise<void>;
  /** Says goodbye to everybody, and settles when they have gone or have had their time. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const TOKEN_BYTES = 18;

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, LOOPBACK);
  await once(server, 'listening');
}

async function listenSomewhere(server: Server, { port, defaultPort, flag }: DoorInput): Promise<number> {
  try {
    await listen(server, port ?? defaultPort);
  } catch (error) {
    const code = systemCodeOf(error) ?? String(error);
    if (port !== null) {
      const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be listened on (${code})`;
      throw new PlaitError('usage', `Port ${port} ${why}: give ${flag} another one, or none, and plait finds one.`, { cause: error });
    }
    await listen(server, 0);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new PlaitError('bug', 'The inspector listens, but has no port.');
  return address.port;
}

/** Compares in a time that tells nothing of where they differ. */
function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What a request is let in to, or the status with which it is sent away. */
type Ruling = { readonly kind: 'path'; readonly path: string } | { readonly kind: 'refused'; readonly status: 403 | 404 };

const REFUSED: Ruling = { kind: 'refused', status: 403 };

/** Whether a request may come in, by its address and by where it says it comes from. */
export function admit({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>, port: number, token: string): Ruling {
  const hosts = [`${LOOPBACK}:${port}`, `localhost:${port}`];
  if (headers.host === undefined || !hosts.includes(headers.host.toLowerCase())) return REFUSED;
  // A browser names the page that asks; what is no browser names none.
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host.toLowerCase()}`) return REFUSED;
  const [path = ''] = url.split('?');
  const [, given = '', ...rest] = path.split('/');
  if (!isSame(given, token)) return REFUSED;
  // Without the slash behind the token, the page's own files would be looked for beside it.
  return rest.length === 0 ? { kind: 'refused', status: 404 } : { kind: 'path', path: rest.join('/') };
}

function refuse(socket: Duplex, status: 403 | 404 | 503): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}

async function answer(request: IncomingMessage, response: ServerResponse, ruling: Ruling, givePage: GivePage): Promise<void> {
  const headers = { 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', 'X-Content-Type-Options': 'nosniff', 'Cross-Origin-Resource-Policy': 'same-origin' };
  const turnAway = (status: number, why: string): void => void response.writeHead(status, { ...headers, 'Content-Type': 'text/plain; charset=utf-8' }).end(why);
  if (ruling.kind === 'refused') return turnAway(ruling.status, 'The inspector lets in only who has the whole address that plait printed.\n');
  if (request.method !== 'GET' && request.method !== 'HEAD') return turnAway(405, 'The inspector only shows.\n');
  const page = await givePage(ruling.path);
  if (page === null) return turnAway(404, 'There is nothing here.\n');
  response.writeHead(200, { ...headers, 'Content-Type': page.type, 'Content-Security-Policy': page.policy });
  response.end(request.method === 'HEAD' ? undefined : page.body);
}

/** Settles when all have gone, or have had their time. */
async function farewell(sockets: WebSocketServer): Promise<void> {
  const gone = [...sockets.clients].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())));
  for (const socket of sockets.clients) socket.close(1_000, 'The command has ended.');
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, FAREWELL_MS);
  });
  await Promise.race([Promise.all(gone), patience]);
  clearTimeout(timer);
  for (const socket of sockets.clients) socket.terminate();
}

/**
 * Opens the door.
 * @throws PlaitError `usage` where a port that was asked for cannot be had.
 */
export async function openDoor(input: DoorInput): Promise<Door> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  const visited = Promise.withResolvers<void>();
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 1_024 });
  let port = 0;
  const server = createServer((request, response) => {
    // A file of the page that cannot be read ends that one answer.
    answer(request, response, admit(request, port, token), input.givePage).catch(() => response.destroy());
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => undefined);
    const ruling = admit(request, port, token);
    if (ruling.kind === 'refused') return refuse(socket, ruling.status);
    if (ruling.path !== 'live') return refuse(socket, 404);
    if (sockets.clients.size >= VIEWERS_MAX) return refuse(socket, 503);
    sockets.handleUpgrade(request, socket, head, (viewer) => {
      viewer.on('error', () => viewer.terminate());
      viewer.once('close', input.welcome(viewer));
      visited.resolve();
    });
  });
  port = await listenSomewhere(server, input);
  server.on('error', () => undefined);
  return {
    url: `http://${LOOPBACK}:${port}/${token}/`,
    liveUrl: `ws://${LOOPBACK}:${port}/${token}/live`,
    visited: visited.promise,
    async close() {
      await farewell(sockets);
      server.close();
      server.closeAllConnections();
    },
  };
}
