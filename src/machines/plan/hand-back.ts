import type { Pipe } from './fleet.ts';
import { fleetBytesPerSec, isMeasured, leftBytesOf } from './fleet.ts';
import { TRUSTED_WINDOW_MS } from './rate-meter.ts';
import type { Holding } from './segment-map.ts';

/** A server that would need so many times as long for what it has in hand as all need for the rest has too much. */
const TOO_MUCH = 2;

/** So near the end a tail is cut to measure instead. */
const END_MS = 1_000;

/** Leases that a server began so soon were given by guess. Later ones were measured, and one that is slower since may be faster again. */
const GUESSED_MS = 2_000;

const isGuessed = ({ openedAtMs }: Holding, { askedAtMs }: Pipe): boolean => openedAtMs !== null && openedAtMs - (askedAtMs ?? -Infinity) < GUESSED_MS;

/** Whether it has delivered for long enough to be given back because of its rate, and not in the same moment. */
const isOld = ({ openedAtMs }: Holding, nowMs: number): boolean => openedAtMs !== null && nowMs - openedAtMs >= TRUSTED_WINDOW_MS;

/**
 * A lease that its server is to give back, all that it has not written of it: what was given before anybody was
 * measured comes to far more than a slow server can give, and each lease that it holds to the end has to be taken from it
 * then, for a round trip each. The one that is furthest from its end goes first; one always stays.
 *
 * @param leftBytes all that is not yet written
 */
export function tooMuchInHand(fleet: readonly Pipe[], leftBytes: number, nowMs: number): Holding | null {
  const shareMs = (leftBytes * 1_000) / fleetBytesPerSec(fleet);
  if (shareMs < END_MS) return null;
  for (const pipe of fleet) {
    if (pipe.lanes.length < 2 || pipe.backlogBytes * 1_000 <= TOO_MUCH * shareMs * pipe.assumedBytesPerSec) continue;
    if (pipe.manner === 'whole' || !isMeasured(pipe, nowMs)) continue;
    const [, ...others] = pipe.lanes.filter((holding) => leftBytesOf(holding) > 0).sort((a, b) => leftBytesOf(a) - leftBytesOf(b));
    const furthest = others.findLast((holding) => holding.askedEnd === null && isGuessed(holding, pipe) && isOld(holding, nowMs));
    if (furthest !== undefined) return furthest;
  }
  return null;
}
