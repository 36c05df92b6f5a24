import { isDue, momentBytes } from './fault.ts';
import type { Fault, FaultProgress } from './fault.ts';
import type { FaultName } from './fault-names.ts';

/**
 * The faults of one server: those that wait for their moment, and those in force. It reads no clock and counts no
 * bytes; whoever does tells it with `advance`.
 */
export class FaultBoard {
  #pending: Fault[];
  // Newest first: of two faults that exclude each other, the later one holds.
  #inForce: Fault[] = [];

  constructor(faults: readonly Fault[]) {
    this.#pending = [...faults].sort(byTime);
  }

  get inForce(): readonly Fault[] {
    return this.#inForce;
  }

  add(fault: Fault): void {
    this.#pending.push(fault);
  }

  /** Brings into force what is due. Gives those faults, in the order in which they came; none of them twice. */
  advance(progress: FaultProgress): readonly Fault[] {
    if (this.#pending.length === 0) return [];
    const due = this.#pending.filter((fault) => isDue(fault.moment, progress));
    if (due.length === 0) return due;
    this.#pending = this.#pending.filter((fault) => !due.includes(fault));
    for (const fault of due) this.#enforce(fault);
    return due;
  }

  #enforce(fault: Fault): void {
    if (fault.name === 'heal') {
      this.#inForce = [];
      return;
    }
    // Several bytes of a file may be corrupt at once; of any other fault a newer one takes the older one's place.
    const isSame = (other: Fault): boolean => other.name === fault.name && (fault.name !== 'corrupt' && fault.name !== 'flip' ? true : other.amount === fault.amount);
    this.#inForce = [fault, ...this.#inForce.filter((other) => !isSame(other))];
  }

  has(name: FaultName): boolean {
    return this.#inForce.some((fault) => fault.name === name);
  }

  /** The newest fault in force among `names`. */
  newestOf(names: readonly FaultName[]): Fault | undefined {
    return this.#inForce.find((fault) => names.includes(fault.name));
  }

  /** How many more bytes may be sent before the next moment counted in bytes; Infinity where none waits. */
  bytesToNextMoment({ sentBytes, sizeBytes }: Pick<FaultProgress, 'sentBytes' | 'sizeBytes'>): number {
    let least = Infinity;
    for (const { moment } of this.#pending) {
      if (moment.kind !== 'sent' && moment.kind !== 'share') continue;
      const left = momentBytes(moment, sizeBytes) - sentBytes;
      if (left > 0) least = Math.min(least, left);
    }
    return least;
  }

  /** Milliseconds from the farm's first request to the next moment counted in time; null where none waits. */
  nextTimeMs(): number | null {
    let least: number | null = null;
    for (const { moment } of this.#pending) {
      if (moment.kind === 'time') least = least === null ? moment.ms : Math.min(least, moment.ms);
    }
    return least;
  }
}

/** From the start, then by time, then by bytes: a revived server meets its faults in the order in which it had them. */
function byTime(a: Fault, b: Fault): number {
  return momentRank(a) - momentRank(b);
}

function momentRank({ moment }: Fault): number {
  if (moment.kind === 'start') return -1;
  return moment.kind === 'time' ? moment.ms : Number.MAX_SAFE_INTEGER;
}
