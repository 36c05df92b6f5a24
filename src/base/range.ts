/** A span of bytes `[start, end)`: half-open everywhere, inclusive only where an HTTP header is written. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** How many bytes a range spans. */
export const lengthOf = (range: ByteRange): number => range.end - range.start;

/** What two ranges share, or null where they do not meet. */
export function overlapOf(a: ByteRange, b: ByteRange): ByteRange | null {
  const start = Math.max(a.start, b.start);
  const end = Math.min(a.end, b.end);
  return start < end ? { start, end } : null;
}
