/** Hashes of the file's pieces, as the user gives them. */
import { PIECES_MAX } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import { parseChecksum } from './checksum.ts';
import type { PieceList } from './store.ts';

function usage(message: string): never {
  throw new PlaitError('usage', message);
}

/**
 * Checks piece hashes that came from outside.
 * @throws PlaitError `usage` that names what is wrong: a length that is none, an unknown algorithm, or a hash that does
 * not fit it, with its place.
 */
export function checkPieces(lengthBytes: unknown, algorithm: unknown, hashes: unknown): PieceList {
  if (typeof lengthBytes !== 'number' || !Number.isSafeInteger(lengthBytes) || lengthBytes < 1) usage('The pieces have no length: give the bytes of one piece as a whole number above 0.');
  if (typeof algorithm !== 'string') usage('The pieces have no algorithm: name sha-256, sha-512, sha-1 or md5.');
  if (!Array.isArray(hashes) || hashes.length === 0) usage('The pieces have no hashes: give a list with the hash of each piece, in order.');
  if (hashes.length > PIECES_MAX) usage(`${hashes.length} pieces are too many: ${PIECES_MAX} are the limit. Use longer pieces.`);
  const checked = hashes.map((hash: unknown, index) => {
    if (typeof hash !== 'string') return usage(`The hash of piece ${index + 1} is not text: write it in hex digits.`);
    try {
      return parseChecksum(`${algorithm}=${hash}`);
    } catch (error) {
      return usage(`Piece ${index + 1}: ${error instanceof PlaitError ? error.message : String(error)}`);
    }
  });
  return { lengthBytes, algorithm: checked[0]?.algorithm ?? 'sha-256', hashes: checked.map(({ hex }) => hex) };
}
