/**
 * What is known of whether the mirrors serve one and the same file: samples of their bytes, the digests they offer, and
 * what an earlier run left.
 */
import type { ByteRange } from '../../base/range.ts';
import { EMPTY } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import type { LeaseHead } from '../../net/data-plane.ts';

export type OfferedDigest = NonNullable<LeaseHead['digest']>;

/** Why a mirror's bytes are asked for beside its leases. */
export type SampleAim =
  /** To be let in: its bytes at the agreed places against the other mirrors’. */
  | 'admission'
  /** It has changed its validator: its bytes against those that were written before. */
  | 'recheck'
  /** The file’s checksum has failed: whole stretches against the part file. */
  | 'search'
  /** …and where two have told unlike bytes there, one more word on those alone. */
  | 'opinion'
  /** What others gave and are not let in for yet: their bytes in the part file against this mirror’s. */
  | 'vouching';

/** What one mirror says of the bytes that another gave, at some of them. */
export interface Vouching {
  readonly voucherId: number;
  /** Where the two are compared; the giver’s bytes stand there in the part file. */
  readonly ranges: readonly ByteRange[];
  readonly says: 'nothing yet' | 'the same' | 'other bytes';
}

export interface SampleFailures {
  /** Of those that say something of the mirror: one that had to make way for its leases does not. */
  readonly count: number;
  /** Of the last one. */
  readonly atMs: number;
  /** So many lanes of the mirror were at work then, to which the sample was one too many; 0 where it was not. */
  readonly lanesThen: number;
}

export interface Trust {
  /** Where the mirrors are compared; none while the size is unknown. */
  readonly places: readonly ByteRange[];
  /** What each mirror has at the places; null where it could not tell. */
  readonly ballots: ReadonlyMap<number, readonly (string | null)[]>;
  /** The same of the part file, at places that were given by nobody who can be asked any more. */
  readonly fileBallot: readonly (string | null)[] | null;
  readonly digests: ReadonlyMap<number, OfferedDigest>;
  /** Samples under way, by mirror: one at a time. */
  readonly sampling: ReadonlyMap<number, SampleAim>;
  readonly failures: ReadonlyMap<number, SampleFailures>;
  /** Bytes that an earlier run vouched for and that still stand. */
  readonly earlier: RangeSet;
  /** Bytes of an earlier run that are being read back after a restart of the machine: they do not count yet. */
  readonly unread: RangeSet;
  /** Mirrors whose bytes differ and that were refused only because as many others, with other bytes, were named first. */
  readonly disputed: ReadonlySet<number>;
  /** What stands in the part file is not what the mirrors have: it has to be fetched anew. */
  readonly isFileOutvoted: boolean;
  /** Mirrors that have another version now, by their bytes or for want of any proof to the contrary. */
  readonly changed: ReadonlySet<number>;
  /** Segments whose answers came from an address that nobody has looked at: what they write is thrown away. */
  readonly strays: ReadonlySet<number>;
  /** Rechecks of mirrors whose validators come and go. */
  readonly rechecks: ReadonlyMap<number, number>;
  /** Validators of a mirror that were seen to stand for the same bytes. */
  readonly tags: ReadonlyMap<number, readonly string[]>;
  /** By the mirror whose bytes are vouched for. */
  readonly vouchings: ReadonlyMap<number, Vouching>;
  /** Bytes of the file in which at least two were seen to agree. */
  readonly crossCheckedBytes: number;
}

export const NO_TRUST: Trust = {
  places: [],
  ballots: new Map(),
  fileBallot: null,
  digests: new Map(),
  sampling: new Map(),
  failures: new Map(),
  earlier: EMPTY,
  unread: EMPTY,
  disputed: new Set(),
  isFileOutvoted: false,
  changed: new Set(),
  strays: new Set(),
  rechecks: new Map(),
  tags: new Map(),
  vouchings: new Map(),
  crossCheckedBytes: 0,
};
