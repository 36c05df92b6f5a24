/**
 * How far each lease has got and how much each mirror has sent, in shared memory: written by the thread that moves
 * the bytes, read by the one that shows them, with no message between.
 */
import { LANES_MAX, MIRRORS_MAX } from '../base/bounds.ts';
import type { LeaseReading } from './data-plane.ts';

/** A lease's two words: its id plus one (0: a free slot), and its written end. */
const LEASE_WORDS = 2;
const MIRRORS_AT = LANES_MAX * LEASE_WORDS;

export const COUNTERS_BYTES = (MIRRORS_AT + MIRRORS_MAX) * BigInt64Array.BYTES_PER_ELEMENT;

/** A live lease's place in the counters. */
export interface LeaseSlot {
  progress(writtenEnd: number): void;
  free(): void;
}

export class Counters {
  readonly #words: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new BigInt64Array(memory);
  }

  /** A slot for a lease, or null while `LANES_MAX` leases are live. */
  openLease(leaseId: number, start: number): LeaseSlot | null {
    for (let at = 0; at < MIRRORS_AT; at += LEASE_WORDS) {
      if (Atomics.load(this.#words, at) !== 0n) continue;
      const words = this.#words;
      // The end before the id: a reader that sees the id must not see the last lease's end.
      Atomics.store(words, at + 1, BigInt(start));
      Atomics.store(words, at, BigInt(leaseId) + 1n);
      return {
        progress: (writtenEnd) => Atomics.store(words, at + 1, BigInt(writtenEnd)),
        free: () => Atomics.store(words, at, 0n),
      };
    }
    return null;
  }

  /** The live leases, as they stand now. */
  readings(): LeaseReading[] {
    const found: LeaseReading[] = [];
    for (let at = 0; at < MIRRORS_AT; at += LEASE_WORDS) {
      const id = Atomics.load(this.#words, at);
      if (id === 0n) continue;
      const writtenEnd = Number(Atomics.load(this.#words, at + 1));
      // A slot that changed hands between the two reads is left out this time.
      if (Atomics.load(this.#words, at) === id) found.push({ leaseId: Number(id - 1n), writtenEnd });
    }
    return found;
  }

  /** `slot` is a mirror's place, counted from 0 in the order in which mirrors were added. */
  addReceived(slot: number, bytes: number): void {
    if (slot < MIRRORS_MAX) Atomics.add(this.#words, MIRRORS_AT + slot, BigInt(bytes));
  }

  receivedBytes(slot: number): number {
    return slot < MIRRORS_MAX ? Number(Atomics.load(this.#words, MIRRORS_AT + slot)) : 0;
  }
}
