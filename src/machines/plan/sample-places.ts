import { SAMPLE_ALL_SHARE, SAMPLE_BYTES_MAX, SAMPLE_MIN_BYTES, SAMPLE_PLACES_MAX, SAMPLE_PLACES_MIN, SAMPLE_SHARE, SAMPLE_WHOLE_BYTES } from '../../base/bounds.ts';
import type { ByteRange } from '../../base/range.ts';
import { lengthOf } from '../../base/range.ts';
import { EMPTY, add, bytesIn, gapsIn } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import { nextRandom } from './random.ts';
import type { Seed } from './random.ts';

/** How many places, and how long each is. */
function sizesFor(totalBytes: number, mirrors: number, placesMax: number = SAMPLE_PLACES_MAX): { readonly places: number; readonly placeBytes: number } {
  const share = Math.min(SAMPLE_SHARE, SAMPLE_ALL_SHARE / Math.max(1, mirrors));
  const budgetBytes = Math.min(SAMPLE_BYTES_MAX, Math.floor(totalBytes * share));
  const places = Math.min(placesMax, Math.max(SAMPLE_PLACES_MIN, Math.floor(budgetBytes / SAMPLE_MIN_BYTES)));
  return { places, placeBytes: Math.max(SAMPLE_MIN_BYTES, Math.floor(budgetBytes / places)) };
}

/** The place at `share` (0 to 1) of what `within` holds, no longer than `placeBytes`. */
function placeAt(within: RangeSet, share: number, placeBytes: number): ByteRange | null {
  let offset = Math.floor(share * bytesIn(within));
  for (const range of within) {
    if (offset < lengthOf(range)) {
      const start = Math.max(range.start, Math.min(range.start + offset, range.end - placeBytes));
      return { start, end: Math.min(range.end, start + placeBytes) };
    }
    offset -= lengthOf(range);
  }
  return null;
}

/** So many places spread over `within`, one by chance in each equal share of it. */
function scattered(within: RangeSet, places: number, placeBytes: number, seed: Seed): RangeSet {
  let found: RangeSet = EMPTY;
  let chance = seed;
  for (let index = 0; index < places; index += 1) {
    const next = nextRandom(chance);
    chance = next.seed;
    const place = placeAt(within, (index + next.value) / places, placeBytes);
    if (place !== null) for (const part of gapsIn(found, place)) found = add(found, part);
  }
  return found;
}

/**
 * Where the mirrors of a file are compared: its first and its last bytes, and a few places by chance between them, or
 * among the bytes of an earlier run where there are any, because those are to be compared too. A small file is one
 * place. Sorted and disjoint.
 *
 * @param mirrors how many will be asked: together they are asked for no more than a hundredth of the file
 */
export function samplePlaces(totalBytes: number, mirrors: number, seed: Seed, earlier: RangeSet): readonly ByteRange[] {
  if (totalBytes <= 0) return [];
  if (totalBytes <= SAMPLE_WHOLE_BYTES) return [{ start: 0, end: totalBytes }];
  const { places, placeBytes } = sizesFor(totalBytes, mirrors);
  const ends = add(add(EMPTY, { start: 0, end: placeBytes }), { start: totalBytes - placeBytes, end: totalBytes });
  const between = { start: placeBytes, end: totalBytes - placeBytes };
  const left = earlier.length === 0 ? [between] : earlier.flatMap((range) => gapsIn(ends, range));
  const middle = scattered(left, Math.max(places - ends.length, earlier.length === 0 ? 0 : 1), placeBytes, seed);
  return [...ends, ...middle].sort((a, b) => a.start - b.start);
}

/** Places among the bytes that a mirror gave, to be held against those of another: few, since the end may be waiting for them. */
export function givenPlaces(given: RangeSet, seed: Seed): readonly ByteRange[] {
  const { places, placeBytes } = sizesFor(bytesIn(given), 1, SAMPLE_PLACES_MIN);
  return scattered(given, places, placeBytes, seed);
}

/** Places among the bytes that are written, to hold a mirror's present bytes against. */
export const recheckPlaces = (written: RangeSet, totalBytes: number, seed: Seed): readonly ByteRange[] =>
  scattered(written, SAMPLE_PLACES_MAX, sizesFor(totalBytes, 1).placeBytes, seed);
