/** A data plane with a part file in memory (position by position), and the facts it tells, to wait for. */
import type { Fact, LeaseOpen, LeaseOutcome, Order } from '../../../src/net/data-plane.ts';
import { createDataPlane } from '../../../src/net/plane.ts';
import type { DataPlaneOptions } from '../../../src/net/plane.ts';

type Ended = Extract<Fact, { type: 'lease.ended' }>;
type Opened = Extract<Fact, { type: 'lease.opened' }>;

export interface PlaneBench {
  readonly plane: ReturnType<typeof createDataPlane>;
  readonly facts: readonly Fact[];
  /** What was written, and which positions were. */
  readonly file: Buffer;
  readonly written: Uint8Array;
  addMirror(url: string, validator?: string | null): number;
  /** Opens a lease and gives its id. */
  open(mirrorId: number, start: number, end: number, more?: Partial<LeaseOpen>): number;
  ended(leaseId: number): Promise<Ended>;
  opened(leaseId: number): Promise<Opened>;
  /** Settles at the first fact, or with each write, for which `holds` is true. */
  until(holds: () => boolean): Promise<void>;
  close(): Promise<void>;
}

export function planeBench(options: Partial<DataPlaneOptions> = {}, fileBytes = 4 * 1024 * 1024): PlaneBench {
  const facts: Fact[] = [];
  const file = Buffer.alloc(fileBytes);
  const written = new Uint8Array(fileBytes);
  const waiting = new Set<() => void>();
  let nextMirror = 0;
  let nextLease = 0;
  const wake = (): void => {
    for (const look of waiting) look();
  };
  const plane = createDataPlane({
    sink: {
      write(_lease, position, bytes) {
        file.set(bytes, position);
        for (let at = position; at < position + bytes.length; at += 1) written[at] = (written[at] ?? 0) + 1;
        // After the read is done with: the counters move when this call has returned.
        setImmediate(wake);
      },
    },
    now: () => performance.now(),
    wallClockMs: () => Date.now(),
    headers: [],
    caPem: [],
    limitBytesPerSec: null,
    env: {},
    ...options,
    onFact(fact) {
      facts.push(fact);
      options.onFact?.(fact);
      wake();
    },
  });
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  const factOf = async <T extends Fact['type']>(type: T, leaseId: number): Promise<Extract<Fact, { type: T }>> => {
    const is = (fact: Fact): fact is Extract<Fact, { type: T }> => fact.type === type && fact.leaseId === leaseId;
    await until(() => facts.some(is));
    const found = facts.find(is);
    if (found === undefined) throw new Error('unreachable');
    return found;
  };
  const post = (order: Order): void => plane.post(order);
  return {
    plane, facts, file, written, until,
    addMirror(url, validator = null) {
      const mirrorId = nextMirror++;
      post({ type: 'mirror.add', mirrorId, url, validator });
      return mirrorId;
    },
    open(mirrorId, start, end, more = {}) {
      const leaseId = nextLease++;
      post({ type: 'lease.open', leaseId, mirrorId, start, end, manner: 'range', totalBytes: null, ...more });
      return leaseId;
    },
    ended: (leaseId) => factOf('lease.ended', leaseId),
    opened: (leaseId) => factOf('lease.opened', leaseId),
    close: () => plane.close(),
  };
}

/** The fault's code, or `done`. */
export const outcomeCode = (outcome: LeaseOutcome): string => (outcome.kind === 'done' ? 'done' : outcome.code);
