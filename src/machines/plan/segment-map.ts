/**
 * Who has which bytes of the file. Every byte is in one of three places: free, held by a segment, or written (and then
 * it is known who gave it). Immutable; only the coordinator changes it.
 */
import type { ByteRange } from '../../base/range.ts';
import { lengthOf, overlapOf } from '../../base/range.ts';
import { add, bytesIn, EMPTY, gapsIn, rangeSetOf, subtract } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import { measured, NO_SAMPLES } from './rate-meter.ts';
import type { RateMeter } from './rate-meter.ts';

/** The size of a file whose size nobody has told yet. */
export const UNKNOWN_TOTAL = Number.MAX_SAFE_INTEGER;

/** A range that a segment holds. */
export interface Holding extends ByteRange {
  readonly segmentId: number;
  /** The server that writes it; null while the segment rests. */
  readonly mirrorId: number | null;
  /** The server that failed it last; null for one that has not failed. */
  readonly failedMirrorId: number | null;
  readonly manner: 'range' | 'whole';
  /** `[start, writtenEnd)` is in the part file. */
  readonly writtenEnd: number;
  /** An end that the lane has been asked for and has not yet answered. */
  readonly askedEnd: number | null;
  /** When the server's answer was accepted; null before. */
  readonly openedAtMs: number | null;
  /** When bytes came last (or the lease began). */
  readonly movedAtMs: number;
  readonly meter: RateMeter;
}

/** Bytes in the part file and the mirror that gave them. */
export interface Run extends ByteRange {
  readonly mirrorId: number;
}

export interface SegmentMap {
  readonly totalBytes: number;
  readonly free: RangeSet;
  readonly held: ReadonlyMap<number, Holding>;
  /** Sorted and disjoint. */
  readonly written: readonly Run[];
  /** Of what is written, what an earlier run left. */
  readonly recovered: RangeSet;
}

/** A map of a file of which `written` is there already, from an earlier run. */
export function layMap(totalBytes: number, written: readonly Run[] = []): SegmentMap {
  let free = rangeSetOf({ start: 0, end: totalBytes });
  for (const run of written) free = subtract(free, run);
  return { totalBytes, free, held: new Map(), written, recovered: written.reduce(add, EMPTY) };
}

export const sizeKnown = (map: SegmentMap): boolean => map.totalBytes !== UNKNOWN_TOTAL;

/** Bytes in the part file, those of unfinished segments included. */
export function writtenBytes(map: SegmentMap): number {
  let sum = bytesIn(map.written);
  for (const holding of map.held.values()) sum += holding.writtenEnd - holding.start;
  return sum;
}

/** Whether every byte is written and no segment is left. */
export const isComplete = (map: SegmentMap): boolean =>
  sizeKnown(map) && map.free.length === 0 && map.held.size === 0;

const withHeld = (map: SegmentMap, segmentId: number, holding: Holding | null): ReadonlyMap<number, Holding> => {
  const held = new Map(map.held);
  if (holding === null) held.delete(segmentId);
  else held.set(segmentId, holding);
  return held;
};

/** Adds `run`, merging it with neighbours of the same mirror. */
function withRun(written: readonly Run[], run: Run): readonly Run[] {
  if (run.start >= run.end) return written;
  let at = 0;
  let high = written.length;
  while (at < high) {
    const middle = (at + high) >>> 1;
    if ((written[middle]?.start ?? Infinity) < run.start) at = middle + 1;
    else high = middle;
  }
  const before = written[at - 1];
  const after = written[at];
  const joinsBefore = before !== undefined && before.end === run.start && before.mirrorId === run.mirrorId;
  const joinsAfter = after !== undefined && after.start === run.end && after.mirrorId === run.mirrorId;
  const joined: Run = {
    mirrorId: run.mirrorId,
    start: joinsBefore ? before.start : run.start,
    end: joinsAfter ? after.end : run.end,
  };
  return [...written.slice(0, joinsBefore ? at - 1 : at), joined, ...written.slice(joinsAfter ? at + 1 : at)];
}

