import { createHash } from 'node:crypto';

/** Bytes that tell where they belong: no two positions nearby look alike, so a shift or a swap shows. */
export function patternBytes(start: number, end: number, seed = 0): Buffer {
  const bytes = Buffer.alloc(end - start);
  for (let at = 0; at < bytes.length; at += 1) {
    const position = start + at + seed * 7_919;
    bytes[at] = (Math.imul(position, 0x9e3779b1) >>> 21) ^ (position >>> 8);
  }
  return bytes;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
