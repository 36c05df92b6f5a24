import type { Holding } from './segment-map.ts';
import type { Pipe } from './fleet.ts';
import { isLate, laneBytesPerSec, PATIENCE_MS, ROUND_TRIP_GUESS_MS, throughInMs } from './fleet.ts';
import { blockCeil } from './grid.ts';

/** A lane slower than this share of its server's mean lane is stuck, and even its own server may take from it. */
const STUCK_SHARE = 0.25;
/** A lane that would go on for longer than this, and than so many round trips, is worth sharing with another of its own server. */
const WORTH_SHARING_MS = 1_000;
const WORTH_SHARING_ROUND_TRIPS = 8;
/** Of a lane that was not found to be held back: what is under way when its body is cut comes in vain, a round trip's worth. */
const WORTH_TRYING_ROUND_TRIPS = 32;
/** A stalled lane's rate: not zero, so that finish times stay numbers. */
const STALLED_BYTES_PER_SEC = 1;

/** A tail that takes its new server less than this is hardly worth a request, and has to gain so many times as much. */
const SMALL_TAIL_MS = 20;
const SMALL_TAIL_GAIN = 3;

/** Where a segment is to end so that another server can have its tail. */
export interface Steal {
  readonly segmentId: number;
  readonly fromMirrorId: number;
  readonly end: number;
}

/**
 * When a lane will have delivered its range: by its own rate or by its server's backlog, whichever is later. A server
 * that has not been measured is held to be what it would be as a thief: were it held to be slower, two of them would
 * take one range from each other for ever.
 */
function finishMs(holding: Holding, victim: Pipe, backlogBytes: number, leftBytes: number): number {
  const serverRate = Math.max(victim.assumedBytesPerSec, STALLED_BYTES_PER_SEC);
  const laneRate = Math.max(laneBytesPerSec(holding) ?? serverRate, STALLED_BYTES_PER_SEC);
  return Math.max(backlogBytes / serverRate, leftBytes / laneRate) * 1_000;
}

/** So long a lane that delivers may be without a byte: the counters are read ten times a second. */
const PAUSE_MS = 300;

/** How much longer a lane will wait for its answer, or for more of it: as long as it has waited already, beyond what is usual. */
function silenceMs(holding: Holding, victim: Pipe, nowMs: number): number {
  const waitedMs = nowMs - holding.movedAtMs;
  if (holding.openedAtMs !== null) return waitedMs >= PAUSE_MS ? waitedMs : 0;
  return Math.max(0, waitedMs - (victim.roundTripMs ?? ROUND_TRIP_GUESS_MS));
}

const isNew = (holding: Holding, victim: Pipe, nowMs: number): boolean => (holding.openedAtMs === null ? !isLate(holding, victim, nowMs) : nowMs - holding.openedAtMs < PATIENCE_MS);

function isStuck(holding: Holding, victim: Pipe): boolean {
  const rate = laneBytesPerSec(holding);
  return rate !== null && rate < STUCK_SHARE * (victim.assumedBytesPerSec / Math.max(1, victim.lanes.length));
}

/**
 * Where a server gives each lane only so much, what one lane has left is halved with an idle one. Where all was leased
 * before it was known whether it does (of a small file, one lane may have half), that is tried: the other lane is idle.
 */
function sharedEnd(holding: Holding, server: Pipe, blockBytes: number): number | null {
  const rate = laneBytesPerSec(holding);
  const isTried = server.lanes.length < (server.payingLanes ?? 0);
  if (rate === null || rate <= 0 || (!isTried && server.lanes.length >= server.laneCap)) return null;
  const leftBytes = holding.end - holding.writtenEnd;
  const worthMs = Math.max(WORTH_SHARING_MS, (isTried ? WORTH_SHARING_ROUND_TRIPS : WORTH_TRYING_ROUND_TRIPS) * (server.roundTripMs ?? ROUND_TRIP_GUESS_MS));
  const half = blockCeil(holding.end - leftBytes / 2, blockBytes);
  // Of less than two blocks the last goes, where something is left before it.
  const end = half < holding.end ? half : half - blockBytes;
  return end >= holding.end || end <= holding.writtenEnd || (leftBytes * 1_000) / rate < worthMs ? null : end;
}

/** A lane from which something could be taken. */
export interface Prey {
  readonly holding: Holding;
  readonly victim: Pipe;
  readonly isStuck: boolean;
  readonly leftBytes: number;
  /** How much longer its answer, or the next of it, is likely to take. */
  readonly waitMs: number;
  /** When it will have delivered its range if nobody takes from it. */
  readonly beforeMs: number;
}

