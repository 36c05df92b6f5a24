/**
 * What the coordinator knows, and the questions that can be asked of it. It owns the segment map; what its servers and
 * segments know, it reads from their snapshots instead of keeping a copy.
 */
import type { ActorRefFrom } from 'xstate';
import { BODY_KEPT_MS, BUSY_AFTER_MS, FEW_SERVERS_MAX, LIVE_SERVERS_MAX, SERVERS_CALLED_FIRST, SILENCE_MS } from '../base/bounds.ts';
import type { EndReason } from './plan/ending.ts';
import type { ServerView } from './plan/fleet.ts';
import { lanesWhileAsking } from './plan/lanes.ts';
import { DEFAULT_POLICY, whenBusy } from './plan/policy.ts';
import type { PlanPolicy } from './plan/policy.ts';
import type { Seed } from './plan/random.ts';
import type { SegmentMap } from './plan/segment-map.ts';
import { layMap, sizeKnown, UNKNOWN_TOTAL } from './plan/segment-map.ts';
import { lanesAtWork } from './plan/server-record.ts';
import type { ServerRecord } from './plan/server-record.ts';
import type { PieceBook, PieceGrid } from './plan/pieces.ts';
import { NO_PIECES } from './plan/pieces.ts';
import type { Search } from './plan/search.ts';
import type { Trust } from './plan/trust.ts';
import { NO_TRUST } from './plan/trust.ts';
import { countVotes } from './plan/vote.ts';
import type { Verdict } from './plan/vote.ts';
import type { segmentMachine } from './segment.ts';
import type { ServerInput } from './server.ts';
import { rowsOfAll } from './server-rows.ts';
import type { ServerRef, ServerRow } from './server-rows.ts';

export type SegmentRef = ActorRefFrom<typeof segmentMachine>;

export interface MirrorEntry {
  readonly mirrorId: number;
  /** Redacted. */
  readonly url: string;
  /** It was asked, did not answer, and is not asked again before this. */
  readonly restUntilMs?: number;
}

export interface CoordinatorInput {
  readonly mirrors: readonly MirrorEntry[];
  /** How long to go on while no server delivers, in ms. */
  readonly waitMs: number;
  readonly maxLanes: number;
  /** Cap of the whole download in bytes a second; left out where there is none. */
  readonly limitBytesPerSec?: number | null;
  readonly seed: Seed;
  readonly atMs: number;
  /** How the planner plans, where it is to be tried otherwise than it is meant. */
  readonly policy?: PlanPolicy;
  /** How the file is cut into pieces whose hashes are known. */
  readonly pieces?: PieceGrid;
  /** A full disk pauses it until it is told to go on, instead of ending it. */
  readonly waitsForRoom?: boolean;
}

/** What was shown of the file before it was given its name. */
export type Proof = 'checksum' | 'pieces' | 'cross-checked' | 'none';

/**
 * What is held against a mirror: another size than the one that holds, another validator at the same address, an answer
 * from another address under another validator, or a verdict.
 */
export type Doubt = 'other-size' | 'changed' | 'moved' | 'refused';

export interface Refusal {
  readonly code: 'other-size' | 'other-content' | 'bad-piece';
  /** "it has other bytes than server 1". */
  readonly why: string;
}

/** Whether it may have another version of the file, which its bytes can show. */
export const isOfDoubtfulVersion = (doubt: Doubt | undefined): boolean => doubt === 'changed' || doubt === 'moved';

export interface CoordinatorContext {
  readonly settings: CoordinatorInput;
  readonly map: SegmentMap;
  readonly servers: ReadonlyMap<number, ServerRef>;
  /** Servers that take no further part, as they were last. */
  readonly ended: ReadonlyMap<number, ServerRow>;
  /** Mirrors beyond the number of live actors; each comes up when another has ended. */
  readonly waiting: readonly MirrorEntry[];
  /** Mirrors that the user took away before they were called up. */
  readonly dropped: ReadonlySet<number>;
  /** How many lanes the user has given to whom, live or not. */
  readonly lanesByUser: ReadonlyMap<number, number>;
  readonly segments: ReadonlyMap<number, SegmentRef>;
  readonly nextSegmentId: number;
  readonly nowMs: number;
  /** When the clock ticked last. */
  readonly tickedAtMs: number;
  /** Since when our own event loop has had no time to itself; null while it has. */
  readonly busySinceMs: number | null;
  /** Somebody was told so. */
  readonly isBusyTold: boolean;
  /** When bytes came last, or the download began or went on. */
  readonly deliveredAtMs: number;
  readonly lookedAtMs: number;
  /** The size each mirror says the file has. */
  readonly claims: ReadonlyMap<number, number>;
  /** Mirrors whose last answer spoke of another file; they get no work until the vote has decided, or ever after. */
  readonly doubted: ReadonlyMap<number, Doubt>;
  readonly admitted: ReadonlySet<number>;
  /** Why mirrors were refused; of them, those that are doubted as refused still are. */
  readonly refusals: ReadonlyMap<number, Refusal>;
  readonly trust: Trust;
  readonly pieces: PieceBook;
  /** What is being found out since the checksum failed; null while it has not. */
  readonly search: Search | null;
  readonly searches: number;
  /** The checksum has overruled the mirrors’ vote once. */
  readonly isOverruled: boolean;
  readonly startOvers: number;
  /** When it began, or began again. */
  readonly begunAtMs: number;
  readonly limitBytesPerSec: number | null;
  readonly ending: EndReason | null;
  readonly proof: Proof;
  readonly path: string | null;
}

