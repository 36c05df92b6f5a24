/**
 * A server that serves no parts sends the file from its start for every lease. So what follows in a body behind a lease
 * that is done is kept for a while, unread: a next lease that begins further on is given the rest of the same body, and
 * everything that is missing comes in one pass instead of one for each gap.
 */
import { BODY_KEPT_MS } from '../base/bounds.ts';
import type { Transport } from './exchange.ts';
import type { RangeRequest } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

export interface KeptBody {
  /** What was asked, of the address that answered. */
  readonly request: RangeRequest;
  readonly head: ResponseHead;
  readonly roundTripMs: number;
  /** Where in the file its next byte belongs. */
  readonly at: number;
  /** Bytes that had come with the lease's last ones. */
  readonly rest: Uint8Array;
  /** It holds the body; null where `rest` is all that was left of it. */
  readonly transport: Transport | null;
}

interface Waiting {
  readonly body: KeptBody;
  readonly timer: NodeJS.Timeout;
}

/** The bodies that wait for their next lease: one a mirror. */
export class KeptBodies {
  readonly #waiting = new Map<number, Waiting>();

  keep(mirrorId: number, body: KeptBody): void {
    this.letGo(mirrorId);
    const timer = setTimeout(() => this.letGo(mirrorId), BODY_KEPT_MS).unref();
    this.#waiting.set(mirrorId, { body, timer });
  }

  /** The mirror's body for a lease that begins at `start`; null where there is none, or it is further on already: then it is cut. */
  take(mirrorId: number, start: number): KeptBody | null {
    const kept = this.#waiting.get(mirrorId);
    if (kept === undefined || kept.body.at > start) {
      this.letGo(mirrorId);
      return null;
    }
    this.#forget(mirrorId, kept);
    return kept.body;
  }

  letGo(mirrorId: number): void {
    const kept = this.#waiting.get(mirrorId);
    if (kept === undefined) return;
    this.#forget(mirrorId, kept);
    kept.body.transport?.abandon();
  }

  close(): void {
    for (const mirrorId of Array.from(this.#waiting.keys())) this.letGo(mirrorId);
  }

  #forget(mirrorId: number, { timer }: Waiting): void {
    clearTimeout(timer);
    this.#waiting.delete(mirrorId);
  }
}
