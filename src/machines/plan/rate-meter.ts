import { RATE_WINDOW_MS } from '../../base/bounds.ts';

/** A window shorter than this says less than what was known or assumed before. */
export const TRUSTED_WINDOW_MS = 300;

/** A count of bytes at a moment. */
export interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** Samples of a growing count over the last window, oldest first. */
export type RateMeter = readonly Sample[];

export const NO_SAMPLES: RateMeter = [];

/** `meter` with one more reading; what is older than the window goes, but for the one that opens it. */
export function measured(meter: RateMeter, sample: Sample): RateMeter {
  const opensAtMs = sample.atMs - RATE_WINDOW_MS;
  const firstInside = meter.findIndex((held) => held.atMs > opensAtMs);
  const kept = firstInside < 0 ? meter.slice(-1) : meter.slice(Math.max(0, firstInside - 1));
  return [...kept, sample];
}

/** Mean rate over the window in bytes a second; null while there is too little to tell. */
export function rateBytesPerSec(meter: RateMeter): number | null {
  const first = meter[0];
  const last = meter.at(-1);
  if (first === undefined || last === undefined || last.atMs <= first.atMs) return null;
  return ((last.bytes - first.bytes) * 1_000) / (last.atMs - first.atMs);
}

/** The same from `sinceMs` on, or over the window where that is shorter. */
export const rateSince = (meter: RateMeter, sinceMs: number): number | null => rateBytesPerSec(meter.filter(({ atMs }) => atMs >= sinceMs));
