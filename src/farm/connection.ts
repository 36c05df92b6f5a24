import type { Socket } from 'node:net';
import { FARM_READ_BYTES } from '../base/bounds.ts';
import { SlowStart } from './slow-start.ts';

/** What a server keeps of one connection from response to response. */
export interface Connection {
  readonly socket: Socket;
  /** Null without `--slow-start`. */
  readonly slowStart: SlowStart | null;
  /** Two, so that one is read into while the other is being sent; made when the first body needs them. */
  buffers(): readonly [Buffer, Buffer];
  /** Responses that began on it. */
  responses: number;
  /** Settles when the exchanges begun so far are over. */
  lastExchange: Promise<void>;
  /** Stops the response under way without touching the socket; null between responses. */
  stopResponse: (() => void) | null;
}

export function connectionOf(socket: Socket, slowStartRoundTripMs: number | null): Connection {
  let buffers: readonly [Buffer, Buffer] | undefined;
  return {
    socket,
    slowStart: slowStartRoundTripMs === null ? null : new SlowStart(slowStartRoundTripMs),
    buffers: () => (buffers ??= [Buffer.allocUnsafeSlow(FARM_READ_BYTES), Buffer.allocUnsafeSlow(FARM_READ_BYTES)]),
    responses: 0,
    lastExchange: Promise.resolve(),
    stopResponse: null,
  };
}
