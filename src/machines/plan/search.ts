/**
 * The search for wrong bytes when all that is known is that the whole file has the wrong hash: every stretch gets a
 * second opinion, and where two differ a third. Pure.
 */
import { SEARCH_BLOCK_BYTES, SEARCH_STRETCH_BYTES } from '../../base/bounds.ts';
import type { ByteRange } from '../../base/range.ts';
import type { EndReason } from './ending.ts';
import type { Run } from './segment-map.ts';

/** A block of which mirrors have told unlike hashes. */
export interface Conflict extends ByteRange {
  /** Who gave what stands in the file. */
  readonly giverId: number;
  readonly fileHash: string;
  /** What each mirror that was asked has there. */
  readonly opinions: ReadonlyMap<number, string>;
}

export interface Search {
  /** How the checksum failed: the end, where nothing is found. */
  readonly reason: EndReason;
  /** Stretches that nobody has looked at a second time. */
  readonly todo: readonly Run[];
  /** By the mirror that is asked. */
  readonly asking: ReadonlyMap<number, Run | Conflict>;
  /** Found and not decided. */
  readonly open: readonly Conflict[];
  readonly decided: readonly Decided[];
  /** Of two that differ, with no third to ask: the one that is held to lie. The other comes next. */
  readonly suspectId: number | null;
  readonly isTurned: boolean;
}

export interface Decided extends Conflict {
  /** The hash that is held to be right. */
  readonly rightHash: string;
  /** As many said so as said otherwise: only a try can tell. */
  readonly isTie: boolean;
}

/** Everything in the part file, in stretches of one giver. */
export function stretchesOf(written: readonly Run[]): readonly Run[] {
  const stretches: Run[] = [];
  for (const { start, end, mirrorId } of written) {
    for (let at = start; at < end; at += SEARCH_STRETCH_BYTES) stretches.push({ start: at, end: Math.min(end, at + SEARCH_STRETCH_BYTES), mirrorId });
  }
  return stretches;
}

/** Where a second opinion on a stretch differs from what stands there, block by block. */
export function conflictsIn(stretch: Run, checkerId: number, hashes: readonly string[], fileHashes: readonly string[]): readonly Conflict[] {
  return fileHashes.flatMap((fileHash, index) => {
    const hash = hashes[index];
    if (hash === undefined || hash === fileHash) return [];
    const start = stretch.start + index * SEARCH_BLOCK_BYTES;
    return [{ start, end: Math.min(stretch.end, start + SEARCH_BLOCK_BYTES), giverId: stretch.mirrorId, fileHash, opinions: new Map([[checkerId, hash]]) }];
  });
}

/** All that was said of a block, its giver's word included. */
export const wordsOn = ({ giverId, fileHash, opinions }: Conflict): ReadonlyMap<number, string> => new Map([[giverId, fileHash], ...opinions]);

/** Mirrors of which a majority has shown that their bytes are wrong. */
export const guiltyIn = ({ decided }: Search): ReadonlySet<number> => wrongIn(decided.filter(({ isTie }) => !isTie));

/** Whoever of those who spoke is known to be wrong, or else the one that is suspected. */
export const suspectIn = (search: Search, conflict: Conflict): number => {
  const guilty = guiltyIn(search);
  return [...wordsOn(conflict).keys()].find((mirrorId) => guilty.has(mirrorId)) ?? search.suspectId ?? conflict.giverId;
};

/** What the guilty gave, and nobody has looked at again: it comes first. */
export function urgentOf(search: Search): readonly Run[] {
  const guilty = guiltyIn(search);
  return search.todo.filter(({ mirrorId }) => guilty.has(mirrorId));
}

/** The hash that most have told; among equals the one that the suspect has not told. */
export function decide(conflict: Conflict, suspectId: number): Decided {
  const words = wordsOn(conflict);
  const votes = new Map<string, number>();
  for (const hash of words.values()) votes.set(hash, (votes.get(hash) ?? 0) + 1);
  const most = Math.max(...votes.values());
  const leaders = [...votes].filter(([, count]) => count === most).map(([hash]) => hash);
  const rightHash = leaders.find((hash) => hash !== words.get(suspectId)) ?? leaders[0] ?? conflict.fileHash;
  return { ...conflict, rightHash, isTie: leaders.length > 1 };
}

/** Mirrors that told something else than what is held to be right. */
export const wrongIn = (decided: readonly Decided[]): ReadonlySet<number> =>
  new Set(decided.flatMap((each) => [...wordsOn(each)].filter(([, hash]) => hash !== each.rightHash).map(([mirrorId]) => mirrorId)));
