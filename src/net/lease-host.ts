/** What a lease run needs around it. */
import type { Fact } from './data-plane.ts';
import type { Exchange, Transport } from './exchange.ts';
import type { KeptBody } from './kept-body.ts';
import type { RangeRequest } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

/** The plane it lives in. */
export interface LeaseHost {
  /** Opens the way for a request; `lane`: a lane may carry it. Null where that failed at once, which `onEnd` tells. */
  send(exchange: Exchange, lane: boolean, fresh: boolean): { readonly transport: Transport | null; readonly onLane: boolean };
  /** The request for a range of this mirror, with what belongs to the origin of `url`. */
  requestFor(url: URL, range: RangeRequest['range'], validator: string | null, asksDigest: boolean): RangeRequest;
  readonly wallClockMs: () => number;
}

/** Where a lease's bytes and words go. */
export interface LeaseSide {
  /** Synchronous. @throws PlaitError */
  write(position: number, bytes: Uint8Array): void;
  received(bytes: number): void;
  progressed(writtenEnd: number): void;
  emit(fact: Fact): void;
  /** The digest in the accepted head is of use to whoever hears of it: so it may be asked for. */
  readonly hearsDigest?: boolean;
  /** The last head of the lease, whatever it is worth. */
  answered?(head: ResponseHead): void;
  /** Takes what follows of a whole file's body behind the lease; without it the connection is cut there. */
  keep?(body: KeptBody): void;
}
