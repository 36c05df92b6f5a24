/**
 * Every event of the download's machines. `noun.verb`: past tense for facts, imperative for orders. Bytes never ride
 * in one; `EVENT_SENTENCES` at the end says in a sentence what each is for.
 */
import type { Difference } from '../base/difference.ts';
import type { FaultCode } from '../base/faults.ts';
import type { LeaseHead, LeaseOutcome } from '../net/data-plane.ts';
import type { ByteRange } from '../base/range.ts';
import type { RangeSet } from '../base/range-set.ts';
import type { EndReason } from './plan/ending.ts';
import type { SampleAim } from './plan/trust.ts';

/** What a transfer (a lease at work) tells its segment. */
export type TransferFact =
  | { readonly type: 'lease.opened'; readonly head: LeaseHead; readonly atMs: number }
  | { readonly type: 'lease.shrunk'; readonly end: number }
  | { readonly type: 'lease.ended'; readonly writtenEnd: number; readonly outcome: LeaseOutcome; readonly atMs: number };

/** What a segment orders its transfer. */
export type TransferOrder =
  | { readonly type: 'lease.shrink'; readonly end: number }
  | { readonly type: 'lease.cancel'; readonly code: FaultCode };

/** What the coordinator orders a segment. */
export type SegmentOrder =
  | {
      readonly type: 'segment.take';
      readonly mirrorId: number;
      readonly end: number;
      readonly manner: 'range' | 'whole';
      readonly totalBytes: number | null;
    }
  | { readonly type: 'segment.shrink'; readonly end: number }
  | { readonly type: 'segment.cancel'; readonly code: FaultCode }
  | { readonly type: 'segment.rest' }
  | { readonly type: 'segment.release' };

/** What a segment tells the coordinator. */
export type SegmentFact =
  | { readonly type: 'segment.opened'; readonly segmentId: number; readonly mirrorId: number; readonly head: LeaseHead; readonly atMs: number }
  | { readonly type: 'segment.shrunk'; readonly segmentId: number; readonly end: number }
  | {
      readonly type: 'segment.settled';
      readonly segmentId: number;
      readonly mirrorId: number;
      readonly writtenEnd: number;
      readonly outcome: LeaseOutcome;
      readonly atMs: number;
    };

/** What the coordinator tells or orders a server. */
export type ServerOrder =
  | { readonly type: 'server.leased'; readonly lanes: number; readonly atMs: number }
  | { readonly type: 'server.answered'; readonly head: LeaseHead; readonly atMs: number }
  | {
      readonly type: 'server.settled';
      readonly outcome: LeaseOutcome;
      readonly lanesLeft: number;
      readonly deliveredBytes: number;
      readonly writtenEnd: number;
      readonly atMs: number;
    }
  | { readonly type: 'server.measured'; readonly inFlightBytes: number; readonly lanes: number; readonly mayTryMore: boolean; readonly atMs: number }
  | { readonly type: 'server.limit'; readonly maxLanes: number }
  | { readonly type: 'server.refuse'; readonly code: FaultCode; readonly detail: string; readonly atMs: number }
  | { readonly type: 'server.convict'; readonly code: FaultCode; readonly detail: string; readonly atMs: number }
  | { readonly type: 'server.finish' };

/** What a server tells the coordinator. */
export type ServerFact =
  | { readonly type: 'server.available'; readonly mirrorId: number }
  | { readonly type: 'server.lost'; readonly mirrorId: number; readonly code: FaultCode; readonly detail: string; readonly retryInMs: number }
  | { readonly type: 'server.returned'; readonly mirrorId: number }
  | { readonly type: 'server.ended'; readonly mirrorId: number; readonly code: FaultCode | null };

/** What is asked of a mirror only to be compared. */
export interface SampleInput {
  readonly mirrorId: number;
  readonly aim: SampleAim;
  readonly ranges: readonly ByteRange[];
  /** Each range is hashed in blocks of this length. */
  readonly blockBytes: number;
  /** Whether the part file’s own bytes of a range are hashed, too. */
  readonly inFile: readonly boolean[];
  readonly totalBytes: number;
}

/** What a sample tells the coordinator: hashes, never bytes. */
export type SampleFact =
  | {
      readonly type: 'sample.answered';
      readonly mirrorId: number;
      readonly aim: SampleAim;
      readonly ranges: readonly ByteRange[];
      /** By range and block; null for a range that the mirror cannot give. */
      readonly hashes: readonly (readonly string[] | null)[];
      /** The same of the part file; null where it was not asked for. */
      readonly fileHashes: readonly (readonly string[] | null)[];
      /** Where whole stretches differ from the part file; none where that was not looked for. */
      readonly differences: readonly Difference[];
      /** The validators that the answers carried. */
      readonly validators: readonly string[];
      readonly atMs: number;
    }
  | {
      readonly type: 'sample.failed';
      readonly mirrorId: number;
      readonly aim: SampleAim;
      readonly ranges: readonly ByteRange[];
      readonly code: FaultCode;
      readonly detail: string;
      /** How long the mirror asked to be left alone; null where it did not. */
      readonly retryAfterMs: number | null;
      /** Body bytes that came before it failed. */
      readonly receivedBytes: number;
      readonly atMs: number;
    };

