import { RETRY_AFTER_MAX_MS } from '../base/bounds.ts';
import { parseHttpDate } from './http-date.ts';

/**
 * How long a server asks to be left alone (RFC 9110 §10.2.3), in ms, at most `RETRY_AFTER_MAX_MS`; null where it says
 * nothing that can be read. A date is read against the response's own Date, because the server's clock may be off,
 * and against `wallClockMs` only where there is none.
 */
export function retryAfterMs(value: string | null, dateHeader: string | null, wallClockMs: number): number | null {
  if (value === null) return null;
  const text = value.trim();
  if (/^\d+$/u.test(text)) return Math.min(Number(text) * 1_000, RETRY_AFTER_MAX_MS);
  const until = parseHttpDate(text, wallClockMs);
  if (until === null) return null;
  const since = dateHeader === null ? wallClockMs : (parseHttpDate(dateHeader, wallClockMs) ?? wallClockMs);
  return Math.min(Math.max(0, until - since), RETRY_AFTER_MAX_MS);
}
