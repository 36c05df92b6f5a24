/** Conditional requests (RFC 9110 §13), judged in the order of §13.2.2. Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Representation } from './representation.ts';

type Validators = Pick<Representation, 'entityTag' | 'lastModifiedMs'>;

/** What the preconditions of a GET or HEAD say: go on, or answer with this status. */
export function preconditionStatus(headers: IncomingHttpHeaders, validators: Validators): 304 | 412 | null {
  const ifMatch = headers['if-match'];
  const unmodifiedSinceMs = dateOf(headers['if-unmodified-since']);
  if (ifMatch !== undefined) {
    if (!matchesAny(ifMatch, validators.entityTag, isStrongMatch)) return 412;
  } else if (unmodifiedSinceMs !== null && validators.lastModifiedMs > unmodifiedSinceMs) return 412;
  const ifNoneMatch = headers['if-none-match'];
  const modifiedSinceMs = dateOf(headers['if-modified-since']);
  if (ifNoneMatch !== undefined) {
    if (matchesAny(ifNoneMatch, validators.entityTag, isWeakMatch)) return 304;
  } else if (modifiedSinceMs !== null && validators.lastModifiedMs <= modifiedSinceMs) return 304;
  return null;
}

/**
 * Whether If-Range lets the Range header count (RFC 9110 §13.1.5): the tag must match strongly; a date must be the
 * Last-Modified, and that must be a second older than now to be strong (§8.8.2.2).
 */
export function ifRangeHolds(header: string | undefined, validators: Validators, nowEpochMs: number): boolean {
  if (header === undefined) return true;
  const text = header.trim();
  if (text.startsWith('"') || text.startsWith('W/')) return isStrongMatch(text, validators.entityTag);
  const dateMs = dateOf(text);
  return dateMs === validators.lastModifiedMs && nowEpochMs - dateMs >= 1_000;
}

function matchesAny(list: string, current: string | null, matches: (tag: string, current: string | null) => boolean): boolean {
  if (list.trim() === '*') return true;
  // Commas may stand inside a tag, so the tags are looked for and not the commas.
  return (list.match(/(?:W\/)?"[^"]*"/gu) ?? []).some((tag) => matches(tag, current));
}

function isStrongMatch(tag: string, current: string | null): boolean {
  return tag === current && !tag.startsWith('W/');
}

function isWeakMatch(tag: string, current: string | null): boolean {
  return current !== null && tag.replace(/^W\//u, '') === current.replace(/^W\//u, '');
}

/** Milliseconds of an HTTP date; null where it is absent or no date, which is then ignored (§13.1.3). */
function dateOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? null : ms;
}
