/**
 * The search for wrong bytes when all that is known is that the whole file has the wrong hash: every stretch gets a
 * second opinion, and where two differ others are asked for the few bytes in which they do. Each byte is asked for once
 * more at most, and what others have in place of it is kept, so that one version or the other can be tried without
 * asking again. Pure.
 */
import { SEARCH_BLOCK_BYTES, SEARCH_STRETCHES, SEARCH_STRETCH_BYTES, SEARCH_WORD_BYTES } from '../../base/bounds.ts';
import type { Difference } from '../../base/difference.ts';
import type { ByteRange } from '../../base/range.ts';
import { lengthOf } from '../../base/range.ts';
import type { EndReason } from './ending.ts';
import type { Run } from './segment-map.ts';

/** Bytes of which mirrors have told unlike hashes. */
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
  /** As many said so as said otherwise, whoever is believed: only a try can tell for certain. */
  readonly isTie: boolean;
}

/** Bytes of the file that are to be another's from now on. */
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
  /** Mirrors of which a majority had shown that their bytes are wrong when something was decided last. */
  readonly guilty: ReadonlySet<number>;
  /** What was changed since the checksum was made last. */
  readonly untried: readonly Swap[];
  /** The versions of the file, by `signatureOf`, that do not have the checksum. */
  readonly tried: ReadonlySet<string>;
  /** The next try waits until so much has been asked for, or all that can be. */
  readonly tryAtBytes: number;
  /** Of two that differ, with no third to ask: the one that is held to lie. The other comes next. */
  readonly suspectId: number | null;
}

export const newSearch = (reason: EndReason, written: readonly Run[], totalBytes: number): Search => ({
  reason,
  todo: stretchesOf(written, totalBytes),
  asking: new Map(),
  askedBytes: 0,
  open: [],
  decided: [],
  guilty: new Set(),
  untried: [],
  tried: new Set(['']),
  tryAtBytes: 0,
  suspectId: null,
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

/** As much of a range as may still be asked for, because the search costs no more than the file once; null for nothing. */
export function affordable<Range extends ByteRange>({ askedBytes }: Search, range: Range, totalBytes: number): Range | null {
  const end = Math.min(range.end, range.start + totalBytes - askedBytes);
  return end > range.start ? { ...range, end } : null;
}

/** What a second opinion on a stretch says otherwise. */
export const conflictsIn = ({ mirrorId: giverId }: Run, checkerId: number, differences: readonly Difference[]): readonly Conflict[] =>
  differences.map(({ start, end, fileHash, hash }) => ({ start, end, giverId, fileHash, standingHash: fileHash, opinions: new Map([[checkerId, hash]]) }));

/** All that was said of the bytes, their giver's word included. */
export const wordsOn = ({ giverId, fileHash, opinions }: Conflict): ReadonlyMap<number, string> => new Map([...opinions, [giverId, fileHash]]);

/** What the guilty and the suspected gave, and nobody has looked at again: it comes first, and all of it before a try. */
export const urgentOf = ({ todo, guilty, suspectId }: Search): readonly Run[] => todo.filter(({ mirrorId }) => guilty.has(mirrorId) || mirrorId === suspectId);

/** Everything that could be learned before a try has been learned. */
export const isSettled = (search: Search): boolean => search.asking.size === 0 && search.open.length === 0 && urgentOf(search).length === 0;

/**
 * Whether the checksum is to be made anew: something was changed, and the wrong bytes that were found may be all there
 * are. After each failure twice as much is looked at first, so that many who spoil a little cost few tries.
 */
export const hasATry = (search: Search): boolean => search.untried.length > 0 && (search.askedBytes >= search.tryAtBytes || search.todo.length === 0) && isSettled(search);

/** How many have told each hash. */
function countOf(words: Iterable<readonly [mirrorId: number, hash: string]>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [, hash] of words) counts.set(hash, (counts.get(hash) ?? 0) + 1);
  return counts;
}

/** Of these hashes those that most have told. */
function leadersAmong(hashes: readonly string[], counts: ReadonlyMap<string, number>): readonly string[] {
  const most = Math.max(...hashes.map((hash) => counts.get(hash) ?? 0));
  return hashes.filter((hash) => (counts.get(hash) ?? 0) === most);
}

/** The hashes that most have told, and of them those that most have told who are not known for wrong bytes. */
function leadersOn(conflict: Conflict, guilty: ReadonlySet<number>): { readonly leaders: readonly string[]; readonly believed: readonly string[] } {
  const words = wordsOn(conflict);
  const counts = countOf(words);
  const leaders = leadersAmong([...counts.keys()], counts);
  return { leaders, believed: leadersAmong(leaders, countOf([...words].filter(([mirrorId]) => !guilty.has(mirrorId)))) };
}

/**
 * The hash that most have told; among equals the one that most have told who are not known for wrong bytes; among equals
 * again the one that the suspect has not told.
 */
export function decide(conflict: Conflict, suspectId: number, guilty: ReadonlySet<number>): Decided {
  const { leaders, believed } = leadersOn(conflict, guilty);
  const rightHash = believed.find((hash) => hash !== wordsOn(conflict).get(suspectId)) ?? believed[0] ?? conflict.fileHash;
  return { ...conflict, rightHash, isTie: leaders.length > 1 };
}

/**
 * Whether one more word is worth asking for: the others balance, or who is held to be right is known for wrong bytes. Of
 * a few bytes it always is, until two have said the same.
 */
export function isUncertain(conflict: Conflict, guilty: ReadonlySet<number>): boolean {
  const { believed } = leadersOn(conflict, guilty);
  const words = wordsOn(conflict);
  const isCheap = lengthOf(conflict) <= SEARCH_WORD_BYTES;
  const sayers = [...words].filter(([, hash]) => hash === believed[0]);
  return believed.length > 1 || (isCheap && sayers.length < 2) || ((isCheap || words.size < 3) && sayers.every(([mirrorId]) => guilty.has(mirrorId)));
}

/** Who is held to be right about some bytes: the giver where it is, because its bytes need no recording as another's. */
const sayerOf = (decided: Decided, hash: string): number =>
  decided.fileHash === hash ? decided.giverId : ([...decided.opinions].find(([, told]) => told === hash)?.[0] ?? decided.giverId);

/** What has to change in the file for the version that is held to be right; null for nothing. */
export function swapFor(decided: Decided): Swap | null {
  const { start, end, rightHash, standingHash } = decided;
  return rightHash === standingHash ? null : { start, end, fromId: sayerOf(decided, standingHash), toId: sayerOf(decided, rightHash) };
}

/** The same, when the exchange has been made. */
export const standing = (decided: Decided): Decided => ({ ...decided, standingHash: decided.rightHash });

/** Mirrors that told something else than what is held to be right. */
export const wrongIn = (decided: readonly Decided[]): ReadonlySet<number> =>
  new Set(decided.flatMap((each) => [...wordsOn(each)].filter(([, hash]) => hash !== each.rightHash).map(([mirrorId]) => mirrorId)));

/** What tells one version of the file from another: the places where it is not as it was first fetched, and what is there. */
export const signatureOf = (decided: readonly Decided[]): string =>
  decided
    .filter(({ rightHash, fileHash }) => rightHash !== fileHash)
    .map(({ start, rightHash }) => `${start}:${rightHash}`)
    .sort()
    .join(' ');
