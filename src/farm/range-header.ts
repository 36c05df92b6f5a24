import type { ByteRange } from '../base/range.ts';

const SPEC = /^\s*(?:(\d{1,16})-(\d{0,16})|-(\d{1,16}))\s*$/u;

/**
 * What a Range header asks of a file (RFC 9110 §14.1.2, §14.2): one range, one that the file does not reach
 * (`unsatisfiable`), or nothing that is followed (`null`): no header, another unit, several ranges, bad syntax.
 * A server may always answer with the whole file, and this one does so for several ranges.
 */
export function askedRange(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | null {
  const match = /^\s*bytes\s*=(.*)$/isu.exec(header ?? '');
  const spec = SPEC.exec(match?.[1] ?? '');
  if (spec === null) return null;
  const [, first, last, suffix] = spec;
  if (suffix !== undefined) {
    const lengthBytes = Math.min(Number(suffix), sizeBytes);
    return lengthBytes === 0 ? 'unsatisfiable' : { start: sizeBytes - lengthBytes, end: sizeBytes };
  }
  const start = Number(first);
  const end = last === undefined || last === '' ? sizeBytes : Number(last) + 1;
  if (end <= start && last !== '') return null;
  return start >= sizeBytes ? 'unsatisfiable' : { start, end: Math.min(end, sizeBytes) };
}

/** Content-Range of a 206 (RFC 9110 §14.4); the one place where ends are inclusive. */
export const contentRange = ({ start, end }: ByteRange, totalBytes: number): string => `bytes ${start}-${end - 1}/${totalBytes}`;
