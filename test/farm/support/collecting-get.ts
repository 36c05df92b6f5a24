import { connect } from 'node:net';
import { rawReply, requestText } from './raw-request.ts';
import type { RawEnd, RawReply, RawRequest } from './raw-request.ts';

/** A GET under way, to look at while it goes on. */
export interface CollectingGet {
  /** What has come so far. */
  reply(): RawReply;
  /** Settles once the body has so many bytes. */
  hasBody(length: number): Promise<void>;
  /** Settles with how the server ended the connection. */
  readonly ended: Promise<RawEnd>;
  close(): void;
}

export function collectingGet(request: RawRequest): CollectingGet {
  const socket = connect(request.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<RawEnd>();
  const waiting = new Set<() => void>();
  const reply = (): RawReply => rawReply(Buffer.concat(chunks), 'open');
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    for (const check of waiting) check();
  });
  socket.on('end', () => resolve('fin'));
  socket.on('error', () => resolve('reset'));
  socket.on('close', () => resolve('fin'));
  socket.write(requestText(request));
  return {
    reply,
    hasBody: (length) =>
      new Promise((settle) => {
        const check = (): void => {
          if (reply().body.length < length) return;
          waiting.delete(check);
          settle();
        };
        waiting.add(check);
        check();
      }),
    ended,
    close: () => socket.destroy(),
  };
}
