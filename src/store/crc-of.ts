/** The CRC-32 of a stretch of the part file, as it stands there now. */
import { crc32 } from 'node:zlib';
import { READ_BUFFER_BYTES } from '../base/bounds.ts';
import type { PartFile } from './part-file.ts';

/** Bytes `[start, end)`, which continue bytes whose CRC-32 is `crc` (0 where they continue none). */
export interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly crc: number;
}

/** The CRC-32 with the stretch added; null where the file is shorter. Rejects with a `PlaitError` where reading fails. */
export async function crcOf(part: Pick<PartFile, 'read'>, { start, end, crc: before }: Stretch): Promise<number | null> {
  const buffer = Buffer.allocUnsafe(Math.min(READ_BUFFER_BYTES, end - start));
  let crc = before;
  for (let position = start; position < end;) {
    const wanted = buffer.subarray(0, Math.min(buffer.length, end - position));
    if ((await part.read(position, wanted)) < wanted.length) return null;
    crc = crc32(wanted, crc);
    position += wanted.length;
  }
  return crc;
}
