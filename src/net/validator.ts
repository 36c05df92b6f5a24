/** Strong validators (RFC 9110 §8.8): what proves that two answers of one server are of one version. */
import { parseHttpDate } from './http-date.ts';
import { headerValue } from './response-head.ts';
import type { Headers } from './response-head.ts';

const STRONG_TAG = /^"[\u0021\u0023-\u007e\u0080-\u00ff]*"$/u;
/** A Last-Modified is strong if the response was made at least this long after it (RFC 9110 §8.8.2.2). */
const STRONG_DATE_AGE_MS = 60_000;

export const isEntityTag = (validator: string): boolean => validator.startsWith('"');

function strongDate(headers: Headers, wallClockMs: number): string | null {
  const text = headerValue(headers, 'last-modified');
  const modified = parseHttpDate(text ?? '', wallClockMs);
  const made = parseHttpDate(headerValue(headers, 'date') ?? '', wallClockMs);
  if (modified === null || made === null) return null;
  return made - modified >= STRONG_DATE_AGE_MS ? text : null;
}

/** The strong entity tag as it stands, quotes and all; else a strong Last-Modified; else null. `W/` is no validator. */
export function strongValidator(headers: Headers, wallClockMs: number): string | null {
  const tags = headers.get('etag') ?? [];
  const tag = tags[0];
  if (tags.length === 1 && tag !== undefined && STRONG_TAG.test(tag)) return tag;
  return strongDate(headers, wallClockMs);
}

/** Whether a response is of the version that `expected` names. One without that kind of validator proves nothing. */
export function isSameVersion(headers: Headers, expected: string): boolean {
  const values = headers.get(isEntityTag(expected) ? 'etag' : 'last-modified') ?? [];
  return values.length === 1 && values[0] === expected;
}

/**
 * What a request asks for where any of `validators` will do: If-Match takes a list of tags (RFC 9110 §13.1.1). Dates
 * cannot be listed, so several of them are only compared in the answer.
 */
export function preconditionOf(validators: readonly string[]): string | null {
  if (validators.length <= 1) return validators[0] ?? null;
  return validators.every(isEntityTag) ? validators.join(', ') : null;
}
