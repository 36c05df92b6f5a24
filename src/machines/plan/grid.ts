import { BLOCK_MIN_BYTES, BLOCKS_MAX } from '../../base/bounds.ts';

/** The block size of a file: cuts lie on multiples of it, so that no map grows with a huge file. */
export function blockBytesOf(totalBytes: number): number {
  let blockBytes = BLOCK_MIN_BYTES;
  while (blockBytes * BLOCKS_MAX < totalBytes && blockBytes < 2 ** 52) blockBytes *= 2;
  return blockBytes;
}

/** The multiple of `blockBytes` at or above `offset`. */
export const blockCeil = (offset: number, blockBytes: number): number => Math.ceil(offset / blockBytes) * blockBytes;
