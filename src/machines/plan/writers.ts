/** What each server has in hand, by the map: worked out once for each version of it. */
import { remembered } from '../../base/remembered.ts';
import type { SegmentMap } from './segment-map.ts';

export interface Writing {
  /** Segments that it writes. */
  readonly lanes: number;
  /** Written by them so far. */
  readonly inFlightBytes: number;
  /** All that they are to write. */
  readonly heldBytes: number;
}

const NOTHING_IN_HAND: Writing = { lanes: 0, inFlightBytes: 0, heldBytes: 0 };

const writingIn = remembered((held: SegmentMap['held']): ReadonlyMap<number, Writing> => {
  const byMirror = new Map<number, Writing>();
  for (const { mirrorId, start, writtenEnd, end } of held.values()) {
    if (mirrorId === null) continue;
    const { lanes, inFlightBytes, heldBytes } = byMirror.get(mirrorId) ?? NOTHING_IN_HAND;
    byMirror.set(mirrorId, { lanes: lanes + 1, inFlightBytes: inFlightBytes + writtenEnd - start, heldBytes: heldBytes + end - start });
  }
  return byMirror;
});

/** What a server has in hand. */
export const writingOf = ({ held }: SegmentMap, mirrorId: number): Writing => writingIn(held).get(mirrorId) ?? NOTHING_IN_HAND;

/** How many lanes a server has at work. */
export const lanesAt = (map: SegmentMap, mirrorId: number): number => writingOf(map, mirrorId).lanes;

/** How many lanes are at work in all. */
export const lanesInAll = ({ held }: SegmentMap): number => [...writingIn(held).values()].reduce((sum, { lanes }) => sum + lanes, 0);

/** Whether any segment still has a writer. */
export const hasWriters = ({ held }: SegmentMap): boolean => writingIn(held).size > 0;
