/**
 * What a server's actor knows of its server, and how each report changes it: pure, so that it can be read and tested
 * without a machine.
 */
import { LANES_AT_START } from '../../base/bounds.ts';
import type { FaultCode } from '../../base/faults.ts';
import { faultClassOf } from '../../base/faults.ts';
import type { LeaseHead, LeaseOutcome } from '../../net/data-plane.ts';
import { backoffMs, quickRetryMs } from './backoff.ts';
import { lanesAtStart, lanesRefused, reviewedLanes } from './lanes.ts';
import type { LaneCount } from './lanes.ts';
import { nextRandom } from './random.ts';
import type { Seed } from './random.ts';
import { measured, NO_SAMPLES, rateBytesPerSec, TRUSTED_WINDOW_MS } from './rate-meter.ts';
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
  /** When the server is asked again; 0 where it is not waiting. */
  readonly retryAtMs: number;
  readonly seed: Seed;
  /** Written by its finished lanes. */
  readonly settledBytes: number;
  readonly meter: RateMeter;
  readonly rateBytesPerSec: number | null;
  /** When its last lane ended; null while it has one, or has had none. */
  readonly idleSinceMs: number | null;
  /** When it was asked, having had no lane; null before the first time. */
  readonly askedAtMs: number | null;
  /** When any of its lanes was asked last. */
  readonly lastAskedAtMs: number;
  /** What its last accepted answer said; null before the first. */
  readonly head: LeaseHead | null;
}

export const newServerRecord = (input: {
  readonly mirrorId: number;
  readonly url: string;
  readonly maxLanes: number;
  readonly seed: Seed;
}): ServerRecord => ({
  ...input,
  manner: 'range',
  lanes: { cap: Math.min(LANES_AT_START, input.maxLanes), rateBeforeTrial: null, sinceMs: 0, restUntilMs: 0 },
  liveLanes: 0,
  strikes: 0,
  lies: 0,
  lastFault: null,
  backoffMs: 0,
  retryAtMs: 0,
  settledBytes: 0,
  meter: NO_SAMPLES,
  rateBytesPerSec: null,
  idleSinceMs: null,
  askedAtMs: null,
  lastAskedAtMs: -Infinity,
  head: null,
});

function withSample(server: ServerRecord, atMs: number, deliveredBytes: number): ServerRecord {
  const meter = measured(server.meter, { atMs, bytes: deliveredBytes });
  const spanMs = atMs - (meter[0]?.atMs ?? atMs);
  const rate = rateBytesPerSec(meter);
  // A short window is a first guess where nothing else is known; that nothing came in it is no news.
  const isTrusted = spanMs >= TRUSTED_WINDOW_MS || (server.rateBytesPerSec === null && rate !== null && rate > 0);
  return { ...server, meter, rateBytesPerSec: isTrusted ? rate : server.rateBytesPerSec };
}

/** It has been given work. After idleness the window starts anew, so that the pause does not count as slowness. */
export const leasedRecord = (server: ServerRecord, event: { readonly lanes: number; readonly atMs: number }): ServerRecord => ({
  ...server,
  liveLanes: event.lanes,
  idleSinceMs: null,
  askedAtMs: server.liveLanes === 0 ? event.atMs : server.askedAtMs,
  lastAskedAtMs: event.atMs,
  meter: server.liveLanes === 0 ? NO_SAMPLES : server.meter,
});

/** It has answered. */
export function answeredRecord(server: ServerRecord, event: { readonly head: LeaseHead; readonly atMs: number }): ServerRecord {
  const { head, atMs } = event;
  const lanes = server.head === null ? lanesAtStart(head.roundTripMs, server.maxLanes, atMs) : server.lanes;
  const answered = { ...server, head, lanes: server.manner === 'whole' ? { ...lanes, cap: 1 } : lanes, retryAtMs: 0 };
  return answered.meter.length === 0 ? withSample(answered, atMs, server.settledBytes) : answered;
}

/** The counters have been read. */
export function measuredRecord(server: ServerRecord, event: { readonly inFlightBytes: number; readonly lanes: number; readonly atMs: number }): ServerRecord {
  // A lane that waits for its answer says nothing about the rate: the window begins with an answer.
  if (server.head === null || server.liveLanes === 0 || server.meter.length === 0) return server;
  const sampled = withSample(server, event.atMs, server.settledBytes + event.inFlightBytes);
  const lanes = reviewedLanes(server.lanes, {
    atMs: event.atMs,
    rateBytesPerSec: sampled.rateBytesPerSec,
    liveLanes: event.lanes,
    maxLanes: server.manner === 'whole' ? 1 : server.maxLanes,
  });
  return { ...sampled, lanes };
}

export interface Settlement {
  readonly outcome: LeaseOutcome;
  readonly lanesLeft: number;
  readonly deliveredBytes: number;
  readonly atMs: number;
}

/** One of its lanes has ended; strikes end with a lease that is done. */
export function settledRecord(server: ServerRecord, event: Settlement): ServerRecord {
  const settled = { ...server, liveLanes: event.lanesLeft, settledBytes: server.settledBytes + event.deliveredBytes, idleSinceMs: event.lanesLeft === 0 ? event.atMs : null };
  // With no lane in flight the count is exact: a sample between two ticks, which matters where leases are short.
  const sampled = event.lanesLeft === 0 && server.head !== null ? withSample(settled, event.atMs, settled.settledBytes) : settled;
  // Its work was taken away before it had answered: as far as anybody knows it delivers nothing.
  if (event.outcome.kind === 'done' && event.deliveredBytes === 0 && server.meter.length === 0) return { ...sampled, rateBytesPerSec: 0 };
  if (event.outcome.kind === 'done') return { ...sampled, strikes: 0, lies: 0 };
  const { code, detail } = event.outcome;
  return faultClassOf(code) === 'ours' ? sampled : { ...sampled, lastFault: { code, detail, atMs: event.atMs } };
}

/** A lane was one too many. */
export const fewerLanesRecord = (server: ServerRecord, event: Settlement): ServerRecord => {
  const settled = settledRecord(server, event);
  return { ...settled, lanes: lanesRefused(settled.lanes, event.lanesLeft, event.atMs) };
};

/** No lane delivers: a strike, and a pause with jitter. What was measured before says nothing about afterwards. */
export function backingOffRecord(server: ServerRecord, event: Settlement): ServerRecord {
  const settled = settledRecord(server, event);
  const { value, seed } = nextRandom(server.seed);
  const strikes = server.strikes + 1;
  const failed = event.outcome.kind === 'failed' ? event.outcome : null;
  const brokeOff = failed !== null && failed.inBody && failed.code !== 'stalled' && failed.retryAfterMs === null && server.strikes === 0;
  const pauseMs = brokeOff ? quickRetryMs(event.atMs - server.lastAskedAtMs, value) : backoffMs(strikes, failed?.retryAfterMs ?? null, value);
  const isLie = failed !== null && faultClassOf(failed.code) === 'lie';
  return { ...settled, strikes, lies: isLie ? server.lies + 1 : server.lies, seed, backoffMs: pauseMs, retryAtMs: event.atMs + pauseMs, meter: NO_SAMPLES, rateBytesPerSec: null };
}

/** It serves the file only as one whole, on one lane. */
export const wholeOnlyRecord = (server: ServerRecord, event: Settlement): ServerRecord => {
  const settled = settledRecord(server, event);
  return { ...settled, manner: 'whole', lanes: { ...settled.lanes, cap: 1 } };
};
