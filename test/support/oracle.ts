/**
 * The independent judge of every download: bytes that tell their place, and a whole-file hash. Nothing here is shared
 * with the program.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat, writeFile } from 'node:fs/promises';

export const KIB = 1024;
export const MIB = 1024 * KIB;

const WORD_BYTES = 8;

/** A finalizer of 32 bits: each bit of the input turns about half of the output's. */
function mixed(value: number): number {
  let bits = value | 0;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return bits ^ (bits >>> 16);
}

/** Writes the 64-bit word of place `wordIndex` (offset ÷ 8) and version: two halves, the second mixed from the first. */
function writeWord(view: DataView, at: number, wordIndex: number, version: number): void {
  const first = mixed(wordIndex + Math.imul(version, 0x3c6ef372) + 0x1b873593);
  view.setInt32(at, first, true);
  view.setInt32(at + 4, mixed(first ^ Math.imul(wordIndex, 0x27d4eb2f)), true);
}

/**
 * The bytes `[start, end)` of the file of this version. Each depends on its place, so that a byte that is misplaced,
 * shifted, left out or of another version shows.
 */
export function oracleBytes(start: number, end: number, version = 0): Buffer {
  const firstWord = Math.floor(start / WORD_BYTES);
  const words = Math.ceil(end / WORD_BYTES) - firstWord;
  const bytes = Buffer.alloc(words * WORD_BYTES);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let index = 0; index < words; index += 1) writeWord(view, index * WORD_BYTES, firstWord + index, version);
  const from = start - firstWord * WORD_BYTES;
  return bytes.subarray(from, from + end - start);
}

/** Makes the file of this size and version at `path`, and gives its SHA-256 in hex. */
export async function writeOracleFile(path: string, sizeBytes: number, version = 0): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    for (let start = 0; start < sizeBytes; start += MIB) {
      const bytes = oracleBytes(start, Math.min(sizeBytes, start + MIB), version);
      hash.update(bytes);
      await file.writeFile(bytes);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** A small file of any text, for tests that only need something to be there. */
export const writeText = (path: string, text: string): Promise<void> => writeFile(path, text);

/** The offset of the first byte that is not the oracle's, or null. A file that ends early is right so far. */
export async function firstWrongByte(path: string, version = 0): Promise<number | null> {
  let offset = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    const right = oracleBytes(offset, offset + bytes.length, version);
    if (!bytes.equals(right)) {
      const wrong = bytes.findIndex((byte, index) => byte !== right[index]);
      return offset + wrong;
    }
    offset += bytes.length;
  }
  return null;
}

/** A hash of a whole file, in hex, by node's own name for the algorithm. */
export async function hashOf(path: string, hashName = 'sha256'): Promise<string> {
  const hash = createHash(hashName);
  for await (const chunk of createReadStream(path, { highWaterMark: MIB })) hash.update(Buffer.isBuffer(chunk) ? chunk : String(chunk));
  return hash.digest('hex');
}

/** What the oracle says of a file. Compare it with `exactly(…)`, so that a failure shows where and how it is wrong. */
export interface Verdict {
  readonly sizeBytes: number;
  readonly firstWrongByte: number | null;
  readonly sha256: string;
}

export async function verdictOn(path: string, version = 0): Promise<Verdict> {
  const { size } = await stat(path);
  return { sizeBytes: size, firstWrongByte: await firstWrongByte(path, version), sha256: await hashOf(path) };
}