/** All lanes that may be taken from, those that would finish last first: who looks for a victim need not look at all of them. */
export const preyIn = (fleet: readonly Pipe[], nowMs: number): readonly Prey[] =>
  fleet
    .flatMap((victim) =>
      victim.lanes.flatMap((holding): Prey[] => {
        if (holding.askedEnd !== null || isNew(holding, victim, nowMs)) return [];
        const leftBytes = holding.end - holding.writtenEnd;
        const waitMs = silenceMs(holding, victim, nowMs);
        return [{ holding, victim, isStuck: isStuck(holding, victim), leftBytes, waitMs, beforeMs: waitMs + finishMs(holding, victim, victim.backlogBytes, leftBytes) }];
      }),
    )
    .sort((a, b) => b.beforeMs - a.beforeMs);

interface Gain extends Steal {
  readonly gainMs: number;
}

/** What an idle lane gains by taking half of what another lane of its own server has left, where that is worth anything. */
function sharing({ holding, victim }: Prey, blockBytes: number): Gain | null {
  const end = sharedEnd(holding, victim, blockBytes);
  if (end === null) return null;
  return { segmentId: holding.segmentId, fromMirrorId: victim.mirrorId, end, gainMs: ((holding.end - end) * 1_000) / (laneBytesPerSec(holding) ?? Infinity) };
}

/** The best cut of one lane's range between it and a thief, of those that gain more than `leastMs`; null where there is none. */
function bestCut({ holding, victim, isStuck: isVictimStuck, leftBytes, waitMs, beforeMs }: Prey, thief: Pipe, blockBytes: number, gainMinMs: number, leastMs: number): Gain | null {
  const thiefReadyMs = thief.roundTripMs ?? ROUND_TRIP_GUESS_MS;
  // What the two would reach if the thief took `takenBytes`.
  const afterMs = (takenBytes: number): number =>
    Math.max(
      thiefReadyMs + ((thief.backlogBytes + takenBytes) * 1_000) / thief.assumedBytesPerSec,
      takenBytes >= leftBytes ? 0 : waitMs + finishMs(holding, victim, victim.backlogBytes - takenBytes, leftBytes - takenBytes),
    );
  const victimRate = (leftBytes * 1_000) / Math.max(beforeMs, 1);
  const evenMs = beforeMs - thiefReadyMs - (thief.backlogBytes * 1_000) / thief.assumedBytesPerSec;
  const evenBytes = (evenMs / 1_000) * ((thief.assumedBytesPerSec * victimRate) / (thief.assumedBytesPerSec + victimRate));
  if (evenBytes <= 0) return null;
  const cut = blockCeil(holding.end - evenBytes, blockBytes);
  let best: Gain | null = null;
  for (const end of [cut, cut - blockBytes, holding.writtenEnd]) {
    if (end >= holding.end || end < holding.writtenEnd) continue;
    const takenBytes = holding.end - end;
    // What is cut off is free for all: where the victim's own server would be through with it sooner, it would take it back.
    if (!isVictimStuck && waitMs + throughInMs(victim, 0) <= throughInMs(thief, takenBytes)) continue;
    const gainMs = beforeMs - afterMs(takenBytes);
    const isSmall = takenBytes * 1_000 < thief.assumedBytesPerSec * SMALL_TAIL_MS;
    if (gainMs > gainMinMs * (isSmall ? SMALL_TAIL_GAIN : 1) && gainMs > (best?.gainMs ?? leastMs)) {
      best = { segmentId: holding.segmentId, fromMirrorId: victim.mirrorId, end, gainMs };
    }
  }
  return best;
}

/**
 * What an idle server takes when nothing is free: the tail of the segment that would finish last, cut where both would
 * finish together (equal finish times, as in MDTP), on the block grid or all of it; null where nothing is gained by
 * more than a round trip.
 *
 * @param prey as `preyIn` gives it
 */
export function bestSteal(thief: Pipe, prey: readonly Prey[], blockBytes: number, gainMinMs: number): Steal | null {
  if (thief.assumedBytesPerSec <= 0) return null;
  const readyMs = (thief.roundTripMs ?? ROUND_TRIP_GUESS_MS) + (thief.backlogBytes * 1_000) / thief.assumedBytesPerSec;
  let best: Steal | null = null;
  let bestMs = 0;
  for (const each of prey) {
    const isOwn = each.victim.mirrorId === thief.mirrorId && !each.isStuck;
    // Nothing gains more than what lies between the end that it would have and the thief's own.
    if (!isOwn && each.beforeMs - readyMs <= Math.max(gainMinMs, bestMs)) continue;
    const found = isOwn ? sharing(each, blockBytes) : bestCut(each, thief, blockBytes, gainMinMs, bestMs);
    if (found === null || found.gainMs <= bestMs) continue;
    best = found;
    bestMs = found.gainMs;
  }
  return best;
}
