/**
 * One token bucket for all lanes of a download. A lane pays for a read after it happened; while the bucket is in debt
 * the lanes that read wait in a queue and are let go on one by one, so that traffic is smooth and each gets its turn.
 */
import { LIMIT_BURST_MS, LIMIT_READ_MIN_BYTES, READ_BUFFER_BYTES } from '../base/bounds.ts';

export class RateLimit {
  readonly #now: () => number;
  #rateBytesPerSec: number | null;
  /** Bytes that may be read now; below zero in debt. */
  #balanceBytes = 0;
  #filledAtMs: number;
  #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | null = null;

  /** @param now a monotonic clock in ms. */
  constructor(rateBytesPerSec: number | null, now: () => number) {
    this.#now = now;
    this.#rateBytesPerSec = rateBytesPerSec === null ? null : Math.max(1, rateBytesPerSec);
    this.#filledAtMs = now();
  }

  set(rateBytesPerSec: number | null): void {
    this.#refill();
    this.#rateBytesPerSec = rateBytesPerSec === null ? null : Math.max(1, rateBytesPerSec);
    // A debt made under a high limit would freeze every lane under a low one.
    this.#balanceBytes = Math.max(this.#balanceBytes, -this.readBytes());
    this.#wake();
  }

  /** The most that one read should take now. */
  readBytes(): number {
    if (this.#rateBytesPerSec === null) return READ_BUFFER_BYTES;
    return Math.min(READ_BUFFER_BYTES, Math.max(LIMIT_READ_MIN_BYTES, Math.floor((this.#rateBytesPerSec * LIMIT_BURST_MS) / 1_000)));
  }

  /** Pays for bytes that were read. False: stop reading until `resume` is called (null: who pays waits already). */
  charge(bytes: number, resume: (() => void) | null): boolean {
    if (this.#rateBytesPerSec === null) return true;
    this.#refill();
    this.#balanceBytes -= bytes;
    if (this.#balanceBytes >= 0 && this.#waiting.length === 0) return true;
    if (resume !== null) this.#waiting.push(resume);
    this.#schedule();
    return false;
  }

  /** Lets every waiting lane go, for the end. */
  close(): void {
    this.set(null);
  }

  #refill(): void {
    const nowMs = this.#now();
    const rate = this.#rateBytesPerSec ?? 0;
    const burstBytes = (rate * LIMIT_BURST_MS) / 1_000;
    this.#balanceBytes = Math.min(burstBytes, this.#balanceBytes + (rate * (nowMs - this.#filledAtMs)) / 1_000);
    this.#filledAtMs = nowMs;
  }

  #schedule(): void {
    const rate = this.#rateBytesPerSec;
    if (this.#timer !== null || rate === null || this.#waiting.length === 0) return;
    const waitMs = Math.max(1, Math.ceil((Math.max(0, -this.#balanceBytes) / rate) * 1_000));
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#refill();
      this.#wake();
    }, waitMs);
  }

  /** Lets as many go on as the balance pays for, each counted as one full read; they pay when they have read. */
  #wake(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    let leftBytes = this.#rateBytesPerSec === null ? Number.POSITIVE_INFINITY : this.#balanceBytes;
    const woken: (() => void)[] = [];
    while (leftBytes >= 0) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      woken.push(next);
      leftBytes -= this.readBytes();
    }
    for (const resume of woken) resume();
    this.#schedule();
  }
}