export interface LeaseGrant extends ByteRange {
  readonly segmentId: number;
  readonly mirrorId: number;
  readonly manner: 'range' | 'whole';
  readonly atMs: number;
}

/** Free bytes become a segment's. The range must be free. */
export function grant(map: SegmentMap, lease: LeaseGrant): SegmentMap {
  const { atMs, ...rest } = lease;
  const holding: Holding = { ...rest, failedMirrorId: null, writtenEnd: lease.start, askedEnd: null, openedAtMs: null, movedAtMs: atMs, meter: NO_SAMPLES };
  return { ...map, free: subtract(map.free, lease), held: withHeld(map, lease.segmentId, holding) };
}

/** A resting segment goes to a server, down to `lease.end`; the tail becomes free. */
export function regrant(map: SegmentMap, lease: LeaseGrant): SegmentMap {
  const holding = map.held.get(lease.segmentId);
  if (holding === undefined) return map;
  const freed = { ...map, free: add(map.free, holding), held: withHeld(map, lease.segmentId, null) };
  return grant(freed, lease);
}

/** The server's answer was accepted. */
export function opened(map: SegmentMap, segmentId: number, atMs: number): SegmentMap {
  const holding = map.held.get(segmentId);
  if (holding === undefined) return map;
  const meter = measured(NO_SAMPLES, { atMs, bytes: holding.writtenEnd });
  return { ...map, held: withHeld(map, segmentId, { ...holding, openedAtMs: atMs, movedAtMs: atMs, meter }) };
}

/** The counters' reading of several segments at once. */
export function advanced(
  map: SegmentMap,
  readings: readonly { readonly segmentId: number; readonly writtenEnd: number }[],
  atMs: number,
): SegmentMap {
  if (readings.length === 0) return map;
  const held = new Map(map.held);
  for (const { segmentId, writtenEnd } of readings) {
    const holding = held.get(segmentId);
    // A reading may be of a lease that has ended since, or be older than what the lane's own answer told.
    if (holding === undefined || holding.openedAtMs === null || writtenEnd < holding.writtenEnd) continue;
    const movedAtMs = writtenEnd > holding.writtenEnd ? atMs : holding.movedAtMs;
    const meter = measured(holding.meter, { atMs, bytes: writtenEnd });
    held.set(segmentId, { ...holding, writtenEnd: Math.min(writtenEnd, holding.end), movedAtMs, meter });
  }
  return { ...map, held };
}

/** The lane has been asked to end the segment at `end`. */
export function askedToShrink(map: SegmentMap, segmentId: number, end: number): SegmentMap {
  const holding = map.held.get(segmentId);
  return holding === undefined ? map : { ...map, held: withHeld(map, segmentId, { ...holding, askedEnd: end }) };
}

/** The lane has answered: the segment ends at `end`, and the tail is free. */
export function shrunk(map: SegmentMap, segmentId: number, end: number): SegmentMap {
  const holding = map.held.get(segmentId);
  if (holding === undefined) return map;
  const newEnd = Math.min(Math.max(end, holding.writtenEnd), holding.end);
  const free = add(map.free, { start: newEnd, end: holding.end });
  return { ...map, free, held: withHeld(map, segmentId, { ...holding, end: newEnd, askedEnd: null }) };
}

/** The segment's writer has drained at `writtenEnd`: that much is written, and the segment rests with what is left. */
export function drained(map: SegmentMap, segmentId: number, writtenEnd: number): SegmentMap {
  const holding = map.held.get(segmentId);
  if (holding === undefined || holding.mirrorId === null) return map;
  const start = Math.min(Math.max(writtenEnd, holding.start), holding.end);
  const written = withRun(map.written, { start: holding.start, end: start, mirrorId: holding.mirrorId });
  const resting: Holding = { ...holding, start, writtenEnd: start, mirrorId: null, failedMirrorId: holding.mirrorId, askedEnd: null, openedAtMs: null, meter: NO_SAMPLES };
  return { ...map, written, held: withHeld(map, segmentId, resting) };
}

