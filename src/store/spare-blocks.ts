/**
 * Blocks of which servers have unlike versions, until the checksum tells which is right. Those that do not stand at
 * their place lie behind the file's end, in the part file itself: on the disk where room was found for the rest, and
 * gone with the cut that comes before the final name.
 */
import { PlaitError } from '../base/errors.ts';
import type { ByteRange } from '../base/range.ts';
import { lengthOf } from '../base/range.ts';
import type { PartFile } from './part-file.ts';

export class SpareBlocks {
  readonly #part: PartFile;
  /** Where each version lies, by mirror and place. */
  readonly #places = new Map<string, number>();
  #end: number;

  constructor(part: PartFile, totalBytes: number) {
    this.#part = part;
    this.#end = totalBytes;
  }

  /** @throws PlaitError a disk error */
  keep(mirrorId: number, start: number, bytes: Uint8Array): void {
    const name = `${mirrorId} at ${start}`;
    if (this.#places.has(name)) return;
    this.#part.write(this.#end, bytes);
    this.#places.set(name, this.#end);
    this.#end += bytes.length;
  }

  /** What the mirror has of a block that was kept. */
  versionOf(mirrorId: number, range: ByteRange): Uint8Array {
    const place = this.#places.get(`${mirrorId} at ${range.start}`);
    if (place === undefined) throw new PlaitError('bug', `Nothing was kept of what mirror ${mirrorId} has at ${range.start}.`);
    return this.#part.readNow({ start: place, end: place + lengthOf(range) });
  }
}
