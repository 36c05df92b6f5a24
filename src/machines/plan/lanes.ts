import { BACKOFF_MIN_MS, LANES_AT_START, RATE_WINDOW_MS } from '../../base/bounds.ts';

/** Every 50 ms of round trip is worth another lane at once: slow start is shared by the lanes. */
const ROUND_TRIP_PER_LANE_MS = 50;
/** A lane is worth keeping while it adds this share of speed. */
const GAIN_WORTH_A_LANE = 0.05;
/** After a lane that did not pay, so long until the next is tried. */
const REST_MS = 30_000;

/** How many lanes a server has, and what is being found out about one more. */
export interface LaneCount {
  readonly cap: number;
  /** The rate before the lane that is on trial; null while none is. */
  readonly rateBeforeTrial: number | null;
  /** When the count last changed, or was last found right. */
  readonly sinceMs: number;
  /** No trial before this. */
  readonly restUntilMs: number;
  /** After a lane that broke off, for a while no more than were left then: it may be the first of all. */
  readonly pause: { readonly cap: number; readonly untilMs: number } | null;
}

/** How many lanes it may have now. */
export const lanesNow = ({ cap, pause }: LaneCount, nowMs: number): number => (pause === null || nowMs >= pause.untilMs ? cap : Math.min(cap, pause.cap));

/** A lane broke off in the middle of a body, and `liveLanes` are left: they go on, and none is added for as long as a failing server is left alone. */
export const lanesBrokenOff = (lanes: LaneCount, liveLanes: number, atMs: number): LaneCount => ({ ...lanes, pause: { cap: Math.max(1, liveLanes), untilMs: atMs + BACKOFF_MIN_MS } });

/** The lanes of a server that has not answered yet. */
export const lanesUnknown = (maxLanes: number): LaneCount => ({ cap: Math.min(LANES_AT_START, maxLanes), rateBeforeTrial: null, sinceMs: 0, restUntilMs: 0, pause: null });

/** Lanes that a round trip is worth: two hide it, and slow start is shared by the lanes of a long one. */
const lanesFor = (roundTripMs: number, maxLanes: number): number => Math.min(maxLanes, LANES_AT_START + Math.floor(roundTripMs / ROUND_TRIP_PER_LANE_MS));

/**
 * The lanes of a server that has been asked for the first time and has not answered: its round trip is at least as long
 * as it has taken already, so its further lanes need not wait for the first one's answer.
 */
export const lanesWhileAsking = (waitedMs: number, maxLanes: number): number => (waitedMs < ROUND_TRIP_PER_LANE_MS ? 1 : lanesFor(waitedMs, maxLanes));

/** The lanes of a server that has just answered for the first time. */
export const lanesAtStart = (roundTripMs: number, maxLanes: number, atMs: number): LaneCount => ({
  cap: lanesFor(roundTripMs, maxLanes),
  rateBeforeTrial: null,
  sinceMs: atMs,
  restUntilMs: 0,
  pause: null,
});

/** As many as the user has said: none is tried beyond them, until the server itself refuses one. */
export const lanesByUser = (lanes: number): LaneCount => ({ cap: lanes, rateBeforeTrial: null, sinceMs: 0, restUntilMs: Infinity, pause: null });

export const areByUser = ({ restUntilMs }: LaneCount): boolean => restUntilMs === Infinity;

/** A server that refuses a further lane is believed: it has those that live, and is left alone for a while, or for as long as it asks. */
export const lanesRefused = (lanes: LaneCount, liveLanes: number, retryAfterMs: number | null, atMs: number): LaneCount => ({
  ...lanes,
  cap: Math.max(1, Math.min(lanes.cap, liveLanes)),
  rateBeforeTrial: null,
  sinceMs: atMs,
  restUntilMs: Math.max(lanes.restUntilMs, atMs + Math.max(REST_MS, retryAfterMs ?? 0)),
});

/**
 * Marginal gain: one more lane is tried, and kept where it adds 5 % or more over a full measuring window; then the next.
 * One that does not pay is given up at its next lease's end.
 */
export function reviewedLanes(
  lanes: LaneCount,
  now: { readonly atMs: number; readonly rateBytesPerSec: number | null; readonly liveLanes: number; readonly maxLanes: number },
): LaneCount {
  const { atMs, rateBytesPerSec } = now;
  if (lanes.cap > now.maxLanes) return { ...lanes, cap: now.maxLanes, rateBeforeTrial: null, sinceMs: atMs };
  // A rate that covers a time with fewer lanes says nothing about this many: wait for a window of its own.
  const isMeasured = atMs - lanes.sinceMs >= RATE_WINDOW_MS * 1.5 && now.liveLanes >= lanes.cap;
  if (!isMeasured || rateBytesPerSec === null || atMs < lanes.restUntilMs) return lanes;
  if (lanes.rateBeforeTrial !== null && rateBytesPerSec < lanes.rateBeforeTrial * (1 + GAIN_WORTH_A_LANE)) {
    return { ...lanes, cap: Math.max(1, lanes.cap - 1), rateBeforeTrial: null, sinceMs: atMs, restUntilMs: atMs + REST_MS };
  }
  if (lanes.cap >= now.maxLanes) return { ...lanes, rateBeforeTrial: null, sinceMs: atMs };
  return { ...lanes, cap: lanes.cap + 1, rateBeforeTrial: rateBytesPerSec, sinceMs: atMs, restUntilMs: 0 };
}
