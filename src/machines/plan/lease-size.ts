import { PROBE_AGAIN_MS, PROBE_BYTES } from '../../base/bounds.ts';
import type { Pipe } from './fleet.ts';
import { fleetBytesPerSec, isAlone, isAtHand, isBeingMeasured, lanesOf, leftBytesOf, ROUND_TRIP_GUESS_MS, throughInMs } from './fleet.ts';
import type { PlanPolicy } from './policy.ts';
import type { Holding } from './segment-map.ts';

/** How far apart the ends of probes of one server are to lie, as a share of a probe. */
const PROBE_SPREAD = 0.25;

/** While others are still to be measured, a lease lasts no longer than this. */
const GUESS_MS = 2_000;

/**
 * How many bytes an idle lane is given: half of its fair share of what is left (guided self-scheduling: Polychronopoulos
 * and Kuck, 1987), so that requests are few at the start and small at the end; at least what the lane delivers in a
 * round trip. A server of unknown speed gets a probe.
 *
 * @param leftBytes all that is not yet written, in whosever hands it is; null while the size is unknown
 */
export function leaseBytes(pipe: Pipe, fleet: readonly Pipe[], leftBytes: number | null, nowMs: number, policy: PlanPolicy): number {
  const fleetRate = fleetBytesPerSec(fleet);
  if (leftBytes === null || pipe.rateBytesPerSec === null || fleetRate <= 0) {
    return policy.staggers ? staggered(PROBE_BYTES, PROBE_BYTES * PROBE_SPREAD, pipe.lanes.map(leftBytesOf)) : PROBE_BYTES;
  }
  const laneBytesPerSec = pipe.assumedBytesPerSec / Math.max(1, pipe.laneCap);
  const shareBytes = leftBytes * (laneBytesPerSec / fleetRate);
  const roundTripBytes = (laneBytesPerSec * (pipe.roundTripMs ?? 0)) / 1_000;
  const leastBytes = Math.max(roundTripBytes, (laneBytesPerSec * Math.max(policy.leaseMinMs, policy.leaseMinMsPerLane * lanesOf(fleet))) / 1_000);
  const share = shareOf(pipe, fleet, policy);
  // Never nothing: a server that delivers nothing gets a block, to see whether it still does not.
  const wanted = Math.max(shareBytes * share, leastBytes, 1);
  // A share of what nobody has measured yet is a guess: the first to be measured may be the slowest of all.
  const isGuess = fleet.some((other) => other !== pipe && isBeingMeasured(other, nowMs));
  const bytes = isGuess ? Math.min(wanted, Math.max(PROBE_BYTES, (laneBytesPerSec * GUESS_MS) / 1_000)) : wanted;
  if (!policy.staggers) return bytes;
  // The new lane will wait for a round trip, as those wait whose answer has not come yet: so much is as good as bytes.
  const waitedBytes = ({ openedAtMs, movedAtMs }: Holding): number => (openedAtMs === null ? Math.min(roundTripBytes, (laneBytesPerSec * (nowMs - movedAtMs)) / 1_000) : roundTripBytes);
  const rivals = pipe.lanes.map((holding) => leftBytesOf(holding) - waitedBytes(holding));
  return staggered(bytes, Math.min(roundTripBytes, bytes / Math.max(1, pipe.laneCap)), rivals);
}

/**
 * Which part of its share a lane is given at a time. A server with one lane has no other that would deliver while this one
 * asks anew: it gets nearly all of it, and what turns out too much is taken from it at the end. Where nobody else is
 * there, whose speed might change, less is kept back.
 */
function shareOf(pipe: Pipe, fleet: readonly Pipe[], { leaseShare, loneLeaseShare, aloneLeaseShare }: PlanPolicy): number {
  if (pipe.laneCap > 1) return isAlone(pipe, fleet) ? Math.max(leaseShare, aloneLeaseShare) : leaseShare;
  return isAlone(pipe, fleet) ? 1 : Math.max(leaseShare, loneLeaseShare);
}

/**
 * The size nearest to `bytes` that differs from each of `rivals`, what the server's other lanes have left, by
 * `apartBytes`: lanes that share a server evenly and end together would all wait for their next answers at once, and
 * nobody would deliver.
 */
function staggered(bytes: number, apartBytes: number, rivals: readonly number[]): number {
  const isApart = (size: number): boolean => rivals.every((left) => Math.abs(left - size) >= apartBytes * 0.999);
  let best = Infinity;
  for (const size of [bytes, ...rivals.flatMap((left) => [left - apartBytes, left + apartBytes])]) {
    if (size > 0 && isApart(size) && Math.abs(size - bytes) < Math.abs(best - bytes)) best = size;
  }
  return best === Infinity ? bytes : best;
}

/**
 * Whether a server should be given anything at all: not where the others would be through with everything before it is
 * through with the least it could be given, for then the end waits for it alone. Of the servers that deliver, the one that would be through
 * first is always worth asking. One that delivers nothing is tried again when it has rested for a while.
 *
 * @param leastBytes the least it could be given now: a block, or a smaller gap
 */
export function isWorthAsking(pipe: Pipe, fleet: readonly Pipe[], leftBytes: number, leastBytes: number, nowMs: number): boolean {
  let othersBytesPerSec = 0;
  let soonestMs = Infinity;
  for (const other of fleet) {
    if (other === pipe || other.assumedBytesPerSec <= 0 || !isAtHand(other, nowMs)) continue;
    othersBytesPerSec += other.assumedBytesPerSec;
    soonestMs = Math.min(soonestMs, throughInMs(other, leastBytes));
  }
  if (othersBytesPerSec === 0) return true;
  const shareMs = (leftBytes * 1_000) / othersBytesPerSec;
  // Should it still deliver nothing, that shows after two round trips: the end must not wait for them.
  if (pipe.assumedBytesPerSec <= 0) return pipe.lanes.length === 0 && nowMs - (pipe.idleSinceMs ?? -Infinity) >= PROBE_AGAIN_MS && shareMs >= 2 * (pipe.roundTripMs ?? ROUND_TRIP_GUESS_MS);
  return throughInMs(pipe, leastBytes) <= Math.max(shareMs, soonestMs);
}
