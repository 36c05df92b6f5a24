/**
 * The search for wrong bytes when all that is known is that the whole file has the wrong hash: every stretch gets a
 * second opinion, and where two differ a third. Each byte is asked for once more at most, and what others have of a
 * block that differs is kept, so that one version or the other can be tried without asking again. Pure.
 */
import { SEARCH_BLOCK_BYTES, SEARCH_STRETCHES, SEARCH_STRETCH_BYTES } from '../../base/bounds.ts';
import type { ByteRange } from '../../base/range.ts';
import { lengthOf } from '../../base/range.ts';
import type { EndReason } from './ending.ts';
import type { Run } from './segment-map.ts';

/** A block of which mirrors have told unlike hashes. */
export interface Conflict extends ByteRange {
  /** Who gave what stood in the file. */
  readonly giverId: number;
  readonly fileHash: string;
  /** What stands in the file now. */
  readonly standingHash: string;
  /** What each mirror that was asked has there. */
  readonly opinions: ReadonlyMap<number, string>;
}

export interface Decided extends Conflict {
  /** The hash that is held to be right. */
  readonly rightHash: string;
  /** As many said so as said otherwise: only a try can tell. */
  readonly isTie: boolean;
}

/** A block of the file that is to be another's from now on. */
export interface Swap extends ByteRange {
  readonly fromId: number;
  readonly toId: number;
}

export interface Search {
  /** How the checksum failed: the end, where nothing is found. */
  readonly reason: EndReason;
  /** Stretches that nobody has looked at a second time. */
  readonly todo: readonly Run[];
  /** By the mirror that is asked. */
  readonly asking: ReadonlyMap<number, Run | Conflict>;
  /** Bytes that were asked for, those on their way included. */
  readonly askedBytes: number;
  /** Found and not decided. */
  readonly open: readonly Conflict[];
  readonly decided: readonly Decided[];
  /** Blocks that were changed since the checksum was made last. */
  readonly untried: readonly Swap[];
  /** Of two that differ, with no third to ask: the one that is held to lie. The other comes next. */
  readonly suspectId: number | null;
  readonly isTurned: boolean;
}

export const newSearch = (reason: EndReason, written: readonly Run[], totalBytes: number): Search => ({
  reason,
  todo: stretchesOf(written, totalBytes),
  asking: new Map(),
  askedBytes: 0,
  open: [],
  decided: [],
  untried: [],
  suspectId: null,
  isTurned: false,
});

/** Everything in the part file, in stretches of one giver. */
export function stretchesOf(written: readonly Run[], totalBytes: number): readonly Run[] {
  const blocks = Math.ceil(Math.min(SEARCH_STRETCH_BYTES, totalBytes / SEARCH_STRETCHES) / SEARCH_BLOCK_BYTES);
  const stretchBytes = Math.max(1, blocks) * SEARCH_BLOCK_BYTES;
  const stretches: Run[] = [];
  for (const { start, end, mirrorId } of written) {
    for (let at = start; at < end; at += stretchBytes) stretches.push({ start: at, end: Math.min(end, at + stretchBytes), mirrorId });
  }
  return stretches;
}

/** Whether it may still be asked for: the search costs no more than the file once. */
export const isAffordable = ({ askedBytes }: Pick<Search, 'askedBytes'>, range: ByteRange, totalBytes: number): boolean => askedBytes + lengthOf(range) <= totalBytes;

/** Where a second opinion on a stretch differs from what stands there, block by block. */
export function conflictsIn(stretch: Run, checkerId: number, hashes: readonly string[], fileHashes: readonly string[]): readonly Conflict[] {
  return fileHashes.flatMap((fileHash, index) => {
    const hash = hashes[index];
    if (hash === undefined || hash === fileHash) return [];
    const start = stretch.start + index * SEARCH_BLOCK_BYTES;
    return [{ start, end: Math.min(stretch.end, start + SEARCH_BLOCK_BYTES), giverId: stretch.mirrorId, fileHash, standingHash: fileHash, opinions: new Map([[checkerId, hash]]) }];
  });
}

