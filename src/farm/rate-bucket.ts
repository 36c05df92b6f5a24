/**
 * A token bucket that several connections share fairly. Pure: the clock's readings come in as arguments, so that a
 * test can run an hour of it in a moment.
 */
import { SHAPER_CREDIT_MS, SHAPER_GRAIN_BYTES, SHAPER_LATENESS_MAX_MS, SHAPER_QUANTUM_MS } from '../base/bounds.ts';

/** Some connection may send so many bytes now. `asker` is what it asked as. */
export interface Grant<Asker> {
  readonly asker: Asker;
  readonly bytes: number;
}

export class RateBucket<Asker> {
  #rateBytesPerSec: number;
  #tokens = 0;
  #readAtMs: number;
  /** Whoever waits for bytes, and how many it could use, in the order of their turns. */
  #wants = new Map<Asker, number>();

  constructor(rateBytesPerSec: number, nowMs: number) {
    this.#rateBytesPerSec = rateBytesPerSec;
    this.#readAtMs = nowMs;
  }

  get rateBytesPerSec(): number {
    return this.#rateBytesPerSec;
  }

  /** Another rate from now on; what was earned at the old one stays, within the credit. */
  setRate(rateBytesPerSec: number, nowMs: number): void {
    this.#earn(nowMs);
    this.#rateBytesPerSec = rateBytesPerSec;
    this.#tokens = Math.min(this.#tokens, this.#creditBytes());
  }

  /** `asker` could send `bytes`. It is heard once; asking again replaces what it wanted. */
  ask(asker: Asker, bytes: number, nowMs: number): void {
    this.#earn(nowMs);
    // Time in which nobody wanted anything earns a little credit and no more, or a burst would follow every pause.
    if (this.#wants.size === 0) this.#tokens = Math.min(this.#tokens, this.#creditBytes());
    this.#wants.set(asker, bytes);
  }

  /** `asker` is gone; what it was not granted goes to the others. */
  leave(asker: Asker): void {
    this.#wants.delete(asker);
  }

  /**
   * Shares out what was earned up to `nowMs`, equally among those who wait; what one cannot use goes to the others.
   * Nothing is given before there is enough for one quantum, so that steps stay even and few.
   */
  grants(nowMs: number): Grant<Asker>[] {
    this.#earn(nowMs);
    if (this.waitMs() > 0) return [];
    const grants: Grant<Asker>[] = [];
    // At small rates a few are served at a time, in turns, so that nobody sends single bytes.
    const turns = Math.max(1, Math.min(this.#wants.size, Math.floor(this.#tokens / SHAPER_GRAIN_BYTES)));
    const served = [...this.#wants].slice(0, turns).sort(([, a], [, b]) => a - b);
    let left = Math.floor(this.#tokens);
    for (const [index, [asker, want]] of served.entries()) {
      const bytes = Math.min(want, Math.floor(left / (served.length - index)));
      if (bytes === 0) continue;
      left -= bytes;
      this.#wants.delete(asker);
      grants.push({ asker, bytes });
    }
    this.#tokens -= grants.reduce((sum, grant) => sum + grant.bytes, 0);
    return grants;
  }

  /** How long until `grants` will give something: 0 if it would now, Infinity if nobody waits. */
  waitMs(): number {
    if (this.#wants.size === 0) return Infinity;
    let wanted = 0;
    for (const want of this.#wants.values()) wanted += want;
    const enough = Math.max(1, Math.min(wanted, (this.#rateBytesPerSec * SHAPER_QUANTUM_MS) / 1_000));
    return Math.max(0, ((enough - this.#tokens) / this.#rateBytesPerSec) * 1_000);
  }

  /** A timer that came late loses nothing: all the time since the last reading counts, up to a bound. */
  #earn(nowMs: number): void {
    const sinceMs = Math.min(Math.max(0, nowMs - this.#readAtMs), SHAPER_LATENESS_MAX_MS);
    this.#readAtMs = Math.max(this.#readAtMs, nowMs);
    this.#tokens += (this.#rateBytesPerSec * sinceMs) / 1_000;
  }

  #creditBytes(): number {
    return Math.max(1, (this.#rateBytesPerSec * SHAPER_CREDIT_MS) / 1_000);
  }
}
