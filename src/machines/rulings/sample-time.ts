/** When a mirror is asked for its samples: not while its lanes are worth more, and not so late that the end waits for them. */
import { SAMPLE_PLACES_MAX, SAMPLE_SILENCE_MS, SLOW_START_ROUND_TRIPS, TICK_MS } from '../../base/bounds.ts';
import { lengthOf } from '../../base/range.ts';
import type { RangeSet } from '../../base/range-set.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { ROUND_TRIP_GUESS_MS, ROUND_TRIPS_OF_A_START } from '../plan/fleet.ts';
import { givenPlaces } from '../plan/sample-places.ts';
import { isComplete, writtenBytes } from '../plan/segment-map.ts';
import type { ServerRow } from '../server-rows.ts';
import { givenBytes, isThere, vouchersOf, wasTurnedAwayLately } from './candidates.ts';

type Rows = ReadonlyMap<number, ServerRow>;

/**
 * How long a mirror would take to give these ranges, one after the other. One that has given nothing lately, or is silent
 * at its work, may be so for as long as a sample is waited for.
 */
export function costMs({ state, record }: ServerRow, ranges: RangeSet, nowMs: number, isAsked = false): number {
  const rate = record.rateBytesPerSec ?? 0;
  if (rate <= 0) return SAMPLE_SILENCE_MS;
  const silentMs = state === 'downloading' || isAsked ? Math.max(0, nowMs - (record.heardAtMs ?? nowMs) - TICK_MS) : 0;
  return silentMs + ranges.reduce((sum, range) => sum + (record.head?.roundTripMs ?? ROUND_TRIP_GUESS_MS) + (lengthOf(range) * 1_000) / rate, 0);
}

/** Whether a mirror would show its own bytes sooner than anybody would vouch for it: who has delivered least lately may be silent for good. */
function isSoonerItself(context: CoordinatorContext, rows: Rows, mirrorId: number): boolean {
  const { nowMs, settings, trust } = context;
  const takesMs = (whoId: number, ranges: RangeSet): number => {
    const row = rows.get(whoId);
    return row === undefined ? Infinity : costMs(row, ranges, nowMs, trust.sampling.has(whoId));
  };
  const given = givenPlaces(givenBytes(context, mirrorId), settings.seed + mirrorId);
  const ownMs = takesMs(mirrorId, trust.places);
  return vouchersOf(context, rows).every((voucherId) => voucherId === mirrorId || takesMs(voucherId, given) > ownMs);
}

/** Samples are asked for while the rest of the file takes so many times as long as they: rates vary, and a lane may have to end first. */
const EARLY = 2;

/** What the servers that are there give together. */
function fleetBytesPerSec(rows: Rows): number {
  let bytesPerSec = 0;
  for (const row of rows.values()) if (isThere(row)) bytesPerSec += row.record.rateBytesPerSec ?? 0;
  return bytesPerSec;
}

/** When they will be through with the rest of the file, in ms from now. */
const restMs = ({ map }: CoordinatorContext, rows: Rows): number => ((map.totalBytes - writtenBytes(map)) * 1_000) / fleetBytesPerSec(rows);

/**
 * Whether a mirror's own samples would be the last thing that the file waits for, if they were asked for any later: nobody
 * would vouch for it sooner, and the rest of the file hardly takes longer.
 */
export function isLastCall(context: CoordinatorContext, rows: Rows, mirrorId: number): boolean {
  const row = rows.get(mirrorId);
  if (row === undefined) return false;
  const { roundTripMs } = row.record.head ?? { roundTripMs: ROUND_TRIP_GUESS_MS };
  const isNearEnd = isComplete(context.map) || restMs(context, rows) <= EARLY * SAMPLE_PLACES_MAX * roundTripMs;
  return isNearEnd && isSoonerItself(context, rows, mirrorId);
}

/** A server that gives a smaller part than this has no lane that is worth more than its word. */
const MINOR_SHARE = 0.1;

/**
 * Whether a server’s connections are past their slow start, or nothing is left to be leased: before, a lane is worth more
 * than an early word, unless it is known to bring little.
 */
function isPastSlowStart(context: CoordinatorContext, rows: Rows, mirrorId: number): boolean {
  const { map, nowMs } = context;
  const record = rows.get(mirrorId)?.record;
  if (record === undefined || record.askedAtMs === null || map.free.length === 0) return true;
  const roundTrips = (nowMs - record.askedAtMs) / (record.head?.roundTripMs ?? 0);
  const isMinor = record.rateBytesPerSec !== null && record.rateBytesPerSec < MINOR_SHARE * fleetBytesPerSec(rows);
  return roundTrips >= (isMinor ? ROUND_TRIPS_OF_A_START : SLOW_START_ROUND_TRIPS) || isLastCall(context, rows, mirrorId);
}

/** Whether a server's only lane has ended this moment, with more to fetch: its next lease goes first, for it may refuse whatever comes second. */
function isBetweenLeases(context: CoordinatorContext, rows: Rows, mirrorId: number): boolean {
  const { map, nowMs } = context;
  const record = rows.get(mirrorId)?.record;
  if (record === undefined || record.lanes.cap > 1 || record.idleSinceMs === null || map.free.length === 0) return false;
  return nowMs - record.idleSinceMs < TICK_MS && !isLastCall(context, rows, mirrorId);
}

/** Whether a mirror's samples, where they are wanted, are asked for as soon as it has a lane for them. */
export const isTimeToSample = (context: CoordinatorContext, rows: Rows, mirrorId: number): boolean =>
  isPastSlowStart(context, rows, mirrorId) && !wasTurnedAwayLately(context, mirrorId) && !isBetweenLeases(context, rows, mirrorId);
