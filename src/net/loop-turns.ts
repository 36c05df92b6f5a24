/** A wait shorter than this is no wait: the event loop was busy, and found the news when it looked again. */
const WAIT_MS = 0.2;

/**
 * The turns of the event loop. Where it is busy, answers lie in the kernel until it looks, and the time they lie there
 * is no round trip: of news that was found after a busy turn all that is known is that it came since that turn began.
 */
export class LoopTurns {
  readonly #now: () => number;
  #isInTurn = false;
  #beganAtMs = -Infinity;
  #endedAtMs = -Infinity;
  /** The earliest moment at which what is heard in this turn can have come. */
  #earliestAtMs = -Infinity;
  /** Requests that wait for their answers: while there are none, no turn is worth a timer. */
  #awaited = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** To be called first by whatever the event loop calls. */
  note(): void {
    if (this.#isInTurn || this.#awaited === 0) return;
    this.#isInTurn = true;
    const atMs = this.#now();
    const hasWaited = atMs - this.#endedAtMs >= WAIT_MS;
    this.#earliestAtMs = hasWaited ? atMs : this.#beganAtMs;
    this.#beganAtMs = atMs;
    setImmediate(() => {
      this.#isInTurn = false;
      this.#endedAtMs = this.#now();
    });
  }

  /** A request leaves; gives the moment. */
  sent(): number {
    this.#awaited += 1;
    this.note();
    return this.#now();
  }

  /** It is answered, or nobody waits for the answer any more; gives the least that its round trip can have taken, in ms. */
  answered(sentAtMs: number): number {
    this.#awaited -= 1;
    return Math.max(0, this.#earliestAtMs - sentAtMs);
  }
}
