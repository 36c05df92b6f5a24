import { createHash } from 'node:crypto';
import type { ByteRange } from './range.ts';

/** Where another’s bytes differ from those that stand in the part file, and SHA-256 in hex of what each has there. */
export interface Difference extends ByteRange {
  readonly fileHash: string;
  readonly hash: string;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/**
 * Where two versions of the bytes from `start` on differ, each from its first byte that does to its last.
 * @param gapBytes so many equal bytes between two places make them two
 */
export function differencesOf(start: number, standing: Uint8Array, bytes: Uint8Array, gapBytes: number): readonly Difference[] {
  const places: { from: number; to: number }[] = [];
  for (let at = 0; at < bytes.length; at += 1) {
    if (bytes[at] === standing[at]) continue;
    const last = places.at(-1);
    if (last !== undefined && at - last.to < gapBytes) last.to = at + 1;
    else places.push({ from: at, to: at + 1 });
  }
  return places.map(({ from, to }) => ({ start: start + from, end: start + to, fileHash: hashOf(standing.subarray(from, to)), hash: hashOf(bytes.subarray(from, to)) }));
}
