import { BACKOFF_JITTER, BACKOFF_MAX_MS, BACKOFF_MIN_MS, QUICK_RETRY_MAX_MS, REFUSED_MAX_MS, RETRY_AFTER_MAX_MS, TICK_MS } from '../../base/bounds.ts';
import type { FaultCode } from '../../base/faults.ts';

/**
 * How long to leave a server alone after its `strikes`-th failure in a row (1 is the first), in ms: doubling from a
 * second to under five, never less than its Retry-After, and longer by up to a fifth at random. Where nobody listens, no
 * server is burdened by being asked.
 */
export function backoffMs(code: FaultCode, strikes: number, retryAfterMs: number, random: number): number {
  const maxMs = code === 'refused' ? REFUSED_MAX_MS : BACKOFF_MAX_MS;
  const doubled = BACKOFF_MIN_MS * 2 ** Math.min(Math.max(strikes, 1) - 1, 16);
  const asked = Math.min(retryAfterMs, RETRY_AFTER_MAX_MS);
  return Math.round(Math.max(Math.min(doubled, maxMs), asked) * (1 + BACKOFF_JITTER * random));
}

/**
 * How long to leave alone a server that broke off in the middle of a body, in ms: it was at work until now, so it is
 * asked again at once, but no more than one such request a second. The moment of the last failure is known to a tick of
 * the clock.
 */
export const quickRetryMs = (sinceFailedMs: number, sinceAskedMs: number, random: number): number =>
  sinceFailedMs >= BACKOFF_MIN_MS + TICK_MS ? Math.round(QUICK_RETRY_MAX_MS * random) : Math.round(Math.max(0, BACKOFF_MIN_MS + TICK_MS - sinceAskedMs) * (1 + BACKOFF_JITTER * random));
