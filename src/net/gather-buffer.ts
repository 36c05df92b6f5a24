import { TLS_GATHER_BYTES } from '../base/bounds.ts';

/**
 * A TLS lane's read buffer: records of 16 KiB gather in it before one write. The socket is told after each read where
 * the next one goes, so a flush between two reads must not move that place: it only forgets what lies before it.
 */
export class GatherBuffer {
  readonly #buffer = Buffer.allocUnsafeSlow(TLS_GATHER_BYTES);
  #from = 0;
  #to = 0;

  /** Where the next read goes: at most `maxBytes`. Asked for once after every read. */
  room(maxBytes: number): Uint8Array {
    if (this.#from === this.#to) {
      this.#from = 0;
      this.#to = 0;
    }
    return this.#buffer.subarray(this.#to, this.#to + maxBytes);
  }

  /** The last read put `bytes` into the room it was given, and they are to be kept. */
  keep(bytes: number): void {
    this.#to += bytes;
  }

  get heldBytes(): number {
    return this.#to - this.#from;
  }

  get isFull(): boolean {
    return this.#to === this.#buffer.length;
  }

  /** What is held; the bytes stay valid until the next read. */
  take(): Uint8Array {
    const held = this.#buffer.subarray(this.#from, this.#to);
    this.#from = this.#to;
    return held;
  }
}
