/**
 * The one clock of a simulated world: a queue of moments at which something happens. Time stands still while things
 * happen and jumps from one moment to the next, so that an hour passes in milliseconds and always in the same order.
 */
export interface Timer {
  readonly atMs: number;
  readonly order: number;
  act: (() => void) | null;
}

const isSooner = (a: Timer, b: Timer): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** Has the two methods that xstate asks of a clock. */
export class VirtualClock {
  nowMs = 0;
  /** A binary heap: the soonest is first. Cancelled timers stay in it until their moment. */
  readonly #heap: Timer[] = [];
  #order = 0;

  readonly now = (): number => this.nowMs;

  /** Moments that lie in the past are now; of two timers of one moment the older is first. */
  at(atMs: number, act: () => void): Timer {
    this.#order += 1;
    const timer: Timer = { atMs: Math.max(atMs, this.nowMs), order: this.#order, act };
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parent = heap[(index - 1) >> 1];
      if (parent === undefined || !isSooner(timer, parent)) break;
      heap[index] = parent;
      index = (index - 1) >> 1;
    }
    heap[index] = timer;
    return timer;
  }

  cancel(timer: Timer | null): void {
    if (timer !== null) timer.act = null;
  }

  setTimeout(act: () => void, delayMs: number): Timer {
    return this.at(this.nowMs + delayMs, act);
  }

  clearTimeout(timer: Timer): void {
    this.cancel(timer);
  }

  /** Goes to the next moment and does what is due there; false when nothing is to come. */
  step(): boolean {
    for (let timer = this.#pop(); timer !== null; timer = this.#pop()) {
      if (timer.act === null) continue;
      this.nowMs = timer.atMs;
      timer.act();
      return true;
    }
    return false;
  }

  #pop(): Timer | null {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return null;
    if (heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(timer: Timer): void {
    const heap = this.#heap;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      const right = heap[childIndex + 1];
      if (child === undefined) break;
      if (right !== undefined && isSooner(right, child)) {
        child = right;
        childIndex += 1;
      }
      if (!isSooner(child, timer)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = timer;
  }
}
