import { DISK_WAIT_MS } from '../base/bounds.ts';

/** How long an event loop was at work and how long it waited, in ms, since some moment: what `eventLoopUtilization` tells. */
interface LoopTimes {
  readonly active: number;
  readonly idle: number;
}

/**
 * For which share of the time our own event loop is at work. A write that takes long is no work: the disk is waited for,
 * and the thread stands still with it.
 */
export class LoopLoad {
  readonly #now: () => number;
  readonly #times: () => LoopTimes;
  #before: LoopTimes;
  #waitedMs = 0;

  /** @param times as they are by now; left out, those of the loop that this runs on */
  constructor(now: () => number, times: () => LoopTimes = () => performance.eventLoopUtilization()) {
    this.#now = now;
    this.#times = times;
    this.#before = times();
  }

  /** Writes, and notes how long that took. */
  write(act: () => void): void {
    const fromMs = this.#now();
    act();
    const tookMs = this.#now() - fromMs;
    if (tookMs >= DISK_WAIT_MS) this.#waitedMs += tookMs;
  }

  /** The share of the time since it was asked last, 0 to 1. */
  shareSince(): number {
    const times = this.#times();
    const activeMs = Math.max(0, times.active - this.#before.active - this.#waitedMs);
    const allMs = times.active + times.idle - this.#before.active - this.#before.idle;
    this.#before = times;
    this.#waitedMs = 0;
    return allMs <= 0 ? 0 : Math.min(1, activeMs / allMs);
  }
}
