import type { Holding, SegmentMap } from './segment-map.ts';
import { rateBytesPerSec } from './rate-meter.ts';

/** What planning knows of a server. */
export interface ServerView {
  readonly mirrorId: number;
  /** Lanes it may have now: 0 while it backs off or is doubted. */
  readonly laneCap: number;
  /** `whole` for a server that serves no parts. */
  readonly manner: 'range' | 'whole';
  /** Mean rate of all its lanes; null before it has been measured. */
  readonly rateBytesPerSec: number | null;
  /** Null before its first answer. */
  readonly roundTripMs: number | null;
}

/** A server as a pipe: what it still has to deliver, and how fast it does. */
export interface Pipe extends ServerView {
  readonly lanes: readonly Holding[];
  readonly backlogBytes: number;
  /** Measured, or what a server of this fleet gives on average; 0 where nothing is known at all. */
  readonly assumedBytesPerSec: number;
}

const remainingBytes = (holding: Holding): number => (holding.askedEnd ?? holding.end) - holding.writtenEnd;

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
  const meanBytesPerSec = known.length === 0 ? 0 : known.reduce((sum, rate) => sum + rate, 0) / known.length;
  return servers.map((server) => {
    const own = lanes.get(server.mirrorId) ?? [];
    return {
      ...server,
      lanes: own,
      backlogBytes: own.reduce((sum, holding) => sum + remainingBytes(holding), 0),
      assumedBytesPerSec: server.rateBytesPerSec ?? meanBytesPerSec,
    };
  });
}

/** Whether a server may be given another lane's worth of work. */
export const hasIdleLane = (pipe: Pipe): boolean => pipe.lanes.length < pipe.laneCap;

/** A lane's own rate where it has been measured. */
export const laneBytesPerSec = (holding: Holding): number | null => rateBytesPerSec(holding.meter);

// Infinity - Infinity is NaN, which sorts as nothing at all: two unknown rates are equal.
const compareRates = (a: number | null, b: number | null): number => (a === b ? 0 : (a ?? Infinity) - (b ?? Infinity));

/**
 * Who is asked first: those with the fewest lanes, so that every server works before any has many; among them those
 * of unknown speed, so that it becomes known; then the fastest.
 */
export const byNeed = (a: Pipe, b: Pipe): number =>
  a.lanes.length - b.lanes.length ||
  compareRates(b.rateBytesPerSec, a.rateBytesPerSec) ||
  a.mirrorId - b.mirrorId;
