import type { FileHandle } from 'node:fs/promises';
import { FARM_READ_BYTES, TRICKLE_MS } from '../base/bounds.ts';
import { lengthOf } from '../base/range.ts';
import { pause } from '../base/pause.ts';
import type { AnswerBody } from './answer.ts';
import { spoil } from './spoil.ts';
import type { Connection } from './connection.ts';
import type { FaultWatch } from './fault-watch.ts';
import type { Pacer } from './pacer.ts';
import { fillGrown, turnIntoOtherVersion } from './representation.ts';
import type { Representation } from './representation.ts';
import type { SlowStart } from './slow-start.ts';

export interface BodySending {
  readonly body: AnswerBody & { kind: 'file' };
  readonly handle: FileHandle;
  readonly representation: Representation;
  readonly connection: Connection;
  readonly watch: FaultWatch;
  readonly pacer: Pacer;
  readonly nowMs: () => number;
  /** Where in the file `corrupt` without an offset strikes this answer. */
  readonly spoiledAt: number;
  /** Hands bytes to the socket; settles with true once they are out of our hands, with false if the socket is gone. */
  readonly write: (bytes: Uint8Array) => Promise<boolean>;
  readonly signal: AbortSignal;
}

/** How it ended: all sent, the connection to be cut halfway as a fault has it, or the socket gone. */
export type BodyEnd = 'sent' | 'reset' | 'early-fin' | 'gone';

/** Sends the bytes of a file at the pace and with the faults of this moment; they may change from step to step. */
export async function sendBody(sending: BodySending): Promise<BodyEnd> {
  const { body, watch, connection, signal } = sending;
  const buffers = connection.buffers();
  const halfway = body.range.start + Math.floor(lengthOf(body.range) / 2);
  let writing: Promise<boolean> = Promise.resolve(true);
  let granted = 0;
  let turn = 0;
  if (body.before !== '' && !(await sending.write(Buffer.from(body.before)))) return 'gone';
  for (let at = body.range.start; at < body.range.end; ) {
    watch.advance();
    if (isHalted(watch)) {
      await watch.changed(signal);
      if (signal.aborted) return 'gone';
      continue;
    }
    const cut = watch.board.newestOf(['reset', 'early-fin']);
    const end = cut === undefined ? body.range.end : halfway;
    if (at >= end) {
      await writing;
      return cut?.name === 'reset' ? 'reset' : 'early-fin';
    }
    if (granted === 0) granted = await leaveToSend(sending, end - at);
    if (signal.aborted) return 'gone';
    // Others may have sent while this one waited, so what is left before the next fault is reckoned only here.
    watch.advance();
    if (isHalted(watch)) continue;
    const step = watch.reserve(Math.min(end - at, granted, FARM_READ_BYTES));
    granted -= step;
    const bytes = await readStep(sending, buffers[turn % 2 === 0 ? 0 : 1].subarray(0, step), at);
    // The other buffer is free for the next step once its write is through.
    if (bytes === null || !(await writing)) return 'gone';
    writing = sending.write(bytes);
    at += step;
    turn += 1;
  }
  if (!(await writing)) return 'gone';
  return body.after === '' || (await sending.write(Buffer.from(body.after))) ? 'sent' : 'gone';
}

/** A server that is about to die sends no more than a stalled one. */
const isHalted = ({ board }: FaultWatch): boolean => board.has('stall') || board.has('die');

/** Waits for the connection's window and for its share of the rate; gives how much may be sent. */
async function leaveToSend({ connection: { slowStart }, watch, pacer, nowMs, signal }: BodySending, wantBytes: number): Promise<number> {
  if (watch.board.has('trickle')) {
    await pause(TRICKLE_MS, signal);
    return 1;
  }
  const want = slowStart === null ? wantBytes : Math.min(wantBytes, await openWindow(slowStart, nowMs, signal));
  const granted = await pacer.take(want, signal);
  slowStart?.sent(granted);
  return granted;
}

/** Waits until the window lets something through; gives how much. */
async function openWindow(slowStart: SlowStart, nowMs: () => number, signal: AbortSignal): Promise<number> {
  while (!signal.aborted) {
    const allowance = slowStart.allowanceBytes(nowMs());
    if (allowance > 0) return allowance;
    await pause(slowStart.waitMs(nowMs()), signal);
  }
  return 0;
}

/** Fills `bytes` with what stands at `at`, as this version and its faults have it; null where the file ends early. */
async function readStep({ handle, body, representation, watch, spoiledAt }: BodySending, bytes: Buffer, at: number): Promise<Buffer | null> {
  const from = at + body.shift;
  for (let filled = 0; filled < bytes.length; ) {
    const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, from + filled);
    if (bytesRead === 0) {
      // Past the file's own end stands what a fault added; anything else there means that someone cut the file.
      if (from + filled < representation.fileBytes) return null;
      fillGrown(bytes.subarray(filled));
      break;
    }
    filled += bytesRead;
  }
  if (representation.isOtherVersion) turnIntoOtherVersion(bytes);
  spoil(bytes, at, watch.board, spoiledAt);
  return bytes;
}
