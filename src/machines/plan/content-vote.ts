/**
 * The mirrors' vote on the content: who has the same bytes at the places, and the same digest where digests are offered,
 * is of one party. The largest party has the file; among equals it is the one with the mirror that the user named first.
 */
import { remembered } from '../../base/remembered.ts';
import type { OfferedDigest } from './trust.ts';

/** What one mirror (or the part file itself, under the number 0) says of the content. */
export interface Voice {
  readonly mirrorId: number;
  /** Its place in the user's order, for ties. */
  readonly rank: number;
  readonly digest: OfferedDigest | null;
  /** By place; null where it could not tell. */
  readonly hashes: readonly (string | null)[];
}

export type ContentVerdict =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'agreed';
      readonly winners: readonly Voice[];
      readonly losers: readonly Voice[];
      /** Another party was as large: only the user's order decided. */
      readonly isTie: boolean;
    };

const digestsAgree = (a: Voice, b: Voice): boolean =>
  a.digest === null || b.digest === null || a.digest.algorithm !== b.digest.algorithm || a.digest.hex === b.digest.hex;

/** The first place at which two differ, -1 for their digests, or null where nothing tells them apart. */
export function differenceOf(a: Voice, b: Voice): number | null {
  if (!digestsAgree(a, b)) return -1;
  const at = a.hashes.findIndex((hash, index) => hash !== null && (b.hashes[index] ?? null) !== null && b.hashes[index] !== hash);
  return at < 0 ? null : at;
}

/**
 * Whether two have unlike files, and not the same file with a few wrong bytes in one of them: they differ in more than
 * half of the places that both told, or in their digests.
 */
export function areUnlikeFiles(a: Voice, b: Voice): boolean {
  const told = a.hashes.flatMap((hash, index) => (hash === null || (b.hashes[index] ?? null) === null ? [] : [hash !== b.hashes[index]]));
  return !digestsAgree(a, b) || told.filter(Boolean).length * 2 > told.length;
}

/** Those who agree, and all that they have told: whoever differs from it differs from one of them. */
interface Party {
  readonly members: Voice[];
  readonly hashes: (string | null)[];
  readonly digests: Map<OfferedDigest['algorithm'], string>;
}

const fits = ({ hashes, digests }: Party, { digest, hashes: told }: Voice): boolean =>
  (digest === null || (digests.get(digest.algorithm) ?? digest.hex) === digest.hex) && told.every((hash, index) => hash === null || (hashes[index] ?? hash) === hash);

function join({ members, hashes, digests }: Party, voice: Voice): void {
  members.push(voice);
  if (voice.digest !== null) digests.set(voice.digest.algorithm, voice.digest.hex);
  for (const [index, hash] of voice.hashes.entries()) hashes[index] ??= hash;
}

const partiesOf = remembered((voices: readonly Voice[]): readonly (readonly Voice[])[] => {
  const parties: Party[] = [];
  // In the user's order, so that a voice that would fit two parties joins the one of who was named first.
  for (const voice of [...voices].sort((a, b) => a.rank - b.rank)) {
    let party = parties.find((each) => fits(each, voice));
    if (party === undefined) {
      party = { members: [], hashes: [], digests: new Map() };
      parties.push(party);
    }
    join(party, voice);
  }
  // A stable sort: among equals the party that was founded first stays first.
  return parties.map(({ members }) => members).sort((a, b) => b.length - a.length);
});

/**
 * Counts the voices.
 * @param pending mirrors that may still speak; while they could change the result it is open
 */
export function contentVerdict(voices: readonly Voice[], pending: number): ContentVerdict {
  const [first, second, ...others] = partiesOf(voices);
  if (first === undefined) return { kind: 'open' };
  const runnerUp = second?.length ?? 0;
  if (pending > 0 && first.length <= runnerUp + pending) return { kind: 'open' };
  return { kind: 'agreed', winners: first, losers: [second ?? [], ...others].flat(), isTie: first.length === runnerUp };
}

/** The places in which at least two of these voices were seen to agree. */
export const agreedPlaces = remembered((winners: readonly Voice[]): readonly number[] => {
  const places = winners[0]?.hashes.length ?? 0;
  return Array.from({ length: places }, (_, index) => index).filter((index) => winners.filter(({ hashes }) => (hashes[index] ?? null) !== null).length >= 2);
});
