import type { ByteRange } from './range.ts';

/**
 * A set of bytes as sorted, disjoint, non-touching, non-empty ranges. Immutable: every function gives a new set, so
 * that a snapshot of a machine can hold one without copying it.
 */
export type RangeSet = readonly ByteRange[];

export const EMPTY: RangeSet = [];

/** The set that holds one range; an empty range gives the empty set. */
export const rangeSetOf = (range: ByteRange): RangeSet => (range.start < range.end ? [range] : EMPTY);

/** Index of the first range of `set` that ends after `offset`. */
export function indexAfter(set: RangeSet, offset: number): number {
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const range = set[middle];
    if (range !== undefined && range.end > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** `set` with the bytes of `range` added. */
export function add(set: RangeSet, range: ByteRange): RangeSet {
  if (range.start >= range.end) return set;
  // Ranges that merely touch are merged too, hence the search from one byte earlier.
  const first = indexAfter(set, range.start - 1);
  let last = first;
  let { start, end } = range;
  for (let at = set[last]; at !== undefined && at.start <= end; at = set[last]) {
    start = Math.min(start, at.start);
    end = Math.max(end, at.end);
    last += 1;
  }
  return [...set.slice(0, first), { start, end }, ...set.slice(last)];
}

/** `set` without the bytes of `range`. */
export function subtract(set: RangeSet, range: ByteRange): RangeSet {
  if (range.start >= range.end) return set;
  const first = indexAfter(set, range.start);
  const kept: ByteRange[] = [];
  let last = first;
  for (let at = set[last]; at !== undefined && at.start < range.end; at = set[last]) {
    if (at.start < range.start) kept.push({ start: at.start, end: range.start });
    if (at.end > range.end) kept.push({ start: range.end, end: at.end });
    last += 1;
  }
  return last === first ? set : [...set.slice(0, first), ...kept, ...set.slice(last)];
}

/** The bytes of `range` that `set` does not hold. */
export function gapsIn(set: RangeSet, range: ByteRange): RangeSet {
  let gaps = rangeSetOf(range);
  for (let index = indexAfter(set, range.start); index < set.length; index += 1) {
    const held = set[index];
    if (held === undefined || held.start >= range.end) break;
    gaps = subtract(gaps, held);
  }
  return gaps;
}

/** Whether `set` holds every byte of `range`. */
export const holds = (set: RangeSet, range: ByteRange): boolean => gapsIn(set, range).length === 0;

/** Whether `set` holds any byte of `range`. */
export function touches(set: RangeSet, range: ByteRange): boolean {
  if (range.start >= range.end) return false;
  const next = set[indexAfter(set, range.start)];
  return next !== undefined && next.start < range.end;
}

/** How many bytes `set` holds. */
export function bytesIn(set: RangeSet): number {
  let sum = 0;
  for (const range of set) sum += range.end - range.start;
  return sum;
}
