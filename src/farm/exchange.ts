import type { IncomingMessage, ServerResponse } from 'node:http';
import { pause } from '../base/pause.ts';
import { answerTo } from './answer.ts';
import type { Answer, AskedFor } from './answer.ts';
import { bend } from './bend.ts';
import { sendBody } from './body-sender.ts';
import type { BodyEnd } from './body-sender.ts';
import type { Connection } from './connection.ts';
import type { FaultWatch } from './fault-watch.ts';
import type { FileSource } from './file-source.ts';
import type { Pacer } from './pacer.ts';
import { representationOf } from './representation.ts';
import type { Representation } from './representation.ts';
import { beginResponse } from './response-wire.ts';
import type { ResponseWire } from './response-wire.ts';

/** What all exchanges of one server share. */
export interface Exchanges {
  readonly source: FileSource;
  readonly watch: FaultWatch;
  readonly pacer: Pacer;
  readonly latencyMs: number;
  readonly nowMs: () => number;
  /** Seeded chance, 0 to 1. */
  readonly random: () => number;
}

/** One request and its response, with every delay and fault. Settles when the response is over, however it ended. */
export async function exchange(request: IncomingMessage, response: ServerResponse, connection: Connection, shared: Exchanges): Promise<void> {
  const { socket } = connection;
  if (socket.destroyed) return;
  const stop = new AbortController();
  const onClose = (): void => stop.abort();
  socket.once('close', onClose);
  connection.stopResponse = onClose;
  try {
    await respond(request, response, connection, shared, stop.signal);
  } finally {
    connection.stopResponse = null;
    socket.off('close', onClose);
  }
}

async function respond(request: IncomingMessage, response: ServerResponse, connection: Connection, shared: Exchanges, signal: AbortSignal): Promise<void> {
  const { watch, source } = shared;
  const { socket } = connection;
  connection.responses += 1;
  // A new connection's handshake takes a round trip of its own.
  const roundTrips = connection.slowStart !== null && connection.responses === 1 ? 2 : 1;
  await pause(shared.latencyMs * roundTrips, signal);
  watch.advance();
  while (watch.board.has('stall') && !signal.aborted) await watch.changed(signal);
  if (watch.board.has('refuse')) socket.destroy();
  if (signal.aborted || socket.destroyed) return;
  const { file, handle } = await source.current();
  const representation = representationOf(file, watch.board);
  const asked: AskedFor = { method: request.method ?? '', path: request.url ?? '/', headers: request.headers };
  const answer = bend(answerTo(asked, representation, Date.now()), asked, representation, watch.board);
  const wire = await beginResponse(answer, response, socket, signal);
  if (wire === null) return;
  if (request.method !== 'HEAD') {
    const end = await sendAnswerBody(answer, wire, { representation, handle, connection, signal, ...shared });
    if (end !== 'sent') return cutConnection(connection, end);
  }
  wire.end();
  if (watch.board.has('idle-bytes')) response.once('finish', () => socket.write('bytes that nobody asked for\r\n'));
}

interface Sending extends Exchanges {
  readonly representation: Representation;
  readonly handle: Parameters<typeof sendBody>[0]['handle'];
  readonly connection: Connection;
  readonly signal: AbortSignal;
}

async function sendAnswerBody({ body }: Answer, { write }: ResponseWire, sending: Sending): Promise<BodyEnd> {
  if (body.kind === 'none') return 'sent';
  if (body.kind === 'text') return (await write(Buffer.from(body.text))) ? 'sent' : 'gone';
  const { start, end } = body.range;
  const spoiledAt = start + Math.floor(sending.random() * (end - start));
  return sendBody({ ...sending, body, write, spoiledAt });
}

/** Ends a connection in the middle of a response. */
export function cutConnection(connection: Connection, end: Exclude<BodyEnd, 'sent'>): void {
  connection.stopResponse?.();
  if (end === 'reset') connection.socket.resetAndDestroy();
  else if (end === 'early-fin') connection.socket.end();
  else connection.socket.destroy();
}
