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
import { affordable, conflictsIn, decide, hasATry, isSettled, isUncertain, newSearch, signatureOf, standing, swapFor, urgentOf, wordsOn, wrongIn } from '../plan/search.ts';
import type { Conflict, Search } from '../plan/search.ts';
import { isExhausted, nextTry } from '../plan/search-ties.ts';
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
  const search = context.search === null ? newSearch(reason, map.written, map.totalBytes) : failedAgain(context.search);
  const orders = context.search === null ? [said(context, 'searching', `The checksum does not fit: what each server gave is compared with what the others have. ${reason.message}`)] : [];
  return { change: { search, searches: searches + 1 }, orders };
}

/** Another version of the file that does not have the checksum. */
const failedAgain = (search: Search): Search => ({ ...search, untried: [], tried: new Set([...search.tried, signatureOf(search.decided)]), tryAtBytes: 2 * search.askedBytes });

const isConflict = (asked: Run | Conflict): asked is Conflict => 'opinions' in asked;

/** Who is asked first: those who are known for no wrong bytes; the others only where none of them is left. */
function whoMayTell(checkers: readonly number[], guilty: ReadonlySet<number>, isNew: (mirrorId: number) => boolean): readonly number[] {
  const fresh = checkers.filter(isNew);
  const believed = fresh.filter((mirrorId) => !guilty.has(mirrorId));
  return believed.length > 0 ? believed : fresh;
}

/** Mirrors whose word on some bytes is worth having. */
function whoMayAdd(search: Search, totalBytes: number, checkers: readonly number[], conflict: Conflict): readonly number[] {
  const isAffordable = affordable(search, conflict, totalBytes)?.end === conflict.end;
  return isAffordable && isUncertain(conflict, search.guilty) ? whoMayTell(checkers, search.guilty, (mirrorId) => !wordsOn(conflict).has(mirrorId)) : [];
}

/** Asks idle mirrors for opinions: of open conflicts first, then of stretches that nobody has looked at again. */
export function askOpinions(context: CoordinatorContext): Ruling {
  const { search: before, map } = context;
  if (before === null || hasATry(before)) return NOTHING;
  const checkers = checkersOf(context);
  const idle = new Set(checkers.filter((mirrorId) => !context.trust.sampling.has(mirrorId)));
  let search = before;
  const sampling = new Map(context.trust.sampling);
  const orders: RulingOrder[] = [];
  const ask = (mirrorId: number, what: Run | Conflict): void => {
    const { start, end } = what;
    const aim = isConflict(what) ? 'opinion' : 'search';
    idle.delete(mirrorId);
    search = { ...search, asking: withEntry(search.asking, mirrorId, what), askedBytes: search.askedBytes + lengthOf(what) };
    sampling.set(mirrorId, aim);
    orders.push({ to: 'new sample', input: { mirrorId, aim, ranges: [{ start, end }], blockBytes: SEARCH_BLOCK_BYTES, inFile: [true], totalBytes: map.totalBytes } });
  };
  for (const conflict of before.open) {
    if ([...before.asking.values()].includes(conflict)) continue;
    const next = whoMayAdd(search, map.totalBytes, checkers, conflict).find((mirrorId) => idle.has(mirrorId));
    if (next !== undefined) ask(next, conflict);
  }
  // What was found is decided before more is asked for, since it may be all there is; but all that a suspect gave.
  const urgent = urgentOf(before);
  const gone = new Set<Run>();
  for (const stretch of urgent.length > 0 || before.open.length > 0 ? urgent : before.todo) {
    const part = affordable(search, stretch, map.totalBytes);
    const able = whoMayTell(checkers, search.guilty, (mirrorId) => mirrorId !== stretch.mirrorId);
    const checker = able.find((mirrorId) => idle.has(mirrorId));
    if (part !== null && checker !== undefined) ask(checker, part);
    if (part === null || able.length === 0 || checker !== undefined) gone.add(stretch);
  }
  return { change: { search: { ...search, todo: search.todo.filter((stretch) => !gone.has(stretch)) }, trust: { ...context.trust, sampling } }, orders };
}

/** A mirror has told what it has. */
export function opinionGiven(context: CoordinatorContext, event: Answered): Ruling {
  const { search } = context;
  const asked = search?.asking.get(event.mirrorId);
  if (search === null || asked === undefined) return NOTHING;
  const asking = withoutEntry(search.asking, event.mirrorId);
  if (!isConflict(asked)) {
    const found = conflictsIn(asked, event.mirrorId, event.differences);
    return { change: { search: { ...search, asking, open: [...search.open, ...found] } }, orders: [] };
  }
  const hash = event.hashes[0]?.[0];
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

/** All that was asked has come: what differs is decided, and what is held to be wrong is exchanged. */
export function decideConflicts(context: CoordinatorContext): Ruling {
  const { search, map } = context;
  if (search === null || search.asking.size > 0) return NOTHING;
  const [first] = search.open;
  if (first !== undefined) {
    const checkers = checkersOf(context);
    if (search.open.some((each) => whoMayAdd(search, map.totalBytes, checkers, each).length > 0)) return NOTHING;
    const suspectId = search.suspectId ?? first.giverId;
    const decided = search.open.map((each) => decide(each, suspectId, search.guilty));
    const isTied = search.open.some((each) => isUncertain(each, search.guilty));
    return exchanged(context, { ...search, suspectId: isTied ? suspectId : search.suspectId, open: [], decided: [...search.decided, ...decided] });
  }
  const next = isSettled(search) && search.untried.length === 0 ? nextTry(search) : null;
  return next === null ? NOTHING : exchanged(context, { ...search, ...next, tryAtBytes: 0 });
}

/** Puts the versions that are held to be right in their places, and opens again what is uncertain by now. */
function exchanged(context: CoordinatorContext, search: Search): Ruling {
  let { map, trust } = context;
  const orders: RulingOrder[] = [];
  const swaps = search.decided.flatMap((each) => swapFor(each) ?? []);
  for (const swap of swaps) {
    map = givenAnew(map, swap, swap.toId);
    trust = { ...trust, earlier: subtract(trust.earlier, swap) };
    orders.push({ to: 'outside', effect: { type: 'disk.exchange', range: { start: swap.start, end: swap.end }, fromId: swap.fromId, toId: swap.toId } });
  }
  // Whoever was shown to be wrong by now is so also while what rests on its word is open again.
  const after = { ...search, guilty: wrongIn(search.decided.filter(({ isTie }) => !isTie)), untried: [...search.untried, ...swaps] };
  const checkers = checkersOf(context);
  const now = search.decided.map(standing);
  const open = now.filter((each) => whoMayAdd(after, map.totalBytes, checkers, each).length > 0);
  return { change: { map, trust, search: { ...after, open, decided: now.filter((each) => !open.includes(each)) } }, orders };
}

/** The checksum is to be made anew. */
export const searchHasATry = ({ search }: CoordinatorContext): boolean => search !== null && hasATry(search);

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
