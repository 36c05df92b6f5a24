/**
 * What a server's actor knows of its server, and how each report changes it: pure, so that it can be read and tested
 * without a machine.
 */
import { RETRY_AFTER_MAX_MS } from '../../base/bounds.ts';
import type { FaultCode } from '../../base/faults.ts';
import { faultClassOf } from '../../base/faults.ts';
import type { LeaseHead, LeaseOutcome } from '../../net/data-plane.ts';
import { backoffMs, quickRetryMs } from './backoff.ts';
import { areByUser, lanesAtStart, lanesBack, lanesBrokenOff, lanesByUser, lanesNow, lanesRefused, lanesUnknown, measurableSinceMs, reviewedLanes, ROUND_TRIP_PER_LANE_MS } from './lanes.ts';
import type { LaneCount } from './lanes.ts';
import { nextRandom } from './random.ts';
import type { Seed } from './random.ts';
import { measured, NO_SAMPLES, rateBytesPerSec, rateSince, TRUSTED_WINDOW_MS } from './rate-meter.ts';
import type { RateMeter } from './rate-meter.ts';

export interface ServerFault {
  readonly code: FaultCode;
  readonly detail: string;
  readonly atMs: number;
}

export interface ServerRecord {
  readonly mirrorId: number;
  /** Redacted. */
  readonly url: string;
  readonly manner: 'range' | 'whole';
  readonly maxLanes: number;
  /** There are so many others that nobody waits while it is asked anew. */
  readonly isOneOfMany: boolean;
  readonly lanes: LaneCount;
  /** Lanes at work now. */
  readonly liveLanes: number;
  /** Failures in a row. */
  readonly strikes: number;
  /** Wrong answers in a row. */
  readonly lies: number;
  readonly lastFault: ServerFault | null;
  /** How long the present pause lasts. */
  readonly backoffMs: number;
  /** When it failed last, with no lane left. */
  readonly failedAtMs: number;
  /** When the server is asked again; 0 where it is not waiting. */
  readonly retryAtMs: number;
  /** Until when any of its lanes was asked to leave it alone. */
  readonly notBeforeMs: number;
  readonly seed: Seed;
  /** Written by its finished lanes. */
  readonly settledBytes: number;
  readonly meter: RateMeter;
  readonly rateBytesPerSec: number | null;
  /** When its last lane ended; null while it has one, or has had none. */
  readonly idleSinceMs: number | null;
  /** Where the body of one that sends only the whole stands, behind a lane that did its work; null where it would begin anew. */
  readonly bodyAt: number | null;
  /** When it was asked, having had no lane; null before the first time. */
  readonly askedAtMs: number | null;
  /** When any of its lanes was asked last. */
  readonly lastAskedAtMs: number;
  /** When it last answered or delivered; null before the first time. */
  readonly heardAtMs: number | null;
  /** What its last accepted answer said; null before the first. */
  readonly head: LeaseHead | null;
}

export interface ServerInput {
  readonly mirrorId: number;
  readonly url: string;
  readonly maxLanes: number;
  /** There are so many others that nobody waits while it is asked anew. */
  readonly isOneOfMany: boolean;
  readonly seed: Seed;
  /** How many the user has said; absent: it is found out. */
  readonly lanesByUser?: number;
}

export const newServerRecord = ({ mirrorId, url, maxLanes, isOneOfMany, seed, lanesByUser: asked }: ServerInput): ServerRecord => ({
  mirrorId,
  url,
  maxLanes: asked ?? maxLanes,
  isOneOfMany,
  seed,
  manner: 'range',
  lanes: asked === undefined ? lanesUnknown(maxLanes) : lanesByUser(asked),
  liveLanes: 0,
  strikes: 0,
  lies: 0,
  lastFault: null,
  backoffMs: 0,
  failedAtMs: -Infinity,
  retryAtMs: 0,
  notBeforeMs: 0,
  settledBytes: 0,
  meter: NO_SAMPLES,
  rateBytesPerSec: null,
  idleSinceMs: null,
  bodyAt: null,
  askedAtMs: null,
  lastAskedAtMs: -Infinity,
  heardAtMs: null,
  head: null,
});