/** A resting segment ends; what it had left is free. */
export function released(map: SegmentMap, segmentId: number): SegmentMap {
  const holding = map.held.get(segmentId);
  if (holding === undefined) return map;
  return { ...map, free: add(map.free, holding), held: withHeld(map, segmentId, null) };
}

/** The size becomes known: everything beyond it is cut off. Nothing beyond it may be written. */
export function settleTotal(map: SegmentMap, totalBytes: number): SegmentMap {
  const held = new Map<number, Holding>();
  for (const [segmentId, holding] of map.held) {
    const end = Math.min(holding.end, totalBytes);
    const start = Math.min(holding.start, end);
    held.set(segmentId, { ...holding, start, end, writtenEnd: Math.min(holding.writtenEnd, end) });
  }
  return { ...map, totalBytes, held, free: subtract(map.free, { start: totalBytes, end: UNKNOWN_TOTAL }) };
}

/** Everything a mirror wrote, but for its unfinished segments and what is in `kept`, is free again. */
export function forgotten(map: SegmentMap, mirrorId: number, kept: RangeSet = EMPTY): SegmentMap {
  let { free, recovered } = map;
  const written: Run[] = [];
  for (const run of map.written) {
    if (run.mirrorId !== mirrorId) {
      written.push(run);
      continue;
    }
    const lost = gapsIn(kept, run);
    let left = rangeSetOf(run);
    for (const part of lost) {
      free = add(free, part);
      recovered = subtract(recovered, part);
      left = subtract(left, part);
    }
    for (const part of left) written.push({ ...part, mirrorId });
  }
  return { ...map, free, written, recovered };
}

/** Written bytes of `range`, whoever gave them, are free again. */
export function freed(map: SegmentMap, range: ByteRange): SegmentMap {
  let { free } = map;
  const recovered = subtract(map.recovered, range);
  const written: Run[] = [];
  for (const run of map.written) {
    const lost = overlapOf(run, range);
    if (lost === null) {
      written.push(run);
      continue;
    }
    free = add(free, lost);
    for (const part of subtract([run], lost)) written.push({ ...part, mirrorId: run.mirrorId });
  }
  return { ...map, free, written, recovered };
}

/** Written bytes of `range`, whoever gave them, are this mirror's from now on; those of number 0 are an earlier run's. */
export function givenAnew(map: SegmentMap, range: ByteRange, mirrorId: number): SegmentMap {
  let { written, recovered } = freed(map, range);
  for (const run of map.written) {
    const part = overlapOf(run, range);
    if (part === null) continue;
    written = withRun(written, { ...part, mirrorId });
    if (mirrorId === 0) recovered = add(recovered, part);
  }
  return { ...map, written, recovered };
}

/** Up to where the file is written without a gap: what a digest can follow. */
export function writtenFront(map: SegmentMap): number {
  let front = 0;
  const heads = [...map.held.values()].map((holding) => ({ start: holding.start, end: holding.writtenEnd }));
  const runs: ByteRange[] = [...map.written, ...heads].sort((a, b) => a.start - b.start);
  for (const run of runs) {
    if (run.start > front) break;
    front = Math.max(front, run.end);
  }
  return front;
}

/**
 * Rule 2, conservation: free + held + written = total, and nothing in two places. Throws where it does not hold: a map
 * that has lost a byte must not go on.
 */
export function assertConserved(map: SegmentMap): void {
  let sum = bytesIn(map.free) + bytesIn(map.written);
  for (const holding of map.held.values()) sum += lengthOf(holding);
  if (sum !== map.totalBytes) {
    throw new Error(`The segment map lost its balance: ${sum} bytes are accounted for of ${map.totalBytes}.`);
  }
}

/** Whether any segment has more written in `after` than in `before`. */
export function hasMoved(before: SegmentMap, after: SegmentMap): boolean {
  for (const [segmentId, holding] of after.held) {
    if (holding.writtenEnd > (before.held.get(segmentId)?.writtenEnd ?? holding.writtenEnd)) return true;
  }
  return false;
}
