/**
 * One request and its answer, between the side that knows what was asked for (a lease run) and the one that moves the
 * bytes (a lane, or the library). After `onHead` gives null, `onBody` gives false, or the transport is abandoned, the
 * exchange hears nothing more; otherwise `onEnd` comes exactly once.
 */
import type { RangeRequest } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { NetFault } from './fault-of-error.ts';

export type Ending =
  /** The body is complete by its own framing. */
  | { readonly kind: 'complete' }
  /** `stale`: a reused socket that was closed before a byte of the answer came; asking again is free. */
  | ({ readonly kind: 'failed'; readonly stale: boolean } & NetFault);

export interface Exchange {
  readonly request: RangeRequest;
  /**
   * Judges the head. Gives how many body bytes to read (infinity: to the body's end), or null to stop.
   * @param roundTripMs from the request's last byte to the head's last.
   */
  onHead(head: ResponseHead, roundTripMs: number): number | null;
  /** Takes the next body bytes, which are the caller's again when it returns. False: enough. */
  onBody(bytes: Uint8Array): boolean;
  /** How many more bytes would be kept: a transport that gathers need not wait for more. */
  wantedBytes(): number;
  onEnd(ending: Ending): void;
}

/** The side that moves the bytes, while an exchange is on it. */
export interface Transport {
  /** Hands over what was received and is still held back. It may end the exchange. */
  flush(): void;
  /** Cuts the connection; the exchange hears nothing more. */
  abandon(): void;
  /** Stops in the middle of the body: nothing more is read, and the exchange hears nothing more. */
  hold(): void;
  /** Whether a body is held; no longer where its connection has broken meanwhile. */
  readonly isHeld: boolean;
  /** Goes on with a body that is held, for another exchange, which may hear of it before this returns. */
  takeOn(exchange: Exchange): void;
}
