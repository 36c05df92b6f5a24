import { PROBE_BYTES } from '../../base/bounds.ts';
import type { Pipe } from './fleet.ts';

/** No lease is meant to last shorter than this: below it the cost of asking shows. */
const LEASE_MIN_MS = 80;

/**
 * How many bytes an idle lane is given: half of its fair share of what is left (guided self-scheduling: Polychronopoulos
 * and Kuck, 1987), so that requests are few at the start and small at the end; at least what the lane delivers in a
 * round trip. A server of unknown speed in a fleet of unknown speed gets a probe.
 *
 * @param leftBytes all that is not yet written, in whosever hands it is
 */
export function leaseBytes(pipe: Pipe, fleet: readonly Pipe[], leftBytes: number): number {
  const fleetBytesPerSec = fleet.reduce((sum, each) => sum + (each.laneCap > 0 ? each.assumedBytesPerSec : 0), 0);
  if (pipe.rateBytesPerSec === null || pipe.assumedBytesPerSec <= 0 || fleetBytesPerSec <= 0) return PROBE_BYTES;
  const laneBytesPerSec = pipe.assumedBytesPerSec / Math.max(1, pipe.laneCap);
  const shareBytes = leftBytes * (laneBytesPerSec / fleetBytesPerSec);
  const leastBytes = (laneBytesPerSec * Math.max(LEASE_MIN_MS, pipe.roundTripMs ?? 0)) / 1_000;
  return Math.max(shareBytes / 2, leastBytes);
}
