/**
 * What the rest of the program may ask of the disk: one part file, one journal, one publication. `open-store.ts`
 * makes one.
 */
import type { Difference } from '../base/difference.ts';
import type { ByteRange } from '../base/range.ts';
import type { RangeSet } from '../base/range-set.ts';
import type { BodySink } from '../net/data-plane.ts';

export type ChecksumAlgorithm = 'sha-256' | 'sha-512' | 'sha-1' | 'md5';

/** A digest of the whole file, as hex in lower case. */
export interface Checksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly hex: string;
}

/** Hashes of the file's pieces, in order; the last piece may be shorter. */
export interface PieceList {
  readonly lengthBytes: number;
  readonly algorithm: ChecksumAlgorithm;
  /** Hex in lower case. */
  readonly hashes: readonly string[];
}

/** What the part file holds of a piece. */
export interface PieceHashes {
  /** Of the whole piece. */
  readonly hex: string;
  /** SHA-256 of each part that was asked for, in hex. */
  readonly partHashes: readonly string[];
}

/** What a journal of an earlier run vouches for. */
export interface Recovered {
  readonly totalBytes: number;
  /** Bytes that are in the part file, by the redacted URL that gave them; sorted and disjoint. */
  readonly runs: readonly (ByteRange & { readonly url: string })[];
  /**
   * The same of mirrors that had been neither admitted nor refused when that run ended: they count once `admit` is
   * called for a mirror of that URL whose validator is the same still.
   */
  readonly provisional: readonly (ByteRange & { readonly url: string })[];
  /** The strong validator each redacted URL had then; null where it gave none. */
  readonly validators: ReadonlyMap<string, string | null>;
  /** Of all these, what was written before a restart of the machine: it has to be read back before it counts. */
  readonly unread: RangeSet;
}

/** A stretch of the part file was read back and held against its CRC-32. */
export interface ReadBack {
  /** It counts from now on. */
  readonly held: RangeSet;
  /** It is not what was written: nobody vouches for it any more. */
  readonly lost: RangeSet;
  /** What is still to be read back. */
  readonly left: RangeSet;
}

export interface StoreOptions {
  /** The final path, absolute. */
  readonly targetPath: string;
  /** Go on from a journal that fits; otherwise what an earlier run left is discarded. */
  readonly resume: boolean;
  /** Replace an existing regular file when publishing. */
  readonly force: boolean;
}

/**
 * The disk side of one download. Between `openStore` and exactly one of `publish`, `setAside` or `keep` it
 * holds the target's lock. File calls throw or reject with a `PlaitError` whose code begins with `disk` or `target`.
 */
export interface Store extends BodySink {
  readonly targetPath: string;
  /** What an earlier run left, or null for a fresh start. Forgotten after `startOver`. */
  readonly recovered: Recovered | null;
  /** Reads back what an earlier run left before a restart of the machine, and tells of each part; ends with all of it. */
  readBack(tell: (part: ReadBack) => void): Promise<void>;
  /** Names a mirror before its first byte, so that the journal can tell who gave what. `url` is redacted. */
  addSource(mirrorId: number, url: string, validator: string | null): void;
  /** The size holds from now on; the journal begins with it. Without it nothing is recorded. */
  settleSize(totalBytes: number): void;
  /** A mirror's bytes count: what it gave so far, and gives from now on, goes into the journal. */
  admit(mirrorId: number): void;
  /**
   * A mirror's bytes do not count: the journal forgets them, and those its redacted URL gave in earlier runs. What of
   * them was `proved` by a hash counts, and is nobody's from now on.
   */
  refuse(mirrorId: number, proved?: RangeSet): void;
  /** Forgets every byte, recovered ones too: the servers have another version now. Mirrors are to be admitted again. */
  startOver(): void;
  /** Records what is written but not yet recorded. */
  flush(): void;
  /** Hashes the bytes below `front`, in a worker, following the written front upward. Called again as it grows. */
  hashUpTo(algorithm: ChecksumAlgorithm, front: number): void;
  /** The digest of the first `totalBytes` bytes, in hex; waits for the worker to reach them. */
  digest(algorithm: ChecksumAlgorithm, totalBytes: number, signal: AbortSignal): Promise<string>;
  /** The hash of a piece, and SHA-256 of parts of it, made in a worker. */
  hashPiece(algorithm: ChecksumAlgorithm, piece: ByteRange, parts: readonly ByteRange[]): Promise<PieceHashes>;
  /** The bytes of `range` are wrong: the journal vouches for them no more, whoever gave them. */
  forget(range: ByteRange): void;
  /** What a mirror has of a block that differs from what stands in the file: the bytes that do are kept beside it, to be exchanged perhaps. */
  keepDifferences(mirrorId: number, range: ByteRange, bytes: Uint8Array): readonly Difference[];
  /** What a mirror has of such bytes: kept beside them, all of it. */
  keepVersion(mirrorId: number, start: number, bytes: Uint8Array): void;
  /** Bytes that one mirror gave make way for another's version of them, which was kept, and are kept in its place: it takes no room. */
  exchangeVersion(range: ByteRange, fromId: number, toId: number): void;
  /** SHA-256 in hex of a range of the part file, in blocks of so many bytes from its start: to be compared with others' bytes. */
  hashBlocks(range: ByteRange, blockBytes: number): Promise<readonly string[]>;
  /** fsync, then the final name appears once, whole; part file and journal go. Gives the final path. */
  publish(totalBytes: number): Promise<string>;
  /** Renames the part file to `NAME.plait-bad`, never to be resumed, and gives that path; null where no byte had come. */
  setAside(): Promise<string | null>;
  /** Leaves part file and journal for a resume. */
  keep(): Promise<void>;
}