/** What is told of a piece whose hash was made: SHA-256 of the parts that were asked for, in their order. */
export type PieceFact =
  | { readonly type: 'piece.proved'; readonly index: number; readonly hashes: readonly string[]; readonly atMs: number }
  | { readonly type: 'piece.refuted'; readonly index: number; readonly hashes: readonly string[]; readonly atMs: number };

/** What is told of bytes that an earlier run left before a restart of the machine, as they are read back. */
export interface RecoveryFact {
  readonly type: 'recovery.read';
  /** They have their CRC-32, and count. */
  readonly held: RangeSet;
  /** They have not: they are fetched again. */
  readonly lost: RangeSet;
  /** Still to be read. */
  readonly left: RangeSet;
  readonly atMs: number;
}

/** What the outside (a user, the library, the clock, the disk) tells the coordinator. */
export type OutsideEvent =
  | {
      readonly type: 'clock.ticked';
      readonly atMs: number;
      readonly readings: readonly { readonly segmentId: number; readonly writtenEnd: number }[];
      /** For which share of the time since the last tick our own event loop was at work, 0 to 1. */
      readonly busyShare: number;
    }
  | { readonly type: 'name.unanswered'; readonly mirrorId: number; readonly code: FaultCode; readonly detail: string; readonly retryAfterMs: number | null; readonly atMs: number }
  | { readonly type: 'mirror.add'; readonly mirrorId: number; readonly url: string }
  | { readonly type: 'mirror.drop'; readonly mirrorId: number }
  | { readonly type: 'mirror.restore'; readonly mirrorId: number; readonly url: string }
  | { readonly type: 'lanes.set'; readonly mirrorId: number; readonly maxLanes: number }
  | { readonly type: 'limit.set'; readonly rateBytesPerSec: number | null }
  | { readonly type: 'download.pause' }
  | { readonly type: 'download.resume' }
  | { readonly type: 'download.stop'; readonly reason: EndReason };

export type CoordinatorEvent = SegmentFact | ServerFact | SampleFact | PieceFact | RecoveryFact | OutsideEvent | { readonly type: 'plan.due' };

/** One sentence an event: the machines' dictionary. */
export const EVENT_SENTENCES: Record<
  (TransferFact | TransferOrder | SegmentOrder | SegmentFact | ServerOrder | ServerFact | OutsideEvent | CoordinatorEvent)['type'],
  string
> = {
  'lease.opened': 'The server’s answer has been checked and accepted; bytes follow.',
  'lease.shrunk': 'The lane has answered where the lease really ends now.',
  'lease.ended': 'The writer has drained: nothing more will be written under this lease.',
  'lease.shrink': 'Stop at an earlier end, if it is not written past already.',
  'lease.cancel': 'Stop now, keep what is written, and say when the writer has drained.',
  'segment.take': 'A resting segment goes to this server, down to this end.',
  'segment.shrink': 'End sooner, so that another server can have the tail.',
  'segment.cancel': 'Stop at this server, for this reason, and wait for the writer.',
  'segment.rest': 'Wait for another server.',
  'segment.release': 'Nobody needs the rest of this segment: it is over.',
  'segment.opened': 'A server has answered for this segment.',
  'segment.shrunk': 'The segment’s end has moved; what lies beyond is free.',
  'segment.settled': 'The segment’s writer has drained, with its range done or with a failure.',
  'server.leased': 'The server has been given a lane’s worth of work.',
  'server.answered': 'The server has given a response that was accepted.',
  'server.settled': 'One of the server’s lanes has finished or failed.',
  'server.measured': 'The counters have been read: so much is in flight from this server.',
  'server.limit': 'The server may have at most so many lanes.',
  'server.refuse': 'The mirrors’ vote went against this server, or the user does not want it: it is out.',
  'server.convict': 'The server was shown to have sent wrong bytes: nothing it says is believed any more.',
  'server.finish': 'The file is whole: the server has done its part.',
  'server.available': 'The server can be asked (again).',
  'server.lost': 'No lane of this server delivers; it is left alone for a while.',
  'server.returned': 'A server that had failed delivers again.',
  'server.ended': 'The server takes no further part.',
  'sample.answered': 'A mirror has given the bytes that were asked for only to be compared.',
  'sample.failed': 'A mirror has not given the bytes that were asked for only to be compared.',
  'piece.proved': 'A piece of the file has the hash that was given for it.',
  'piece.refuted': 'A piece of the file does not have the hash that was given for it.',
  'recovery.read': 'Some of what an earlier run left before a restart of the machine was read back and held against its sums.',
  'clock.ticked': 'A tenth of a second has passed, and the counters stood so.',
  'name.unanswered': 'A mirror was asked what the file is called, and gave no answer.',
  'mirror.add': 'Another mirror of the file is to be used.',
  'mirror.drop': 'A mirror is not to be used any more.',
  'mirror.restore': 'A dropped or retired mirror is to be tried again.',
  'lanes.set': 'The user sets how many lanes a server may have.',
  'limit.set': 'The user sets how fast the whole download may be.',
  'download.pause': 'Stop all lanes and keep everything.',
  'download.resume': 'Go on from where it was paused.',
  'download.stop': 'End without the file, for this reason, and keep everything for a resume.',
  'plan.due': 'Something has changed that the plan depends on.',
};