/** All that was said of a block, its giver's word included. */
export const wordsOn = ({ giverId, fileHash, opinions }: Conflict): ReadonlyMap<number, string> => new Map([...opinions, [giverId, fileHash]]);

/** Mirrors of which a majority has shown that their bytes are wrong. */
export const guiltyIn = ({ decided }: Search): ReadonlySet<number> => wrongIn(decided.filter(({ isTie }) => !isTie));

/** What the guilty and the suspected gave, and nobody has looked at again: it comes first, and all of it before a try. */
export function urgentOf(search: Search): readonly Run[] {
  const guilty = guiltyIn(search);
  return search.todo.filter(({ mirrorId }) => guilty.has(mirrorId) || mirrorId === search.suspectId);
}

/** Everything that could be learned before a try has been learned. */
export const isSettled = (search: Search): boolean => search.asking.size === 0 && search.open.length === 0 && urgentOf(search).length === 0;

/** Nothing is left to learn, and nothing to try. */
export const isExhausted = (search: Search): boolean => isSettled(search) && search.todo.length === 0 && search.untried.length === 0 && !canTurn(search);

/**
 * The hash that most have told, the guilty not counted where anybody else has spoken; among equals the one that the
 * suspect has not told.
 */
export function decide(conflict: Conflict, suspectId: number, guilty: ReadonlySet<number>): Decided {
  const words = wordsOn(conflict);
  const believed = [...words].filter(([mirrorId]) => !guilty.has(mirrorId));
  const votes = new Map<string, number>();
  for (const [, hash] of believed.length > 0 ? believed : words) votes.set(hash, (votes.get(hash) ?? 0) + 1);
  const most = Math.max(...votes.values());
  const leaders = [...votes].filter(([, count]) => count === most).map(([hash]) => hash);
  const rightHash = leaders.find((hash) => hash !== words.get(suspectId)) ?? leaders[0] ?? conflict.fileHash;
  return { ...conflict, rightHash, isTie: leaders.length > 1 };
}

/** The other of two that differ. */
export const turned = (decided: Decided): Decided => ({ ...decided, rightHash: [...wordsOn(decided).values()].find((hash) => hash !== decided.rightHash) ?? decided.rightHash });

/** Who is held to be right about a block: the giver where it is, because its bytes need no recording as another's. */
const sayerOf = (decided: Decided, hash: string): number =>
  decided.fileHash === hash ? decided.giverId : ([...decided.opinions].find(([, told]) => told === hash)?.[0] ?? decided.giverId);

/** What has to change in the file for the version that is held to be right; null for nothing. */
export function swapFor(decided: Decided): Swap | null {
  const { start, end, rightHash, standingHash } = decided;
  return rightHash === standingHash ? null : { start, end, fromId: sayerOf(decided, standingHash), toId: sayerOf(decided, rightHash) };
}

/** The same, when the exchange has been made. */
export const standing = (decided: Decided): Decided => ({ ...decided, standingHash: decided.rightHash });

/** Whether a block was decided by words of mirrors that are known for their wrong bytes by now: somebody else is to be asked. */
export const isShaken = (decided: Decided, guilty: ReadonlySet<number>): boolean =>
  !decided.isTie && [...wordsOn(decided)].every(([mirrorId, hash]) => hash !== decided.rightHash || guilty.has(mirrorId)) && decide(decided, decided.giverId, guilty).isTie;

export const canTurn = (search: Search): boolean => !search.isTurned && search.decided.some(({ isTie }) => isTie);

/** Mirrors that told something else than what is held to be right. */
export const wrongIn = (decided: readonly Decided[]): ReadonlySet<number> =>
  new Set(decided.flatMap((each) => [...wordsOn(each)].filter(([, hash]) => hash !== each.rightHash).map(([mirrorId]) => mirrorId)));
