/**
 * The doings of one simulated process beside its sockets: they take their time on the world's clock, they end with the
 * process, and a promise that has settled is told to the world, which then lets it be heard before time goes on.
 */
import { PlaitError } from '../../../src/base/errors.ts';
import type { Outcome } from '../../../src/machines/rulings/on-course.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What may fail or throw: the IO actors, a lease at its opening, and what rulings ask of the disk. */
export type EffectName = 'nameTarget' | 'openStore' | 'verify' | 'publish' | 'keep' | 'lease' | 'effects';

export interface SimIoOptions {
  readonly clock: VirtualClock;
  /** How long each named effect takes. */
  readonly effectMs: number;
  /** Comes before each named effect; a throw is the effect’s failure. */
  readonly trap?: (effect: EffectName) => void;
}

export class SimIo {
  readonly #options: SimIoOptions;
  #isDead = false;
  /** A promise has settled: it needs microtasks, not time. */
  awaitsMicrotasks = false;

  constructor(options: SimIoOptions) {
    this.#options = options;
  }

  /** The process is gone: nothing of what it had under way happens any more. */
  end(): void {
    this.#isDead = true;
  }

  /** To be said before a promise is settled. */
  readonly settles = (): void => {
    this.awaitsMicrotasks = true;
  };

  /** To be said before each effect: throws where the test wants it to. */
  springs(name: EffectName): void {
    this.#options.trap?.(name);
  }

  /** Does something in so many ms, if the process is still there. */
  later(delayMs: number, act: () => void): void {
    const { clock } = this.#options;
    clock.at(clock.nowMs + delayMs, () => {
      if (!this.#isDead) act();
    });
  }

  /** The effect’s result comes when the clock has moved on, as an IO actor’s does. */
  effect<Result>(name: EffectName, act: () => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.later(this.#options.effectMs, () => {
        this.settles();
        try {
          this.springs(name);
          resolve(act());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      });
    });
  }

  /** As the session does it: an error of ours is an outcome, and any other is a bug that rejects. */
  outcome<Done extends object>(name: EffectName, act: () => Outcome<Done>): Promise<Outcome<Done>> {
    return this.effect(name, act).catch((error: unknown): Outcome<Done> => {
      if (!(error instanceof PlaitError)) throw error;
      return { kind: 'failed', reason: { code: error.code, message: error.message } };
    });
  }
}
