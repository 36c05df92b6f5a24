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
  /** Since when nobody waits; meaningless while someone does. */
  #idleSinceMs: number;
  /** Whoever waits for bytes, and how many it could use, in the order of their turns. */
  #wants = new Map<Asker, number>();

  constructor(rateBytesPerSec: number, nowMs: number) {
    this.#rateBytesPerSec = rateBytesPerSec;
    this.#readAtMs = nowMs;
    this.#idleSinceMs = nowMs;
  }

  get rateBytesPerSec(): number {
    return this.#rateBytesPerSec;
  }

  /** Another rate from now on; what was earned at the old one stays, within the credit. */
  setRate(rateBytesPerSec: number, nowMs: number): void {
    this.#earn(nowMs);
    this.#rateBytesPerSec = rateBytesPerSec;
    this.#tokens = Math.min(this.#tokens, this.#bytesIn(SHAPER_QUANTUM_MS));
  }

  /** `asker` could send `bytes`. It is heard once; asking again replaces what it wanted. */
  ask(asker: Asker, bytes: number, nowMs: number): void {
    this.#earn(nowMs);
    if (this.#wants.size === 0) this.#forgetIdleTime(nowMs);
    this.#wants.set(asker, bytes);
  }

  /** `asker` is gone; what it was not granted goes to the others. */
  leave(asker: Asker, nowMs: number): void {
    this.#wants.delete(asker);
    this.#idleSinceMs = nowMs;
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
    this.#idleSinceMs = nowMs;
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

  /**
   * A short pause between two requests, or between a write and the next, costs a real server nothing; after a longer
   * one a burst would follow if it counted.
   */
  #forgetIdleTime(nowMs: number): void {
    const isShort = nowMs - this.#idleSinceMs <= SHAPER_CREDIT_MS;
    this.#tokens = Math.min(this.#tokens, this.#bytesIn(isShort ? SHAPER_CREDIT_MS : SHAPER_QUANTUM_MS));
  }

  #bytesIn(ms: number): number {
    return Math.max(1, (this.#rateBytesPerSec * ms) / 1_000);
  }
}
