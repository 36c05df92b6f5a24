/** The Content-Range header (RFC 9110 §14.4). */

/** `[start, end)` of a file of `totalBytes` (null: `*`); or, on a 416, the size alone. */
export type ContentRange =
  | { readonly kind: 'range'; readonly start: number; readonly end: number; readonly totalBytes: number | null }
  | { readonly kind: 'unsatisfied'; readonly totalBytes: number };

const RANGE = /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/iu;
const UNSATISFIED = /^bytes \*\/(\d{1,16})$/iu;

/** Reads a Content-Range of unit bytes; null where it is malformed, contradicts itself, or passes 2^53. */
export function parseContentRange(text: string): ContentRange | null {
  const unsatisfied = UNSATISFIED.exec(text);
  if (unsatisfied !== null) {
    const totalBytes = Number(unsatisfied[1]);
    return Number.isSafeInteger(totalBytes) ? { kind: 'unsatisfied', totalBytes } : null;
  }
  const match = RANGE.exec(text);
  if (match === null) return null;
  const start = Number(match[1]);
  // The header's last byte is inclusive.
  const end = Number(match[2]) + 1;
  const totalBytes = match[3] === '*' ? null : Number(match[3]);
  if (!Number.isSafeInteger(end) || start >= end) return null;
  if (totalBytes !== null && (!Number.isSafeInteger(totalBytes) || end > totalBytes)) return null;
  return { kind: 'range', start, end, totalBytes };
}