function withSample(server: ServerRecord, atMs: number, deliveredBytes: number): ServerRecord {
  const meter = measured(server.meter, { atMs, bytes: deliveredBytes });
  const spanMs = atMs - (meter[0]?.atMs ?? atMs);
  const rate = rateBytesPerSec(meter);
  // A short window is a first guess where nothing else is known; that nothing came in it is no news.
  const isTrusted = spanMs >= TRUSTED_WINDOW_MS || (server.rateBytesPerSec === null && rate !== null && rate > 0);
  const hasMore = deliveredBytes > (server.meter.at(-1)?.bytes ?? Infinity);
  return { ...server, meter, rateBytesPerSec: isTrusted ? rate : server.rateBytesPerSec, heardAtMs: hasMore ? atMs : server.heardAtMs };
}

/** How many lanes a server that has answered may have now: where the round trip is short, one until it is known how fast it is, lest a slow one holds more than it can give. */
export const lanesAtWork = (server: ServerRecord, nowMs: number): number =>
  server.rateBytesPerSec === null && (server.head?.roundTripMs ?? 0) < ROUND_TRIP_PER_LANE_MS ? 1 : lanesNow(server.lanes, nowMs);

/** It has been given work. After idleness the window starts anew, so that the pause does not count as slowness. */
export const leasedRecord = (server: ServerRecord, event: { readonly lanes: number; readonly atMs: number }): ServerRecord => ({
  ...server,
  liveLanes: event.lanes,
  idleSinceMs: null,
  askedAtMs: server.liveLanes === 0 ? event.atMs : server.askedAtMs,
  lastAskedAtMs: event.atMs,
  meter: server.liveLanes === 0 ? NO_SAMPLES : server.meter,
});

function lanesOnAnswer(server: ServerRecord, roundTripMs: number, atMs: number): LaneCount {
  if (server.head === null && !areByUser(server.lanes)) return lanesAtStart(roundTripMs, server, atMs);
  return server.strikes > 0 ? lanesBack(server.lanes) : server.lanes;
}

/** It has answered. */
export function answeredRecord(server: ServerRecord, event: { readonly head: LeaseHead; readonly atMs: number }): ServerRecord {
  const { head, atMs } = event;
  const lanes = lanesOnAnswer(server, head.roundTripMs, atMs);
  const answered = { ...server, head, heardAtMs: atMs, lanes: server.manner === 'whole' ? { ...lanes, cap: 1 } : lanes, retryAtMs: 0 };
  return answered.meter.length === 0 ? withSample(answered, atMs, server.settledBytes) : answered;
}

/** The counters have been read. */
export function measuredRecord(server: ServerRecord, event: { readonly inFlightBytes: number; readonly lanes: number; readonly mayTryMore: boolean; readonly atMs: number }): ServerRecord {
  // A lane that waits for its answer says nothing about the rate: the window begins with an answer.
  if (server.head === null || server.liveLanes === 0 || server.meter.length === 0) return server;
  const sampled = withSample(server, event.atMs, server.settledBytes + event.inFlightBytes);
  const sinceMs = measurableSinceMs(server.lanes, server.head.roundTripMs);
  const lanes = reviewedLanes(server.lanes, {
    atMs: event.atMs,
    measurableSinceMs: sinceMs,
    rateBytesPerSec: rateSince(sampled.meter, sinceMs),
    liveLanes: event.lanes,
    maxLanes: server.manner === 'whole' ? 1 : server.maxLanes,
    mayTryMore: event.mayTryMore,
  });
  return { ...sampled, lanes };
}

export interface Settlement {
  readonly outcome: LeaseOutcome;
  readonly lanesLeft: number;
  readonly deliveredBytes: number;
  /** Up to where it had written. */
  readonly writtenEnd: number;
  readonly atMs: number;
}

/**
 * A lease too short to be measured shows at least what it gave since the server was asked: one that comes back from a
 * silence, and gets little because it gave nothing, is found to be fast in a few leases.
 */
function noSlowerThan(server: ServerRecord, { deliveredBytes, atMs }: Settlement): ServerRecord {
  const leastBytesPerSec = (deliveredBytes * 1_000) / Math.max(1, atMs - (server.askedAtMs ?? -Infinity));
  return server.rateBytesPerSec !== null && server.rateBytesPerSec < leastBytesPerSec ? { ...server, rateBytesPerSec: leastBytesPerSec } : server;
}

