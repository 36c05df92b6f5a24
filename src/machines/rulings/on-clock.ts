import { ANSWER_TIMEOUT_MS, BACKOFF_MIN_MS, BUSY_LANES_MAX, BUSY_SHARE, LANES_TRIED_BELOW, PAUSE_FORGIVEN_MS, SLEEP_MS } from '../../base/bounds.ts';
import { formatSeconds } from '../../base/units.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { availableServers, isBusy, rowsOf } from '../coordinator-context.ts';
import type { OutsideEvent } from '../events.ts';
import type { EndReason } from '../plan/ending.ts';
import { LANES_TRIED, mightTryMore } from '../plan/lanes.ts';
import { advanced, hasMoved } from '../plan/segment-map.ts';
import { forgivenSilence, stalledSegments } from '../plan/stall.ts';
import { lanesInAll, writingOf } from '../plan/writers.ts';
import type { ServerRow } from '../server-rows.ts';
import { nobodyDelivers } from './advice.ts';
import { fillPlaces } from './on-servers.ts';
import { cancelWriters, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

type Tick = Extract<OutsideEvent, { type: 'clock.ticked' }>;

/** The counters have been read. A time in which nothing ran is held against nobody. */
export function clockTicked(context: CoordinatorContext, tick: Tick): Ruling {
  const gapMs = tick.atMs - context.tickedAtMs;
  if (gapMs >= SLEEP_MS) return awoken(context, tick);
  const { change, orders } = looked(gapMs >= PAUSE_FORGIVEN_MS ? { ...context, map: forgivenSilence(context.map, tick.atMs) } : context, tick);
  const places = fillPlaces({ ...context, ...change });
  return { change: { ...change, ...places.change }, orders: [...orders, ...places.orders] };
}

/** The process was stopped, or the machine slept: the connections may be long dead, so every lane is made anew. */
function awoken(context: CoordinatorContext, { atMs, readings }: Tick): Ruling {
  const map = advanced(context.map, readings, atMs);
  const now = { ...context, map, nowMs: atMs };
  const why = `Nothing ran for ${formatSeconds((atMs - context.tickedAtMs) / 1_000)}: every connection is made anew.`;
  return {
    change: { map, nowMs: atMs, tickedAtMs: atMs, deliveredAtMs: atMs },
    orders: [...cancelWriters(now, 'cancelled'), said(now, 'went-on', why)],
  };
}

/** Rates, stalls, and whether anyone is there at all. */
function looked(context: CoordinatorContext, { atMs, readings, busyShare }: Tick): Ruling {
  const map = advanced(context.map, readings, atMs);
  const orders: RulingOrder[] = [];
  let room = isBusy(context) ? 0 : LANES_TRIED_BELOW - lanesInAll(map);
  for (const [mirrorId, { record }] of rowsOf(context)) {
    const { lanes, inFlightBytes } = writingOf(map, mirrorId);
    if (lanes === 0) continue;
    const mayTryMore = room > 0 && mightTryMore(record.lanes, atMs);
    if (mayTryMore) room -= LANES_TRIED;
    orders.push({ to: 'server', mirrorId, event: { type: 'server.measured', inFlightBytes, lanes, mayTryMore, atMs } });
  }
  for (const holding of stalledSegments(map.held, atMs, context.limitBytesPerSec)) {
    orders.push({ to: 'segment', segmentId: holding.segmentId, event: { type: 'segment.cancel', code: 'stalled' } });
  }
  const moved = hasMoved(context.map, map);
  const now = { ...context, nowMs: atMs };
  // While the name is asked for there are no servers yet, and a first answer may be on its way.
  const hasAsked = context.servers.size > 0 || atMs - context.settings.atMs >= BACKOFF_MIN_MS;
  const isLooking = hasAsked && availableServers(context) === 0 && atMs - context.lookedAtMs >= BACKOFF_MIN_MS && isNobodyThere(now);
  if (isLooking) orders.push(said(now, 'looking', 'Looking for available servers... 0 server(s) available. Trying again...'));
  const busy = withLoad({ ...now, map }, busyShare);
  return {
    change: { map, nowMs: atMs, tickedAtMs: atMs, ...busy.change, ...(moved ? { deliveredAtMs: atMs } : {}), ...(isLooking ? { lookedAtMs: atMs } : {}) },
    orders: [...orders, ...busy.orders],
  };
}

/** How much time our own event loop has left; where it has none, and servers wait for it, that is told once. */
function withLoad(context: CoordinatorContext, busyShare: number): Ruling {
  if (busyShare < BUSY_SHARE) return { change: { busySinceMs: null }, orders: [] };
  const busySinceMs = context.busySinceMs ?? context.tickedAtMs;
  const isNews = !context.isBusyTold && isBusy({ ...context, busySinceMs }) && Math.max(lanesInAll(context.map), availableServers(context)) > BUSY_LANES_MAX;
  if (!isNews) return { change: { busySinceMs }, orders: [] };
  const why = `This machine takes no more: ${BUSY_LANES_MAX} lanes at a time fill it, and the other servers wait their turn.`;
  return { change: { busySinceMs, isBusyTold: true }, orders: [said(context, 'machine-busy', why)] };
}

const hasFailed = ({ state, record }: ServerRow): boolean => state === 'failed' || record.strikes > 0;

function everyoneHasFailed(context: CoordinatorContext): boolean {
  for (const [mirrorId, row] of rowsOf(context)) {
    if (context.servers.has(mirrorId) && !hasFailed(row) && !context.trust.changed.has(mirrorId)) return false;
  }
  return true;
}

/**
 * More mirrors than can be live take turns, so that somebody is always being asked for the first time. Once each has had a
 * turn, or a turn's longest time is over, that is no hope any more.
 */
function areAllInVain({ waiting, nowMs, deliveredAtMs }: CoordinatorContext): boolean {
  const hadTheirTurn = waiting.every(({ restUntilMs }) => restUntilMs !== undefined) || nowMs - deliveredAtMs >= ANSWER_TIMEOUT_MS;
  return waiting.length > 0 && hadTheirTurn;
}

/** Whether nobody is there, as far as anybody knows. */
const isNobodyThere = (context: CoordinatorContext): boolean => everyoneHasFailed(context) || (availableServers(context) === 0 && areAllInVain(context));

/** Nobody is left to hope for, or nobody has delivered for as long as the user will wait. */
export function isStarved(context: CoordinatorContext): boolean {
  if (context.servers.size === 0 && context.waiting.length === 0) return true;
  return context.nowMs - context.deliveredAtMs >= context.settings.waitMs && isNobodyThere(context);
}

/** Why nobody could deliver: each server with its last fault. */
export function starvation(context: CoordinatorContext): EndReason {
  const rows = [...rowsOf(context)];
  const changed = rows.length > 0 && rows.every(([, { record }]) => record.lastFault?.code === 'changed');
  return {
    code: changed ? 'content-differs' : 'no-server',
    message: nobodyDelivers(rows.map(([mirrorId, { record }]) => ({ mirrorId, url: record.url, fault: record.lastFault })), context.waiting.length),
  };
}
