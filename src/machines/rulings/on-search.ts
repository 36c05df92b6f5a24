/**
 * The whole file has the wrong hash. What each mirror gave is compared with what another has, the wrong blocks are
 * fetched again from who has them right, and the hash is made anew: until it fits, or there is nobody left to ask.
 */
import { SAMPLE_TRIES_MAX, SEARCH_BLOCK_BYTES, SEARCH_ROUNDS_MAX } from '../../base/bounds.ts';
import { subtract } from '../../base/range-set.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { rowsOf, withEntry, withoutEntry } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { SampleFact } from '../events.ts';
import type { EndReason } from '../plan/ending.ts';
import { conflictsIn, decide, guiltyIn, stretchesOf, suspectIn, urgentOf, wordsOn, wrongIn } from '../plan/search.ts';
import type { Conflict, Decided, Search } from '../plan/search.ts';
import { freed } from '../plan/segment-map.ts';
import type { Run } from '../plan/segment-map.ts';
import type { Outcome } from './on-course.ts';
import { NOTHING, refusal, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

type Answered = Extract<SampleFact, { type: 'sample.answered' }>;

/** Mirrors that can be asked for a second opinion. */
function checkersOf(context: CoordinatorContext): readonly number[] {
  const isFit = (mirrorId: number): boolean => context.admitted.has(mirrorId) && !context.doubted.has(mirrorId) && (context.trust.failures.get(mirrorId)?.count ?? 0) < SAMPLE_TRIES_MAX;
  return [...rowsOf(context)].filter(([mirrorId, { state, record }]) => context.servers.has(mirrorId) && isFit(mirrorId) && state === 'ready' && record.manner === 'range').map(([mirrorId]) => mirrorId);
}

const isMismatch = (outcome: Outcome<object>): boolean => outcome.kind === 'failed' && outcome.reason.code === 'checksum-mismatch';

/** Whether a failed checksum can be looked into: somebody has another opinion to give, and not everything was tried. */
export function canSearch(context: CoordinatorContext, outcome: Outcome<object>): boolean {
  if (!isMismatch(outcome) || context.settings.pieces !== undefined || context.searches >= SEARCH_ROUNDS_MAX) return false;
  const checkers = checkersOf(context);
  return context.search === null ? checkers.length > 1 : context.search.todo.length > 0 || canTurn(context.search);
}

const canTurn = (search: Search): boolean => !search.isTurned && search.decided.some(({ isTie }) => isTie);

/** The checksum has failed, for the first time or again. */
export function beginSearch(context: CoordinatorContext, outcome: Outcome<object>): Ruling {
  if (outcome.kind !== 'failed') return NOTHING;
  const { reason } = outcome;
  const search = context.search ?? { reason, todo: stretchesOf(context.map.written), asking: new Map(), open: [], decided: [], suspectId: null, isTurned: false };
  const orders = context.search === null ? [said(context, 'searching', `The checksum does not fit: what each server gave is compared with what the others have. ${reason.message}`)] : [];
  return { change: { search, searches: context.searches + 1 }, orders };
}

const isConflict = (asked: Run | Conflict): asked is Conflict => 'opinions' in asked;

/** Asks idle mirrors for opinions: of open conflicts first, then of stretches that nobody has looked at again. */
export function askOpinions(context: CoordinatorContext): Ruling {
  const { search, map } = context;
  if (search === null) return NOTHING;
  const guilty = guiltyIn(search);
  const all = checkersOf(context).filter((mirrorId) => !guilty.has(mirrorId));
  const idle = new Set(all.filter((mirrorId) => !context.trust.sampling.has(mirrorId)));
  const asking = new Map(search.asking);
  const sampling = new Map(context.trust.sampling);
  const orders: RulingOrder[] = [];
  const ask = (mirrorId: number, what: Run | Conflict): void => {
    idle.delete(mirrorId);
    asking.set(mirrorId, what);
    sampling.set(mirrorId, 'search');
    const ranges = [{ start: what.start, end: what.end }];
    orders.push({ to: 'new sample', input: { mirrorId, aim: 'search', ranges, blockBytes: SEARCH_BLOCK_BYTES, inFile: [true], totalBytes: map.totalBytes } });
  };
  for (const conflict of search.open.filter((each) => needsThird(search, each, all) && ![...asking.values()].includes(each))) {
    const third = [...idle].find((mirrorId) => !wordsOn(conflict).has(mirrorId));
    if (third !== undefined) ask(third, conflict);
  }
  let { todo } = search;
  // What was found is decided before more is asked for, since it may be all there is; but all that the guilty gave.
  const urgent = urgentOf(search);
  if (urgent.length > 0 || search.open.length === 0) {
    for (const stretch of urgent.length > 0 ? urgent : todo) {
      const checker = [...idle].find((mirrorId) => mirrorId !== stretch.mirrorId);
      const isHopeless = !all.some((mirrorId) => mirrorId !== stretch.mirrorId);
      if (checker === undefined && !isHopeless) continue;
      if (checker !== undefined) ask(checker, stretch);
      todo = todo.filter((each) => each !== stretch);
    }
  }
  return { change: { search: { ...search, todo, asking }, trust: { ...context.trust, sampling } }, orders };
}

/** Two words against each other, and somebody who has not spoken. */
function needsThird(search: Search, conflict: Conflict, checkers: readonly number[]): boolean {
  const words = wordsOn(conflict);
  const guilty = guiltyIn(search);
  // One of the two is known for its wrong bytes: no third has to be asked.
  if ([...words.keys()].some((mirrorId) => guilty.has(mirrorId))) return false;
  return decide(conflict, conflict.giverId).isTie && checkers.some((mirrorId) => !words.has(mirrorId));
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

/** A mirror could not tell: somebody else is asked. */
export function opinionFailed(context: CoordinatorContext, mirrorId: number): Ruling {
  const { search } = context;
  const asked = search?.asking.get(mirrorId);
  if (search === null || asked === undefined) return NOTHING;
  const todo = isConflict(asked) ? search.todo : [...search.todo, asked];
  return { change: { search: { ...search, todo, asking: withoutEntry(search.asking, mirrorId) } }, orders: [] };
}

/** All that was asked has come, and what was found is decided: wrong blocks are free again, for who has them right. */
export function decideConflicts(context: CoordinatorContext): Ruling {
  const { search } = context;
  if (search === null || search.asking.size > 0 || urgentOf(search).length > 0) return NOTHING;
  if (search.open.some((each) => needsThird(search, each, checkersOf(context)))) return NOTHING;
  const [first] = search.open;
  if (first !== undefined) {
    const suspectId = search.suspectId ?? first.giverId;
    const decided = search.open.map((each) => decide(each, suspectIn({ ...search, suspectId }, each)));
    return replaced(context, { ...search, suspectId, open: [], decided: [...search.decided, ...decided] }, decided.filter(({ rightHash, fileHash }) => rightHash !== fileHash));
  }
  if (search.todo.length > 0 || !canTurn(search)) return NOTHING;
  // It was not the one that was suspected: of every two that differ, the other's bytes are tried.
  const ties = search.decided.filter(({ isTie }) => isTie);
  const turned = ties.map((each): Decided => ({ ...each, rightHash: [...wordsOn(each).values()].find((hash) => hash !== each.rightHash) ?? each.rightHash }));
  return replaced(context, { ...search, isTurned: true, decided: [...search.decided.filter(({ isTie }) => !isTie), ...turned] }, turned);
}

function replaced(context: CoordinatorContext, search: Search, blocks: readonly Decided[]): Ruling {
  let { map, trust } = context;
  const orders: RulingOrder[] = [];
  for (const { start, end } of blocks) {
    map = freed(map, { start, end });
    trust = { ...trust, earlier: subtract(trust.earlier, { start, end }) };
    orders.push({ to: 'outside', effect: { type: 'disk.forget', range: { start, end } } });
  }
  const [block] = blocks;
  if (block !== undefined) {
    const why = `${serverName(block.giverId)} and others have unlike bytes in ${block.start}–${block.end - 1}: they are fetched again from another server.`;
    orders.push(said(context, 'piece-refuted', why, { mirrorId: block.giverId }));
  }
  return { change: { map, trust, search }, orders };
}

/** Who gets no work while blocks are fetched again: all but those who have them right, as far as that leaves anybody. */
export function mirrorsHeldWrong(context: CoordinatorContext): ReadonlySet<number> {
  if (context.search === null) return new Set();
  const wrong = wrongIn(context.search.decided);
  const right = [...rowsOf(context)].some(([mirrorId, { state }]) => !wrong.has(mirrorId) && context.servers.has(mirrorId) && !context.doubted.has(mirrorId) && (state === 'ready' || state === 'downloading'));
  return right ? wrong : new Set();
}

/** Nothing is left to ask, to decide or to try. */
export function searchIsOver({ search, trust }: CoordinatorContext): boolean {
  return search !== null && search.asking.size === 0 && trust.sampling.size === 0 && search.open.length === 0 && search.todo.length === 0 && !canTurn(search);
}

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

/** Mirrors that were refused because most, or the first named, had other bytes. */
const outvoted = (context: CoordinatorContext): readonly number[] => [...context.ended].filter(([, { record }]) => record.lastFault?.code === 'other-content').map(([mirrorId]) => mirrorId);

/** Whether those who were refused by the vote are still to be tried: the checksum has overruled it. */
export const canTurnToOthers = (context: CoordinatorContext): boolean => !context.isOverruled && outvoted(context).length > 0;

/** The vote was wrong: those who won it are refused, and the others are asked again. */
export function turnToOthers(context: CoordinatorContext): Ruling {
  const others = outvoted(context);
  const out = refusal(context, [...context.servers.keys()].map((mirrorId) => [mirrorId, 'its file does not have the checksum that was asked for'] as const), 'other-content');
  const ended = new Map(context.ended);
  for (const mirrorId of others) ended.delete(mirrorId);
  const doubted = new Map(out.change.doubted);
  const orders: RulingOrder[] = others.map((mirrorId) => ({ to: 'new server', mirror: { mirrorId, url: context.ended.get(mirrorId)?.record.url ?? '' } }));
  for (const mirrorId of others) doubted.delete(mirrorId);
  return { change: { ...out.change, doubted, ended, isOverruled: true, search: null, trust: { ...context.trust, isFileOutvoted: true } }, orders: [...out.orders, ...orders] };
}
