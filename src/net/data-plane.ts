/**
 * The words between the control plane and the data plane: orders go down, facts come up, and how far each lease has
 * got is read from shared counters. All of it is structured-cloneable, so that the data plane can live in this
 * thread or in a worker, and nobody above it can tell.
 */
import type { FaultCode } from '../base/faults.ts';
import type { ByteRange } from '../base/range.ts';

/** Ask a mirror for a range, or (`whole`) for the whole file from which the range is cut. */
export interface LeaseOpen {
  readonly type: 'lease.open';
  /** Unique for ever: a lease is never opened twice. */
  readonly leaseId: number;
  readonly mirrorId: number;
  readonly start: number;
  /** Where to stop; may lie past the end of a file whose size is not yet known. */
  readonly end: number;
  /** `whole`: for a server that serves no parts. */
  readonly manner: 'range' | 'whole';
  /** The size the file is held to have; an answer that speaks of another ends the lease with `other-size`. */
  readonly totalBytes: number | null;
}

export type Order =
  | { readonly type: 'mirror.add'; readonly mirrorId: number; readonly url: string; readonly validator: string | null }
  /** These validators of one mirror stand for the same bytes: an answer may carry any of them. */
  | { readonly type: 'mirror.equate'; readonly mirrorId: number; readonly validators: readonly string[] }
  | LeaseOpen
  /** Stop at `end`; answered by `lease.shrunk` with the end that holds, which is never below what is written. */
  | { readonly type: 'lease.shrink'; readonly leaseId: number; readonly end: number }
  /** Stop now; answered by `lease.ended` once nothing more is written. */
  | { readonly type: 'lease.cancel'; readonly leaseId: number; readonly code: FaultCode }
  | { readonly type: 'limit.set'; readonly rateBytesPerSec: number | null };

/** What a checked response head says. */
export interface LeaseHead {
  /** The size of the whole file; null where the server does not tell. */
  readonly totalBytes: number | null;
  /** The strong validator (RFC 9110 §8.8), as it stood in the header; null where there is none. */
  readonly validator: string | null;
  /** From the request's last byte to the head's last. */
  readonly roundTripMs: number;
  /** The address that answered, after redirects, without credentials. */
  readonly address: string;
  /** sha-256 or sha-512 of the whole file where the server offers one (RFC 9530), in hex. */
  readonly digest: { readonly algorithm: 'sha-256' | 'sha-512'; readonly hex: string } | null;
  /** A safe name from Content-Disposition. */
  readonly fileName: string | null;
}

export type LeaseOutcome =
  | { readonly kind: 'done' }
  | {
      readonly kind: 'failed';
      readonly code: FaultCode;
      /** Foreign detail, cleaned: a reason phrase, a status, a system error. */
      readonly detail: string;
      /** How long the server asked to be left alone. */
      readonly retryAfterMs: number | null;
      /** The size the server spoke of, where it spoke of one (416, `other-size`). */
      readonly totalBytes: number | null;
      /** The response head had been accepted: the failure came in the body. */
      readonly inBody: boolean;
    };

export type Fact =
  | { readonly type: 'lease.opened'; readonly leaseId: number; readonly head: LeaseHead }
  | { readonly type: 'lease.shrunk'; readonly leaseId: number; readonly end: number }
  /** The writer has drained: every byte of `[start, writtenEnd)` is in the part file, and no other will follow. */
  | { readonly type: 'lease.ended'; readonly leaseId: number; readonly writtenEnd: number; readonly outcome: LeaseOutcome };

/** How far one live lease has got. */
export interface LeaseReading {
  readonly leaseId: number;
  readonly writtenEnd: number;
}

/** Where a lane puts body bytes. Synchronous: when it returns, they are in the file. It throws a `PlaitError`. */
export interface BodySink {
  write(lease: { readonly leaseId: number; readonly mirrorId: number }, position: number, bytes: Uint8Array): void;
}

/** The answer to a question for the name and size alone. */
export interface NameAnswer {
  readonly kind: 'named';
  readonly fileName: string | null;
  readonly totalBytes: number | null;
}

export type NameReply = NameAnswer | (Pick<Extract<LeaseOutcome, { kind: 'failed' }>, 'kind' | 'code' | 'detail' | 'retryAfterMs'>);

/** Bytes of a mirror that are only to be compared: they stay in memory, and their hashes come back. */
export interface SampleAsk {
  readonly mirrorId: number;
  readonly ranges: readonly ByteRange[];
  /** Each range is hashed in blocks of so many bytes from its start; the last one may be shorter. */
  readonly blockBytes: number;
  readonly totalBytes: number;
  /** A connection of its own for each range: behind a balancer each may reach another server. */
  readonly onFreshLanes: boolean;
  /** What is held to stand there, by range and block: bytes of blocks that differ from it come back, too. */
  readonly against?: readonly (readonly string[] | null)[];
}

/** A block that differs from what it was held against. */
export interface DifferentBlock {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export type SampleAnswer =
  | {
      readonly kind: 'sampled';
      /** SHA-256 in hex of each range's blocks; null for a range that this server cannot give (it serves no parts). */
      readonly hashes: readonly (readonly string[] | null)[];
      /** The strong validators of the answers, each once. Any version was taken. */
      readonly validators: readonly string[];
      /** None where nothing was given to hold the blocks against. */
      readonly different: readonly DifferentBlock[];
    }
  | {
      readonly kind: 'failed';
      readonly code: FaultCode;
      readonly detail: string;
      /** How long the server asked to be left alone. */
      readonly retryAfterMs: number | null;
      readonly receivedBytes: number;
    };

export interface DataPlane {
  post(order: Order): void;
  /** Where the live leases stand, from the shared counters. */
  readings(): readonly LeaseReading[];
  /** Body bytes received so far from a mirror, kept or not. */
  receivedBytes(mirrorId: number): number;
  /** One request for the first byte, of which only the head is used; null while the mirror does not answer. */
  askName(mirrorId: number, signal: AbortSignal): Promise<NameReply>;
  /** Reads ranges of a mirror, one after the other, only to be compared. It never rejects. */
  sample(ask: SampleAsk, signal: AbortSignal): Promise<SampleAnswer>;
  /** Cuts every socket and settles when nothing will be written any more. */
  close(): Promise<void>;
}
