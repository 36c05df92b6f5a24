/** Viewers as the page is one: a web socket, and a fold over the messages that it gets. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { InspectMessage } from '../../../src/inspect/messages.ts';

export interface Viewing {
  readonly messages: readonly InspectMessage[];
  /** Settles with the first message, past or to come, that fits; rejects where the socket closes without. */
  told(fits: (message: InspectMessage) => boolean): Promise<InspectMessage>;
  /** Settles when the socket has closed. */
  readonly closed: Promise<void>;
  /** Reads nothing more until it is told to. */
  pause(): void;
  resume(): void;
  close(): void;
}

/** Looks at a live address; leaves when its test ends. */
export function view(liveUrl: string): Viewing {
  const socket = new WebSocket(liveUrl);
  const messages: InspectMessage[] = [];
  const waiting = new Set<() => void>();
  let isClosed = false;
  socket.on('message', (bytes: Buffer) => {
    for (const line of bytes.toString('utf8').split('\n')) messages.push(JSON.parse(line) as InspectMessage);
    waiting.forEach((look) => look());
  });
  socket.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => {
    socket.on('close', () => {
      isClosed = true;
      waiting.forEach((look) => look());
      resolve();
    });
  });
  onTestFinished(() => socket.terminate());
  return {
    messages,
    closed,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    close: () => socket.close(),
    told: (fits) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = messages.find(fits);
          if (found === undefined && !isClosed) return;
          waiting.delete(look);
          if (found === undefined) reject(new Error(`The socket closed first; it had told ${messages.length} messages.`));
          else resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Looks in, and then reads nothing until it is told to. */
export async function stare(liveUrl: string): Promise<Socket> {
  const { hostname, port, pathname, host } = new URL(liveUrl);
  const socket = createConnection({ host: hostname, port: Number(port) });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`);
  socket.pause();
  return socket;
}

/** The status with which a web socket is refused; 101 where it is let in. */
export function knock(liveUrl: string, headers: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(liveUrl, { headers });
    socket.on('open', () => {
      socket.close();
      resolve(101);
    });
    socket.on('unexpected-response', (request, response) => {
      request.destroy();
      resolve(response.statusCode ?? 0);
    });
    socket.on('error', reject);
  });
}

/** What every actor is, by name, after all these messages: `server-1: downloading`, `transfer: gone`. */
export function standing(messages: readonly InspectMessage[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const states = new Map<string, string>();
  for (const message of messages) {
    if (message.type === '@xstate.actor') names.set(message.sessionId, message.name);
    if (message.type === '@xstate.actor' || message.type === '@xstate.snapshot') states.set(message.sessionId, JSON.stringify(message.snapshot.value ?? message.snapshot.status));
    if (message.type === 'plait.gone') states.set(message.sessionId, 'gone');
  }
  return new Map([...states].map(([sessionId, state]) => [`${names.get(sessionId) ?? '?'} ${sessionId}`, state]));
}