/** One of its lanes has ended; strikes end with a lease that is done. */
export function settledRecord(server: ServerRecord, event: Settlement): ServerRecord {
  const settled = {
    ...server,
    liveLanes: event.lanesLeft,
    settledBytes: server.settledBytes + event.deliveredBytes,
    idleSinceMs: event.lanesLeft === 0 ? event.atMs : null,
    bodyAt: server.manner === 'whole' && event.outcome.kind === 'done' ? event.writtenEnd : null,
  };
  // With no lane in flight the count is exact: a sample between two ticks, which matters where leases are short.
  const sampled = noSlowerThan(event.lanesLeft === 0 && server.head !== null ? withSample(settled, event.atMs, settled.settledBytes) : settled, event);
  // Its work was taken away before it had answered: as far as anybody knows it delivers nothing.
  if (event.outcome.kind === 'done' && event.deliveredBytes === 0 && server.meter.length === 0) return { ...sampled, rateBytesPerSec: 0 };
  if (event.outcome.kind === 'done') return { ...sampled, strikes: 0, lies: 0 };
  const { code, detail, inBody, retryAfterMs } = event.outcome;
  const faultClass = faultClassOf(code);
  if (faultClass === 'ours') return sampled;
  return {
    ...sampled,
    lastFault: { code, detail, atMs: event.atMs },
    notBeforeMs: Math.max(sampled.notBeforeMs, event.atMs + Math.min(retryAfterMs ?? 0, RETRY_AFTER_MAX_MS)),
    // One that delivers is not failing yet.
    strikes: event.deliveredBytes > 0 ? 0 : sampled.strikes,
    lanes: inBody && faultClass === 'retry' ? lanesBrokenOff(sampled.lanes, event.lanesLeft, event.atMs) : sampled.lanes,
  };
}

/** A lane was one too many. */
export const fewerLanesRecord = (server: ServerRecord, event: Settlement): ServerRecord => {
  const settled = settledRecord(server, event);
  return { ...settled, lanes: lanesRefused(settled.lanes, event.lanesLeft, settled.notBeforeMs - event.atMs, event.atMs) };
};

/** No lane delivers: a strike, and a pause with jitter. What was measured before says nothing about afterwards. */
export function backingOffRecord(server: ServerRecord, event: Settlement): ServerRecord {
  const settled = settledRecord(server, event);
  const { value, seed } = nextRandom(server.seed);
  const strikes = settled.strikes + 1;
  const failed = event.outcome.kind === 'failed' ? event.outcome : null;
  const askedMs = Math.max(0, settled.notBeforeMs - event.atMs);
  const brokeOff = failed !== null && failed.inBody && failed.code !== 'stalled' && askedMs === 0 && strikes === 1;
  const pauseMs = brokeOff ? quickRetryMs(event.atMs - server.failedAtMs, event.atMs - server.lastAskedAtMs, value) : backoffMs(failed?.code ?? 'cancelled', strikes, askedMs, value);
  const isLie = failed !== null && faultClassOf(failed.code) === 'lie';
  return { ...settled, strikes, lies: isLie ? server.lies + 1 : server.lies, seed, backoffMs: pauseMs, failedAtMs: event.atMs, retryAtMs: event.atMs + pauseMs, meter: NO_SAMPLES, rateBytesPerSec: null };
}

/** Whether a server that is left alone asks, on another of its lanes, for a longer pause than it has. */
export const asksForLonger = (server: ServerRecord, { outcome, atMs }: Settlement): boolean =>
  outcome.kind === 'failed' && atMs + Math.min(outcome.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS) > server.retryAtMs;

/** It is left alone until then: no further strike, since it was failing already. */
export const waitingLongerRecord = (server: ServerRecord, event: Settlement): ServerRecord => {
  const settled = settledRecord(server, event);
  return { ...settled, strikes: server.strikes, backoffMs: settled.notBeforeMs - event.atMs, retryAtMs: settled.notBeforeMs };
};

/** It serves the file only as one whole, on one lane. */
export const wholeOnlyRecord = (server: ServerRecord, event: Settlement): ServerRecord => {
  const settled = settledRecord(server, event);
  return { ...settled, manner: 'whole', lanes: { ...settled.lanes, cap: 1 } };
};
