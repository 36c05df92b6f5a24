import { BACKOFF_MIN_MS, LANES_AT_START } from '../../base/bounds.ts';

/** Every 50 ms of round trip is worth another lane at once: slow start is shared by the lanes. */
export const ROUND_TRIP_PER_LANE_MS = 50;
/** A lane is worth keeping while it adds this share of speed. */
const GAIN_WORTH_A_LANE = 0.05;
/** After lanes that did not pay, so long until the next are tried. */
const REST_MS = 30_000;
/** So many are tried at once: one at a time, a server that caps each connection would be used up late. */
export const LANES_TRIED = 2;
/** A change of the count shows when new lanes have been asked and answered… */
const SETTLING_MS = 200;
const SETTLING_ROUND_TRIPS = 2;
/** …and what they give together has been measured for so long. */
const TRIAL_MS = 800;

/** How many lanes a server has, and what is being found out about more. */
export interface LaneCount {
  readonly cap: number;
  /** How many there were, and how fast, before those that are on trial; null while none are. */
  readonly before: { readonly cap: number; readonly rateBytesPerSec: number } | null;
  /** So many were found to add speed one by one: what fewer of them give is less. */
  readonly paying: number;
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

/** The server has failed altogether since, and has answered again. */
export const lanesBack = (lanes: LaneCount): LaneCount => ({ ...lanes, pause: null });

/** A round trip as short as this costs one of many servers less than a second lane's requests. */
const ROUND_TRIP_HARDLY_FELT_MS = 25;

/** How many lanes a server may have, and whether it is one of many. */
export interface LaneBounds {
  readonly maxLanes: number;
  readonly isOneOfMany: boolean;
}

/** The lanes of a server that has not answered yet. */
export const lanesUnknown = (maxLanes: number): LaneCount => ({ cap: Math.min(LANES_AT_START, maxLanes), before: null, paying: 1, sinceMs: 0, restUntilMs: 0, pause: null });

/**
 * Lanes that a round trip is worth: two hide it, and slow start is shared by the lanes of a long one. Of many servers
 * nobody needs a short one hidden: the others deliver meanwhile.
 */
function lanesFor(roundTripMs: number, { maxLanes, isOneOfMany }: LaneBounds): number {
  if (isOneOfMany && roundTripMs < ROUND_TRIP_HARDLY_FELT_MS) return 1;
  return Math.min(maxLanes, LANES_AT_START + Math.floor(roundTripMs / ROUND_TRIP_PER_LANE_MS));
}

/**
 * The lanes of a server that has been asked for the first time and has not answered: its round trip is at least as long
 * as it has taken already, so its further lanes need not wait for the first one's answer.
 */
export const lanesWhileAsking = (waitedMs: number, bounds: LaneBounds): number => (waitedMs < ROUND_TRIP_PER_LANE_MS ? 1 : lanesFor(waitedMs, bounds));

/** The lanes of a server that has just answered for the first time. */
export const lanesAtStart = (roundTripMs: number, bounds: LaneBounds, atMs: number): LaneCount => ({
  cap: lanesFor(roundTripMs, bounds),
  before: null,
  paying: 1,
  sinceMs: atMs,
  restUntilMs: 0,
  pause: null,
});

/** As many as the user has said: none is tried beyond them, until the server itself refuses one. */
export const lanesByUser = (lanes: number): LaneCount => ({ cap: lanes, before: null, paying: 1, sinceMs: 0, restUntilMs: Infinity, pause: null });

export const areByUser = ({ restUntilMs }: LaneCount): boolean => restUntilMs === Infinity;

/** A server that refuses a further lane is believed: it has those that live, and is left alone for a while, or for as long as it asks. */
export const lanesRefused = (lanes: LaneCount, liveLanes: number, retryAfterMs: number | null, atMs: number): LaneCount => ({
  ...lanes,
  cap: Math.max(1, Math.min(lanes.cap, liveLanes)),
  before: null,
  sinceMs: atMs,
  restUntilMs: Math.max(lanes.restUntilMs, atMs + Math.max(REST_MS, retryAfterMs ?? 0)),
});

/** Since when a count that has not changed can be measured: before that, new lanes were still asking. */
export const measurableSinceMs = (lanes: LaneCount, roundTripMs: number): number => lanes.sinceMs + SETTLING_MS + SETTLING_ROUND_TRIPS * roundTripMs;

/** Whether nothing but its measure is in the way of trying more. */
export const mightTryMore = ({ before, restUntilMs }: LaneCount, atMs: number): boolean => before === null && atMs >= restUntilMs;

/** What is known when the lanes of a server are looked over. */
export interface LaneReview {
  readonly atMs: number;
  readonly measurableSinceMs: number;
  /** What all lanes together have given since then; null where that cannot be told. */
  readonly rateBytesPerSec: number | null;
  readonly liveLanes: number;
  readonly maxLanes: number;
  /** Whether more may be tried: where many are at work already, what one gains the others mostly lose. */
  readonly mayTryMore: boolean;
}

/**
 * Marginal gain: two more lanes are tried, and as many of them kept as add 5 % each; then the next. Those that do not pay
 * are given up at their next leases' ends.
 */
export function reviewedLanes(lanes: LaneCount, now: LaneReview): LaneCount {
  const { atMs, rateBytesPerSec } = now;
  if (lanes.cap > now.maxLanes) return { ...lanes, cap: now.maxLanes, before: null, sinceMs: atMs };
  const isMeasured = atMs - now.measurableSinceMs >= TRIAL_MS && now.liveLanes >= lanes.cap;
  if (!isMeasured || rateBytesPerSec === null || atMs < lanes.restUntilMs) return lanes;
  const { before } = lanes;
  if (before !== null) {
    const gain = rateBytesPerSec / before.rateBytesPerSec - 1;
    const paying = Math.min(lanes.cap, before.cap + Math.floor(gain / GAIN_WORTH_A_LANE));
    if (paying < lanes.cap) return { ...lanes, cap: Math.max(before.cap, paying), paying: paying > before.cap ? paying : lanes.paying, before: null, sinceMs: atMs, restUntilMs: atMs + REST_MS };
  }
  const paying = before === null ? lanes.paying : lanes.cap;
  const cap = now.mayTryMore ? Math.min(now.maxLanes, lanes.cap + LANES_TRIED) : lanes.cap;
  return { ...lanes, cap, paying, before: cap > lanes.cap ? { cap: lanes.cap, rateBytesPerSec } : null, sinceMs: atMs, restUntilMs: 0 };
}
