/** Bodies of whole files that wait for their mirror's next lease, as `src/net/kept-body.ts` keeps them. */
import { BODY_KEPT_MS } from '../../../src/base/bounds.ts';
import type { FaultCode } from '../../../src/base/faults.ts';
import type { Stuff } from './byte-runs.ts';
import type { Exchange, SimNet } from './sim-net.ts';
import type { SimServer } from './sim-server.ts';
import { validatorOf } from './sim-server.ts';
import type { Timer, VirtualClock } from './virtual-clock.ts';

/** What an answer was when its head came, whatever the server has become since. */
export interface SentHead {
  readonly totalBytes: number;
  /** The size that it speaks of. */
  readonly toldBytes: number | null;
  readonly validator: string | null;
  readonly servesParts: boolean;
  readonly stuff: Stuff;
  /** What is wrong with it. */
  readonly lie: FaultCode | null;
}

export const sentHead = (mirrorId: number, server: SimServer): SentHead => ({
  totalBytes: server.file.totalBytes,
  toldBytes: server.spec.tellsSize ? server.file.totalBytes : null,
  validator: validatorOf(server),
  servesParts: server.spec.ranges,
  stuff: { mirrorId, version: server.file.version, shift: server.corrupts ? 1 : 0 },
  lie: server.lie,
});

export interface SimKept {
  readonly exchange: Exchange;
  readonly sent: SentHead;
}

export class SimKeptBodies {
  readonly #clock: VirtualClock;
  readonly #net: SimNet;
  readonly #waiting = new Map<number, SimKept & { readonly timer: Timer }>();

  constructor(clock: VirtualClock, net: SimNet) {
    this.#clock = clock;
    this.#net = net;
  }

  keep(mirrorId: number, kept: SimKept): void {
    this.letGo(mirrorId);
    const timer = this.#clock.at(this.#clock.nowMs + BODY_KEPT_MS, () => this.letGo(mirrorId));
    this.#waiting.set(mirrorId, { ...kept, timer });
  }

  /** The mirror's body for a lease from `start`; null where there is none, or it is further on already. */
  take(mirrorId: number, start: number): SimKept | null {
    const kept = this.#waiting.get(mirrorId);
    if (kept === undefined || kept.exchange.doneBytes > start) {
      this.letGo(mirrorId);
      return null;
    }
    this.#clock.cancel(kept.timer);
    this.#waiting.delete(mirrorId);
    return kept;
  }

  letGo(mirrorId: number): void {
    const kept = this.#waiting.get(mirrorId);
    if (kept === undefined) return;
    this.#clock.cancel(kept.timer);
    this.#waiting.delete(mirrorId);
    this.#net.abandon(kept.exchange);
  }

  close(): void {
    for (const mirrorId of Array.from(this.#waiting.keys())) this.letGo(mirrorId);
  }
}
