import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';

/** SHA-256 of what it is given, in blocks of one length, as hex: how bytes are compared without being handed around. */
export class BlockHasher {
  readonly #blockBytes: number;
  readonly #done: string[] = [];
  #hash: Hash = createHash('sha256');
  #inBlockBytes = 0;

  constructor(blockBytes: number) {
    this.#blockBytes = blockBytes;
  }

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const part = bytes.subarray(at, at + this.#blockBytes - this.#inBlockBytes);
      this.#hash.update(part);
      this.#inBlockBytes += part.length;
      at += part.length;
      if (this.#inBlockBytes === this.#blockBytes) this.#close();
    }
  }

  /** Those of all blocks; the last one is closed as it stands. */
  hashes(): readonly string[] {
    if (this.#inBlockBytes > 0) this.#close();
    return this.#done;
  }

  #close(): void {
    this.#done.push(this.#hash.digest('hex'));
    this.#hash = createHash('sha256');
    this.#inBlockBytes = 0;
  }
}
