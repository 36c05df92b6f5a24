import { BLOCK_MIN_BYTES } from '../../base/bounds.ts';
import type { Holding, SegmentMap } from './segment-map.ts';
import { rateBytesPerSec, TRUSTED_WINDOW_MS } from './rate-meter.ts';

/** What planning knows of a server. */
export interface ServerView {
  readonly mirrorId: number;
  /** Lanes it may have now: 0 while it backs off or is doubted. */
  readonly laneCap: number;
  /** So many lanes were found to add speed one by one: fewer give less. Left out where that is not known. */
  readonly payingLanes?: number;
  /** `whole` for a server that serves no parts. */
  readonly manner: 'range' | 'whole';
  /** Mean rate of all its lanes; null before it has been measured. */
  readonly rateBytesPerSec: number | null;
  /** Null before its first answer. */
  readonly roundTripMs: number | null;
  /** When its last lane ended; left out where it has a lane at work, or has had none yet. */
  readonly idleSinceMs?: number;
  /** Where the body of one that serves no parts stands, the rest of which it need not be asked for; left out where it begins anew. */
  readonly bodyAt?: number;
  /** When it was asked, having had nothing to do; left out where it has not been asked. */
  readonly askedAtMs?: number;
}

/** A server as a pipe: what it still has to deliver, and how fast it does. */
export interface Pipe extends ServerView {
  readonly lanes: readonly Holding[];
  readonly backlogBytes: number;
  /** Measured, or what a server of this fleet gives on average; 0 where nothing is known at all. */
  readonly assumedBytesPerSec: number;
}

/** What a lane still has to deliver. */
export const leftBytesOf = (holding: Holding): number => (holding.askedEnd ?? holding.end) - holding.writtenEnd;

/**
 * What a server that nobody has measured is held to give at least, once anything is known of anybody: a block a second.
 * Where all who were measured trickle, the others would never be tried, being held to be no better.
 */
const UNMEASURED_MIN_BYTES_PER_SEC = BLOCK_MIN_BYTES;

/** Every server of the fleet with its lanes and its backlog. */
export function pipesOf(map: SegmentMap, servers: readonly ServerView[]): readonly Pipe[] {
  const lanes = new Map<number, Holding[]>();
  for (const holding of map.held.values()) {
    if (holding.mirrorId === null) continue;
    const of = lanes.get(holding.mirrorId);
    if (of === undefined) lanes.set(holding.mirrorId, [holding]);
    else of.push(holding);
  }
  const known = servers.flatMap((server) => (server.rateBytesPerSec === null ? [] : [server.rateBytesPerSec]));
  const meanBytesPerSec = known.length === 0 ? 0 : Math.max(UNMEASURED_MIN_BYTES_PER_SEC, known.reduce((sum, rate) => sum + rate, 0) / known.length);
  return servers.map((server) => {
    const own = lanes.get(server.mirrorId) ?? [];
    return {
      ...server,
      lanes: own,
      backlogBytes: own.reduce((sum, holding) => sum + leftBytesOf(holding), 0),
      assumedBytesPerSec: server.rateBytesPerSec ?? meanBytesPerSec,
    };
  });
}

/** Whether a server may be given another lane's worth of work. */
export const hasIdleLane = (pipe: Pipe): boolean => pipe.lanes.length < pipe.laneCap;

/** A lane's own rate where it has been measured for long enough to say something. */
export const laneBytesPerSec = (holding: Holding): number | null =>
  (holding.meter.at(-1)?.atMs ?? 0) - (holding.meter[0]?.atMs ?? 0) >= TRUSTED_WINDOW_MS ? rateBytesPerSec(holding.meter) : null;

/** The round trip of a server that has not yet answered. */
export const ROUND_TRIP_GUESS_MS = 100;

/** When a server that is asked now will be through with what it has and `bytes` more; Infinity where it delivers nothing. */
export const throughInMs = (pipe: Pipe, bytes: number): number =>
  (pipe.roundTripMs ?? ROUND_TRIP_GUESS_MS) + (pipe.assumedBytesPerSec > 0 ? ((pipe.backlogBytes + bytes) * 1_000) / pipe.assumedBytesPerSec : Infinity);

/** What the servers that may be asked give together. */
export const fleetBytesPerSec = (fleet: readonly Pipe[]): number => fleet.reduce((sum, pipe) => sum + (pipe.laneCap > 0 ? pipe.assumedBytesPerSec : 0), 0);

/** Lanes at work in all. */
export const lanesOf = (fleet: readonly Pipe[]): number => fleet.reduce((sum, pipe) => sum + pipe.lanes.length, 0);

/**
 * How long a lane is left alone that has just been given out or has just been answered. What is given must not be taken
 * back at once, or giving and taking, which judge a little differently, go round in a circle without a byte moving.
 */
export const PATIENCE_MS = 100;

/** Whether a lane's answer is still awaited, and takes longer than two round trips. */
export const isLate = (holding: Holding, pipe: Pipe, nowMs: number): boolean =>
  holding.openedAtMs === null && nowMs - holding.movedAtMs >= Math.max(PATIENCE_MS, 2 * (pipe.roundTripMs ?? 0));

/** A lane that is still slow after so many round trips is slow: by then it would have doubled its window as often, and delivered a probe. */
export const ROUND_TRIPS_OF_A_START = 4;

/** Whether a server has worked for so long that its rate is not that of its connections' slow start. */
export const isMeasured = ({ rateBytesPerSec: rate, roundTripMs, askedAtMs }: Pipe, nowMs: number): boolean =>
  rate !== null && (askedAtMs === undefined || nowMs - askedAtMs >= ROUND_TRIPS_OF_A_START * (roundTripMs ?? 0));

/** Whether a server is at work that may turn out to be faster than anybody knows. */
export const isBeingMeasured = (pipe: Pipe, nowMs: number): boolean => !isMeasured(pipe, nowMs) && pipe.lanes.some((holding) => !isLate(holding, pipe, nowMs));

/** Whether a server has a lane at work or can be given one; of one that keeps all of its lanes waiting nothing is to be hoped. */
export const isAtHand = (pipe: Pipe, nowMs: number): boolean => pipe.laneCap > 0 && (pipe.lanes.length === 0 || pipe.lanes.some((holding) => !isLate(holding, pipe, nowMs)));

/** Whether no other server may be asked. */
export const isAlone = (pipe: Pipe, fleet: readonly Pipe[]): boolean => fleet.every((other) => other.mirrorId === pipe.mirrorId || other.laneCap === 0);

// Infinity - Infinity is NaN, which sorts as nothing at all: two that never come through are equal.
const compare = (a: number, b: number): number => (a === b ? 0 : a - b);

/**
 * Who is asked first: those who would be through with a block first. While nobody has been measured, those with the
 * fewest lanes, so that every server works before any has many.
 */
export const byFinish = (blockBytes: number) => (a: Pipe, b: Pipe): number =>
  compare(throughInMs(a, blockBytes), throughInMs(b, blockBytes)) || a.lanes.length - b.lanes.length || a.mirrorId - b.mirrorId;
