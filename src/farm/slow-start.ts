import { SLOW_START_WINDOW_BYTES, SLOW_START_WINDOW_MAX_BYTES } from '../base/bounds.ts';

/**
 * The congestion window of one connection, as TCP's slow start has it without losses (RFC 5681 §3.1, with the initial
 * window of RFC 6928): a window of bytes a round trip, which doubles with each round trip in which something was sent.
 * Pure: readings of the clock come in as arguments.
 */
export class SlowStart {
  readonly #roundTripMs: number;
  #windowBytes = SLOW_START_WINDOW_BYTES;
  #roundAtMs = 0;
  #sentInRoundBytes = 0;

  constructor(roundTripMs: number) {
    this.#roundTripMs = roundTripMs;
  }

  /** Bytes that may be sent now; without a round trip there is nothing to wait for, and no end to the window. */
  allowanceBytes(nowMs: number): number {
    if (this.#roundTripMs === 0) return Infinity;
    this.#turn(nowMs);
    return this.#windowBytes - this.#sentInRoundBytes;
  }

  /** `bytes` were sent, within the allowance. */
  sent(bytes: number): void {
    this.#sentInRoundBytes += bytes;
  }

  /** How long until the next round begins. */
  waitMs(nowMs: number): number {
    return Math.max(0, this.#roundAtMs + this.#roundTripMs - nowMs);
  }

  #turn(nowMs: number): void {
    const rounds = Math.floor((nowMs - this.#roundAtMs) / this.#roundTripMs);
    if (this.#sentInRoundBytes === 0) {
      // Nothing is in flight: the round begins with the next byte.
      this.#roundAtMs = nowMs;
      return;
    }
    if (rounds < 1) return;
    const wasFull = this.#sentInRoundBytes >= this.#windowBytes;
    this.#windowBytes = Math.min(this.#windowBytes * 2, SLOW_START_WINDOW_MAX_BYTES);
    this.#sentInRoundBytes = 0;
    // A sender that waited for the round keeps its beat, however late its timer was.
    this.#roundAtMs = wasFull && rounds === 1 ? this.#roundAtMs + this.#roundTripMs : nowMs;
  }
}