/** What a download knows before it has asked anyone. */
export const newContext = (settings: CoordinatorInput): CoordinatorContext => ({
  settings,
  map: layMap(UNKNOWN_TOTAL),
  servers: new Map(),
  ended: new Map(),
  waiting: [],
  dropped: new Set(),
  lanesByUser: new Map(),
  segments: new Map(),
  nextSegmentId: 1,
  nowMs: settings.atMs,
  tickedAtMs: settings.atMs,
  busySinceMs: null,
  isBusyTold: false,
  deliveredAtMs: settings.atMs,
  lookedAtMs: -Infinity,
  claims: new Map(),
  doubted: new Map(),
  admitted: new Set(),
  refusals: new Map(),
  trust: NO_TRUST,
  pieces: NO_PIECES,
  search: null,
  searches: 0,
  isOverruled: false,
  startOvers: 0,
  begunAtMs: settings.atMs,
  limitBytesPerSec: settings.limitBytesPerSec ?? null,
  ending: null,
  proof: 'none',
  path: null,
});

/** Every mirror that is or was a live server, by number. */
export const rowsOf = ({ servers, ended }: CoordinatorContext): ReadonlyMap<number, ServerRow> => rowsOfAll(servers, ended);

/** Whether a mirror that has not answered yet may still do so in time to be heard. */
export const hasVote = (row: ServerRow, nowMs: number, startedAtMs: number): boolean =>
  row.state === 'connecting' && row.record.strikes === 0 && nowMs - startedAtMs < SILENCE_MS;

/** Whether a mirror that was there when the download began again may still tell what it has now. */
const isAskedAnew = ({ startOvers, begunAtMs, nowMs }: CoordinatorContext, { state }: ServerRow): boolean =>
  startOvers > 0 && (state === 'ready' || state === 'downloading') && nowMs - begunAtMs < SILENCE_MS;

/** How the mirrors' vote on the size stands. */
export function verdictOnSize(context: CoordinatorContext): Verdict {
  const { claims, nowMs, settings } = context;
  const sizes: number[] = [];
  let pending = 0;
  for (const [mirrorId, row] of rowsOf(context)) {
    const totalBytes = claims.get(mirrorId);
    if (totalBytes !== undefined) sizes.push(totalBytes);
    else if (hasVote(row, nowMs, settings.atMs) || isAskedAnew(context, row)) pending += 1;
  }
  return countVotes(sizes, pending);
}

/**
 * Whether a server that sends only the whole file may be used: when no other can be hoped for, because it ended, or
 * because nobody has delivered for a while.
 */
function needsWhole(rows: ReadonlyMap<number, ServerRow>, context: CoordinatorContext, isOut: (mirrorId: number) => boolean): boolean {
  const patienceIsOver = context.nowMs - context.deliveredAtMs >= SILENCE_MS;
  for (const [mirrorId, { state, record }] of rows) {
    if (record.manner === 'whole' || isOut(mirrorId)) continue;
    if (state === 'ready' || state === 'downloading') return false;
    if ((state === 'connecting' || state === 'failed') && !patienceIsOver) return false;
  }
  return true;
}

/** Whether the download waits for our own event loop rather than for the servers. One busy moment, such as the start, tells nothing. */
export const isBusy = ({ busySinceMs, nowMs }: CoordinatorContext): boolean => busySinceMs !== null && nowMs - busySinceMs >= BUSY_AFTER_MS;

export function policyOf(context: CoordinatorContext): PlanPolicy {
  const policy = context.settings.policy ?? DEFAULT_POLICY;
  return isBusy(context) ? whenBusy(policy) : policy;
}

