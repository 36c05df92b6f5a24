import { PROBE_AGAIN_MS, PROBE_BYTES } from '../../base/bounds.ts';
import type { Pipe } from './fleet.ts';
import { fleetBytesPerSec, throughInMs } from './fleet.ts';
import type { PlanPolicy } from './policy.ts';

/**
 * How many bytes an idle lane is given: half of its fair share of what is left (guided self-scheduling: Polychronopoulos
 * and Kuck, 1987), so that requests are few at the start and small at the end; at least what the lane delivers in a
 * round trip. A server of unknown speed gets a probe.
 *
 * @param leftBytes all that is not yet written, in whosever hands it is
 */
export function leaseBytes(pipe: Pipe, fleet: readonly Pipe[], leftBytes: number, policy: PlanPolicy): number {
  const fleetRate = fleetBytesPerSec(fleet);
  if (pipe.rateBytesPerSec === null || fleetRate <= 0) return PROBE_BYTES;
  const laneBytesPerSec = pipe.assumedBytesPerSec / Math.max(1, pipe.laneCap);
  const shareBytes = leftBytes * (laneBytesPerSec / fleetRate);
  const leastBytes = (laneBytesPerSec * Math.max(policy.leaseMinMs, pipe.roundTripMs ?? 0)) / 1_000;
  return Math.max(shareBytes * policy.leaseShare, leastBytes);
}

/**
 * Whether a server should be given anything at all: not where the others would be through with everything before it is
 * through with a block, for then the end waits for it alone. Of the servers that deliver, the one that would be through
 * first is always worth asking. One that delivers nothing is tried again when it has rested for a while.
 */
export function isWorthAsking(pipe: Pipe, fleet: readonly Pipe[], leftBytes: number, blockBytes: number, nowMs: number): boolean {
  const others = fleet.filter((other) => other.mirrorId !== pipe.mirrorId && other.laneCap > 0 && other.assumedBytesPerSec > 0);
  if (others.length === 0) return true;
  if (pipe.assumedBytesPerSec <= 0) return pipe.lanes.length === 0 && nowMs - (pipe.idleSinceMs ?? -Infinity) >= PROBE_AGAIN_MS;
  const bytes = Math.min(blockBytes, leftBytes);
  const othersMs = Math.max((leftBytes * 1_000) / fleetBytesPerSec(others), Math.min(...others.map((other) => throughInMs(other, bytes))));
  return throughInMs(pipe, bytes) <= othersMs;
}
