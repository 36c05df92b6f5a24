/** `--pieces FILE`: piece hashes as JSON. What they say is checked by the library. */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PIECES_FILE_MAX_BYTES } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import { formatBytes } from '../base/units.ts';
import type { DownloadOptions } from '../wiring/options.ts';

export type Pieces = NonNullable<DownloadOptions['pieces']>;

const SHAPE = '{"length": 1048576, "algorithm": "sha-256", "hashes": ["…", "…"]}';

interface PiecesJson {
  readonly length: number;
  readonly algorithm: string;
  readonly hashes: readonly string[];
}

function isPieces(value: unknown): value is PiecesJson {
  if (typeof value !== 'object' || value === null || !('length' in value) || !('algorithm' in value) || !('hashes' in value)) return false;
  const { length, algorithm, hashes } = value;
  return typeof length === 'number' && typeof algorithm === 'string' && Array.isArray(hashes) && hashes.every((hash) => typeof hash === 'string');
}

/**
 * Reads `{length, algorithm, hashes[]}`.
 * @throws PlaitError `usage`, naming the file and what is wrong with it.
 */
export function parsePieces(text: string, name: string): Pieces {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PlaitError('usage', `The pieces in ${name} are not JSON: write them as ${SHAPE}.`);
  }
  if (!isPieces(value)) throw new PlaitError('usage', `The pieces in ${name} have another shape than ${SHAPE}.`);
  return { lengthBytes: value.length, algorithm: value.algorithm, hashes: value.hashes };
}

/** @throws PlaitError `usage` for a file that cannot be read or is too large, and as `parsePieces` does. */
export async function readPieces(path: string, cwd: string): Promise<Pieces> {
  let text: string;
  try {
    const file = await open(resolve(cwd, path), 'r');
    try {
      const { size } = await file.stat();
      if (size > PIECES_FILE_MAX_BYTES) throw new PlaitError('usage', `The file ${path} has ${formatBytes(size)}: pieces of one file take ${formatBytes(PIECES_FILE_MAX_BYTES)} at most.`);
      text = await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof PlaitError) throw error;
    throw new PlaitError('usage', `The file ${path} cannot be read: name a JSON file of piece hashes.`, { cause: error });
  }
  return parsePieces(text, path);
}
