/**
 * Bytes of which servers have unlike versions, until the checksum tells which is right. Those that do not stand at
 * their place lie behind the file's end, in the part file itself: on the disk where room was found for the rest, and
 * gone with the cut that comes before the final name.
 */
import { PlaitError } from '../base/errors.ts';
import type { ByteRange } from '../base/range.ts';
import { lengthOf } from '../base/range.ts';
import type { PartFile } from './part-file.ts';

const nameOf = (mirrorId: number, start: number): string => `${mirrorId} at ${start}`;

export class SpareBytes {
  readonly #part: PartFile;
  /** Where each version lies, by mirror and place. */
  readonly #places = new Map<string, number>();
  #end: number;

  constructor(part: PartFile, totalBytes: number) {
    this.#part = part;
    this.#end = totalBytes;
  }

  /** What it said last holds. @throws PlaitError a disk error */
  keep(mirrorId: number, start: number, bytes: Uint8Array): void {
    this.#part.write(this.#end, bytes);
    this.#places.set(nameOf(mirrorId, start), this.#end);
    this.#end += bytes.length;
  }

  /** Puts what stands in the file, one mirror's, where another's version was kept, and gives that: no more room is taken. */
  exchange(range: ByteRange, fromId: number, toId: number): Uint8Array {
    const name = nameOf(toId, range.start);
    const place = this.#places.get(name);
    if (place === undefined) throw new PlaitError('bug', `Nothing was kept of what mirror ${toId} has at ${range.start}.`);
    const bytes = this.#part.readNow({ start: place, end: place + lengthOf(range) });
    this.#part.write(place, this.#part.readNow(range));
    this.#places.delete(name);
    this.#places.set(nameOf(fromId, range.start), place);
    return bytes;
  }
}
