/** Leases at work: each is an actor that passes orders down to the data plane and facts up to its segment. */
import { fromCallback } from 'xstate';
import type { DataPlane, Fact } from '../net/data-plane.ts';
import type { TransferFact, TransferOrder } from '../machines/events.ts';
import type { SegmentInput } from '../machines/segment.ts';

interface Route {
  readonly segmentId: number;
  readonly tell: (fact: TransferFact) => void;
}

/** Knows which lease belongs to which segment. */
export class Transfers {
  readonly #routes = new Map<number, Route>();
  readonly #nowMs: () => number;
  readonly #plane: () => DataPlane;
  #nextLeaseId = 1;

  constructor(plane: () => DataPlane, nowMs: () => number) {
    this.#plane = plane;
    this.#nowMs = nowMs;
  }

  /** To be given to the data plane: every fact reaches the segment whose lease it is. */
  readonly onFact = (fact: Fact): void => {
    const route = this.#routes.get(fact.leaseId);
    if (route === undefined) return;
    if (fact.type === 'lease.ended') this.#routes.delete(fact.leaseId);
    route.tell(fact.type === 'lease.shrunk' ? { type: fact.type, end: fact.end } : { ...fact, atMs: this.#nowMs() });
  };

  /** Where every live segment stands. */
  readings(): { readonly segmentId: number; readonly writtenEnd: number }[] {
    return this.#plane()
      .readings()
      .flatMap(({ leaseId, writtenEnd }) => {
        const route = this.#routes.get(leaseId);
        return route === undefined ? [] : [{ segmentId: route.segmentId, writtenEnd }];
      });
  }

  /** The segment machine's `transfer`. */
  readonly logic = fromCallback<TransferOrder, SegmentInput>(({ input, sendBack, receive }) => {
    const leaseId = this.#nextLeaseId;
    this.#nextLeaseId += 1;
    this.#routes.set(leaseId, { segmentId: input.segmentId, tell: sendBack });
    const { mirrorId, start, end, manner, totalBytes } = input;
    this.#plane().post({ type: 'lease.open', leaseId, mirrorId, start, end, manner, totalBytes });
    receive((order) => this.#plane().post({ ...order, leaseId }));
    // A segment leaves its transfer only after `lease.ended`; if it is stopped sooner, nobody will hear the answer.
    return () => {
      if (this.#routes.delete(leaseId)) this.#plane().post({ type: 'lease.cancel', leaseId, code: 'cancelled' });
    };
  });
}
