/** Bytes that tell their place, for tests and for the child processes that they start. */
import { createHash } from 'node:crypto';

export const KIB = 1024;
export const MIB = 1024 * KIB;

/**
 * Bytes that tell their place and their version: the 32-bit word at offset 4·n is a mix of n and the version, so that a
 * byte in the wrong place or of the wrong version shows.
 */
export function bytesOf(start: number, end: number, version = 0): Buffer {
  const firstWord = Math.floor(start / 4);
  const words = new Uint32Array(Math.ceil(end / 4) - firstWord);
  for (let index = 0; index < words.length; index += 1) {
    words[index] = Math.imul((firstWord + index + 1) ^ (version * 0x51ed270b), 0x9e3779b1) >>> 0;
  }
  const from = start - firstWord * 4;
  return Buffer.from(words.buffer).subarray(from, from + end - start);
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
