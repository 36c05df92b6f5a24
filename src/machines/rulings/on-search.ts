/**
 * The whole file has the wrong hash. What each mirror gave is compared with what another has, the blocks that differ are
 * exchanged for what the others have, and the hash is made anew: until it fits, or there is nobody left to ask. It costs
 * no more traffic than the file once.
 */
import { SAMPLE_TRIES_MAX, SEARCH_BLOCK_BYTES, SEARCH_ROUNDS_MAX } from '../../base/bounds.ts';
import { lengthOf } from '../../base/range.ts';
import { subtract } from '../../base/range-set.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { rowsOf, withEntry, withoutEntry } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { SampleFact } from '../events.ts';
import type { EndReason } from '../plan/ending.ts';
import { canTurn, conflictsIn, decide, guiltyIn, isAffordable, isExhausted, isSettled, isShaken, newSearch, standing, swapFor, turned, urgentOf, wordsOn, wrongIn } from '../plan/search.ts';
import type { Conflict, Search } from '../plan/search.ts';
import { givenAnew } from '../plan/segment-map.ts';
import type { Run } from '../plan/segment-map.ts';
import type { Outcome } from './on-course.ts';
import { isVoteInDoubt } from './on-overruled.ts';
import { NOTHING, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

type Answered = Extract<SampleFact, { type: 'sample.answered' }>;
type Failed = Extract<SampleFact, { type: 'sample.failed' }>;

/** Mirrors that can be asked for a second opinion. */
function checkersOf(context: CoordinatorContext): readonly number[] {
  const isFit = (mirrorId: number): boolean => context.admitted.has(mirrorId) && !context.doubted.has(mirrorId) && (context.trust.failures.get(mirrorId)?.count ?? 0) < SAMPLE_TRIES_MAX;
  return [...rowsOf(context)].filter(([mirrorId, { state, record }]) => context.servers.has(mirrorId) && isFit(mirrorId) && state === 'ready' && record.manner === 'range').map(([mirrorId]) => mirrorId);
}

const isMismatch = (outcome: Outcome<object>): boolean => outcome.kind === 'failed' && outcome.reason.code === 'checksum-mismatch';

/** Whether a failed checksum can be looked into: somebody has another opinion to give, and not everything was tried. */
export function canSearch(context: CoordinatorContext, outcome: Outcome<object>): boolean {
  if (!isMismatch(outcome) || context.settings.pieces !== undefined || context.isOverruled || context.searches >= SEARCH_ROUNDS_MAX) return false;
  if (context.search !== null) return !isExhausted(context.search);
  return checkersOf(context).length > 1 && !isVoteInDoubt(context);
}

/** The checksum has failed, for the first time or again. */
export function beginSearch(context: CoordinatorContext, outcome: Outcome<object>): Ruling {
  if (outcome.kind !== 'failed') return NOTHING;
  const { reason } = outcome;
  const { map, searches } = context;
  const search = context.search === null ? newSearch(reason, map.written, map.totalBytes) : { ...context.search, untried: [] };
  const orders = context.search === null ? [said(context, 'searching', `The checksum does not fit: what each server gave is compared with what the others have. ${reason.message}`)] : [];
  return { change: { search, searches: searches + 1 }, orders };
}

const isConflict = (asked: Run | Conflict): asked is Conflict => 'opinions' in asked;

/** Asks idle mirrors for opinions: of open conflicts first, then of stretches that nobody has looked at again. */
export function askOpinions(context: CoordinatorContext): Ruling {
  const { search: before, map } = context;
  if (before === null || searchHasATry(context)) return NOTHING;
  const guilty = guiltyIn(before);
  const all = checkersOf(context).filter((mirrorId) => !guilty.has(mirrorId));
  const idle = new Set(all.filter((mirrorId) => !context.trust.sampling.has(mirrorId)));
  let search = before;
  const sampling = new Map(context.trust.sampling);
  const orders: RulingOrder[] = [];
  const ask = (mirrorId: number, what: Run | Conflict): void => {
    idle.delete(mirrorId);
    search = { ...search, asking: withEntry(search.asking, mirrorId, what), askedBytes: search.askedBytes + lengthOf(what), todo: search.todo.filter((each) => each !== what) };
    sampling.set(mirrorId, 'search');
    const ranges = [{ start: what.start, end: what.end }];
    orders.push({ to: 'new sample', input: { mirrorId, aim: 'search', ranges, blockBytes: SEARCH_BLOCK_BYTES, inFile: [true], totalBytes: map.totalBytes } });
  };
  for (const conflict of before.open.filter((each) => needsThird(context, each) && ![...before.asking.values()].includes(each))) {
    const third = [...idle].find((mirrorId) => !wordsOn(conflict).has(mirrorId));
    if (third !== undefined && isAffordable(search, conflict, map.totalBytes)) ask(third, conflict);
  }
  // What was found is decided before more is asked for, since it may be all there is; but all that a suspect gave.
  const urgent = urgentOf(before);
  const next = urgent.length > 0 || before.open.length > 0 ? urgent : before.todo;
  for (const stretch of next) {
    const checker = [...idle].find((mirrorId) => mirrorId !== stretch.mirrorId);
    if (!isAffordable(search, stretch, map.totalBytes) || !all.some((mirrorId) => mirrorId !== stretch.mirrorId)) search = { ...search, todo: search.todo.filter((each) => each !== stretch) };
    else if (checker !== undefined) ask(checker, stretch);
  }
  return { change: { search, trust: { ...context.trust, sampling } }, orders };
}

/** Two words against each other, and somebody who has not spoken and may be asked. */
function needsThird(context: CoordinatorContext, conflict: Conflict): boolean {
  const { search, map } = context;
  if (search === null || !isAffordable(search, conflict, map.totalBytes)) return false;
  const words = wordsOn(conflict);
  const guilty = guiltyIn(search);
  // Where one of the two is known for its wrong bytes, no third has to be asked.
  return decide(conflict, conflict.giverId, guilty).isTie && checkersOf(context).some((mirrorId) => !guilty.has(mirrorId) && !words.has(mirrorId));
}

/** A mirror has told what it has. */
export function opinionGiven(context: CoordinatorContext, event: Answered): Ruling {
  const { search } = context;
  const asked = search?.asking.get(event.mirrorId);
  if (search === null || asked === undefined) return NOTHING;
  const asking = withoutEntry(search.asking, event.mirrorId);
  const hashes = event.hashes[0] ?? [];
  if (!isConflict(asked)) {
    const found = conflictsIn(asked, event.mirrorId, hashes, event.fileHashes[0] ?? []);
    return { change: { search: { ...search, asking, open: [...search.open, ...found] } }, orders: [] };
  }
  const [hash] = hashes;
  const told = hash === undefined ? asked : { ...asked, opinions: withEntry(asked.opinions, event.mirrorId, hash) };
  return { change: { search: { ...search, asking, open: search.open.map((each) => (each === asked ? told : each)) } }, orders: [] };
}

/** A mirror could not tell, and has cost only what it sent: somebody else is asked. */
export function opinionFailed(context: CoordinatorContext, { mirrorId, receivedBytes }: Pick<Failed, 'mirrorId' | 'receivedBytes'>): Ruling {
  const { search } = context;
  const asked = search?.asking.get(mirrorId);
  if (search === null || asked === undefined) return NOTHING;
  const todo = isConflict(asked) ? search.todo : [...search.todo, asked];
  const askedBytes = search.askedBytes - lengthOf(asked) + receivedBytes;
  return { change: { search: { ...search, todo, askedBytes, asking: withoutEntry(search.asking, mirrorId) } }, orders: [] };
}

/** Nobody is being asked any more. What was on its way counts as received, whatever of it had come. */
export const unasked = (search: Search): Search => ({ ...search, asking: new Map(), todo: [...search.todo, ...[...search.asking.values()].flatMap((asked) => (isConflict(asked) ? [] : [asked]))] });

/** All that was asked of a block has come: it is decided, and what is held to be wrong is exchanged. */
export function decideConflicts(context: CoordinatorContext): Ruling {
  const { search } = context;
  if (search === null || search.asking.size > 0 || search.open.some((each) => needsThird(context, each))) return NOTHING;
  const [first] = search.open;
  if (first !== undefined) {
    const suspectId = search.suspectId ?? first.giverId;
    const guilty = guiltyIn(search);
    const decided = search.open.map((each) => decide(each, suspectId, guilty));
    const isTied = decided.some(({ isTie }) => isTie);
    return exchanged(context, { ...search, suspectId: isTied ? suspectId : search.suspectId, open: [], decided: [...search.decided, ...decided] });
  }
  if (!isSettled(search) || search.untried.length > 0 || !canTurn(search)) return NOTHING;
  // It was not the one that was suspected: of every two that differ, the other's bytes are tried.
  const tied = search.decided.find(({ isTie }) => isTie);
  const other = tied === undefined ? undefined : [...wordsOn(tied).keys()].find((mirrorId) => mirrorId !== search.suspectId);
  return exchanged(context, { ...search, isTurned: true, suspectId: other ?? null, decided: search.decided.map((each) => (each.isTie ? turned(each) : each)) });
}

/** Puts the versions that are held to be right in their places, and opens again what rests on the word of the guilty alone. */
function exchanged(context: CoordinatorContext, search: Search): Ruling {
  let { map, trust } = context;
  const orders: RulingOrder[] = [];
  const swaps = search.decided.flatMap((each) => swapFor(each) ?? []);
  for (const swap of swaps) {
    map = givenAnew(map, swap, swap.toId);
    trust = { ...trust, earlier: subtract(trust.earlier, swap) };
    orders.push({ to: 'outside', effect: { type: 'disk.exchange', range: { start: swap.start, end: swap.end }, fromId: swap.fromId, toId: swap.toId } });
  }
  const guilty = guiltyIn(search);
  const now = search.decided.map(standing);
  const open = now.filter((each) => isShaken(each, guilty));
  const decided = now.filter((each) => !open.includes(each));
  return { change: { map, trust, search: { ...search, open, decided, untried: [...search.untried, ...swaps] } }, orders };
}

/** Blocks were exchanged, and everything is known that could speak for exchanging more: the checksum is made anew. */
export const searchHasATry = ({ search }: CoordinatorContext): boolean => search !== null && search.untried.length > 0 && isSettled(search);

/** Nothing is left to ask, to decide or to try. */
export const searchIsOver = ({ search, trust }: CoordinatorContext): boolean => search !== null && isExhausted(search) && trust.sampling.size === 0;

export const searchReason = ({ search }: CoordinatorContext): EndReason =>
  search?.reason ?? { code: 'checksum-mismatch', message: 'The content is wrong.' };

/** The checksum fits now: whoever had other bytes is named, and not used again. */
export function convictedBySearch(context: CoordinatorContext): readonly RulingOrder[] {
  const decided = context.search?.decided ?? [];
  return [...wrongIn(decided)].filter((mirrorId) => mirrorId !== 0).flatMap((mirrorId): RulingOrder[] => {
    const block = decided.find((each) => wordsOn(each).get(mirrorId) !== undefined && wordsOn(each).get(mirrorId) !== each.rightHash);
    const why = `its bytes in ${block?.start ?? 0}–${(block?.end ?? 1) - 1} are wrong, as the checksum shows`;
    return [
      { to: 'server', mirrorId, event: { type: 'server.convict', code: 'bad-piece', detail: why, atMs: context.nowMs } },
      said(context, 'mirror-refused', `${serverName(mirrorId)} is refused: ${why}.`, { mirrorId }),
    ];
  });
}
