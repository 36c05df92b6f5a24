/**
 * The book of pieces: which ones were proved by their hash, and who gave what of those that were not. Pure; whoever
 * knows the hashes is asked by effects and answers with events.
 */
import { PIECES_IN_CHECK_MAX } from '../../base/bounds.ts';
import type { ByteRange } from '../../base/range.ts';
import { overlapOf } from '../../base/range.ts';
import { EMPTY, add, gapsIn } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import type { Run, SegmentMap } from './segment-map.ts';

/** How the file is cut into pieces. */
export interface PieceGrid {
  readonly lengthBytes: number;
  readonly count: number;
}

/** What a mirror gave of a piece that failed its hash. */
export interface Evidence extends Run {
  /** SHA-256 of those bytes, in hex. */
  readonly hash: string;
}

export interface PieceBook {
  /** Bytes of pieces that have their hash. */
  readonly proved: RangeSet;
  /** Pieces whose hash is being made, with who had given what of them. */
  readonly checking: ReadonlyMap<number, readonly Run[]>;
  /** Pieces that failed, until the right bytes have come: all that was ever given of them. */
  readonly suspects: ReadonlyMap<number, SuspectPiece>;
  /** Failed pieces whose bytes have not been freed yet, because a lane was still at work in them. */
  readonly unfreed: ReadonlySet<number>;
}

export interface SuspectPiece {
  readonly evidence: readonly Evidence[];
  readonly tries: number;
  /** Mirrors that gave the whole of it at once, wrongly. */
  readonly soleGivers: ReadonlySet<number>;
}

export const NO_PIECES: PieceBook = { proved: EMPTY, checking: new Map(), suspects: new Map(), unfreed: new Set() };

/** Where a piece lies. */
export const pieceRange = ({ lengthBytes }: PieceGrid, index: number, totalBytes: number): ByteRange => ({
  start: index * lengthBytes,
  end: Math.min(totalBytes, (index + 1) * lengthBytes),
});

/** How many pieces of this length a file of this size has. */
export const piecesOf = ({ lengthBytes }: PieceGrid, totalBytes: number): number => Math.ceil(totalBytes / lengthBytes);

/** Whether a file of this size has so many pieces. */
export const fits = (grid: PieceGrid, totalBytes: number): boolean => piecesOf(grid, totalBytes) === grid.count;

/** Everything in the part file with who gave it, unfinished segments included. */
function runsOf(map: SegmentMap): readonly Run[] {
  const heads = [...map.held.values()].flatMap(({ start, writtenEnd, mirrorId }) => (mirrorId === null || start >= writtenEnd ? [] : [{ start, end: writtenEnd, mirrorId }]));
  return heads.length === 0 ? map.written : [...map.written, ...heads].sort((a, b) => a.start - b.start);
}

/** Who gave what of `range`; neighbours of one mirror are one. */
export function givenIn(map: SegmentMap, range: ByteRange): readonly Run[] {
  const parts: { start: number; end: number; mirrorId: number }[] = [];
  for (const run of runsOf(map)) {
    const part = overlapOf(run, range);
    if (part === null) continue;
    const last = parts.at(-1);
    if (last !== undefined && last.end === part.start && last.mirrorId === run.mirrorId) last.end = part.end;
    else parts.push({ ...part, mirrorId: run.mirrorId });
  }
  return parts;
}

/**
 * The next pieces to check: complete, neither proved nor refuted nor being checked; a few at a time. Where the disk is
 * not sure of its bytes yet (`unread`), a wrong hash would be laid at the wrong door.
 */
export function piecesToCheck(map: SegmentMap, grid: PieceGrid, book: PieceBook, unread: RangeSet = EMPTY): readonly number[] {
  const room = PIECES_IN_CHECK_MAX - book.checking.size;
  if (room <= 0) return [];
  let done = unread.reduce((set, range) => add(set, range), book.proved);
  for (const index of [...book.checking.keys(), ...book.unfreed]) done = add(done, pieceRange(grid, index, map.totalBytes));
  const written: { start: number; end: number }[] = [];
  // Sorted and disjoint, so that each only has to be held against the one before it.
  for (const { start, end } of runsOf(map)) {
    const last = written.at(-1);
    if (last?.end === start) last.end = end;
    else written.push({ start, end });
  }
  const found: number[] = [];
  for (const range of written) {
    for (const gap of gapsIn(done, range)) {
      for (let index = Math.ceil(gap.start / grid.lengthBytes); index < grid.count && pieceRange(grid, index, map.totalBytes).end <= gap.end; index += 1) {
        found.push(index);
        if (found.length >= room) return found;
      }
    }
  }
  return found;
}

/** Whether the same mirrors have given the same parts. */
export const areSameParts = (a: readonly Run[], b: readonly Run[]): boolean =>
  a.length === b.length && a.every((part, index) => part.start === b[index]?.start && part.end === b[index]?.end && part.mirrorId === b[index]?.mirrorId);

/** Those who gave bytes that are not in the good piece. `hashes` are of the evidence’s ranges, in its order. */
export function convictsOf(suspect: SuspectPiece, hashes: readonly string[]): ReadonlySet<number> {
  return new Set(suspect.evidence.filter(({ hash, mirrorId }, index) => mirrorId !== 0 && hash !== hashes[index]).map(({ mirrorId }) => mirrorId));
}