/**
 * One lane asks a server that has failed; one that never has may get more while its first answer is on its way, until
 * it turns one away. Of very many servers, most of them gone perhaps, nobody is asked twice before it has answered.
 */
function lanesWhileConnecting(record: ServerRecord, context: CoordinatorContext): number {
  const isOneOfMany = context.servers.size > FEW_SERVERS_MAX;
  if (record.strikes > 0 || record.askedAtMs === null || isOneOfMany || !policyOf(context).opensEarly) return 1;
  return record.lastFault === null ? lanesWhileAsking(context.nowMs - record.askedAtMs, record) : record.lanes.cap;
}

/**
 * The fleet as planning sees it.
 *
 * @param suspected get no work for the time being
 * @param guilty are no reason to leave out a server that gives only the whole
 */
export function serverViews(context: CoordinatorContext, suspected: ReadonlySet<number>, guilty: ReadonlySet<number>): readonly ServerView[] {
  const rows = rowsOf(context);
  const isOut = (mirrorId: number): boolean => context.doubted.has(mirrorId) || suspected.has(mirrorId);
  const wholeIsNeeded = needsWhole(rows, context, (mirrorId) => isOut(mirrorId) || guilty.has(mirrorId));
  let wholeIsUsed = false;
  const views: ServerView[] = [];
  for (const [mirrorId, { state, record }] of rows) {
    if (!context.servers.has(mirrorId)) continue;
    let laneCap = 0;
    if (state === 'connecting') laneCap = lanesWhileConnecting(record, context);
    if (state === 'ready' || state === 'downloading') laneCap = lanesAtWork(record, context.nowMs);
    if (isOut(mirrorId)) laneCap = 0;
    if (record.manner === 'whole') {
      if (!wholeIsNeeded || wholeIsUsed) laneCap = 0;
      if (laneCap > 0) wholeIsUsed = true;
    }
    const { manner, rateBytesPerSec, askedAtMs, idleSinceMs, bodyAt } = record;
    const isKept = idleSinceMs !== null && bodyAt !== null && context.nowMs - idleSinceMs < BODY_KEPT_MS;
    views.push({
      mirrorId,
      laneCap,
      payingLanes: record.lanes.paying,
      manner,
      rateBytesPerSec,
      roundTripMs: record.head?.roundTripMs ?? null,
      ...(idleSinceMs === null ? {} : { idleSinceMs }),
      ...(askedAtMs === null ? {} : { askedAtMs }),
      ...(isKept ? { bodyAt } : {}),
    });
  }
  return views;
}

/** The size to hold answers against, while there is one. */
export const expectedTotal = (map: SegmentMap): number | null => (sizeKnown(map) ? map.totalBytes : null);

/** How many more mirrors may be live actors. */
export const roomForServers = (context: CoordinatorContext): number => LIVE_SERVERS_MAX - context.servers.size;

/**
 * How many more are called up now. Each costs a connection, a first lease and samples: where our event loop has no time
 * left, those beyond the first could bring nothing, and would take time from those who bring something.
 */
export const callableServers = (context: CoordinatorContext): number =>
  (context.busySinceMs === null ? LIVE_SERVERS_MAX : SERVERS_CALLED_FIRST) - context.servers.size;

/** How many servers have answered and can be used. */
export function availableServers(context: CoordinatorContext): number {
  let count = 0;
  for (const [mirrorId, { state }] of rowsOf(context)) if ((state === 'ready' || state === 'downloading') && !context.doubted.has(mirrorId)) count += 1;
  return count;
}

/** What a mirror's new actor begins with. */
export function serverInput({ settings, lanesByUser, servers }: CoordinatorContext, { mirrorId, url }: MirrorEntry): ServerInput {
  const asked = lanesByUser.get(mirrorId);
  const isOneOfMany = Math.max(settings.mirrors.length, servers.size) > FEW_SERVERS_MAX;
  return { mirrorId, url, maxLanes: settings.maxLanes, isOneOfMany, seed: settings.seed + mirrorId, ...(asked === undefined ? {} : { lanesByUser: asked }) };
}

/** A copy of `map` with one entry more. */
export const withEntry = <Value>(map: ReadonlyMap<number, Value>, key: number, value: Value): ReadonlyMap<number, Value> => new Map(map).set(key, value);

/** A copy of `map` without one entry. */
export function withoutEntry<Value>(map: ReadonlyMap<number, Value>, key: number): ReadonlyMap<number, Value> {
  const copy = new Map(map);
  copy.delete(key);
  return copy;
}
