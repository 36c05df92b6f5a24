/** The lanes of one thread: who is idle, and who exists. */
import { READ_BUFFER_BYTES } from '../base/bounds.ts';
import type { Exchange, Transport } from './exchange.ts';
import { faultOfError } from './fault-of-error.ts';
import { Lane } from './lane.ts';
import type { LaneHost } from './lane.ts';
import { LoopTurns } from './loop-turns.ts';
import type { RateLimit } from './rate-limit.ts';
import type { Trust } from './trust.ts';

export interface LanePoolOptions {
  /** Sockets at a time; one more ends as `too-many-files`. */
  readonly maxSockets: number;
  readonly limit: RateLimit;
  readonly now: () => number;
  readonly trust: Trust;
}

/** Idle keep-alive sockets are kept by origin; how many lanes a server gets is the control plane's decision. */
export class LanePool implements LaneHost {
  readonly limit: RateLimit;
  readonly turns: LoopTurns;
  readonly trust: Trust;
  readonly #lanes = new Set<Lane>();
  readonly #idle = new Map<string, Lane[]>();
  readonly #maxSockets: number;
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
  #view: Uint8Array = this.#buffer;

  constructor(options: LanePoolOptions) {
    this.#maxSockets = options.maxSockets;
    this.limit = options.limit;
    this.turns = new LoopTurns(options.now);
    this.trust = options.trust;
  }

  /** Sends a request on an idle lane, or (always where `fresh`) on a new one; null where none could be made. */
  send(exchange: Exchange, fresh: boolean): Transport | null {
    const { url } = exchange.request;
    const idle = this.#idle.get(url.origin)?.pop();
    // A fresh lane takes the place of an idle one: the server sees no more sockets than the lanes it may have.
    if (fresh) idle?.abandon();
    let lane = fresh ? undefined : idle;
    if (lane === undefined) {
      if (this.#lanes.size >= this.#maxSockets) {
        queueMicrotask(() => exchange.onEnd({ kind: 'failed', stale: false, code: 'too-many-files', detail: `${this.#maxSockets} sockets are all` }));
        return null;
      }
      try {
        lane = new Lane(url, this);
      } catch (error) {
        // Such as a port or a host that Node refuses to try.
        queueMicrotask(() => exchange.onEnd({ kind: 'failed', stale: false, ...faultOfError(error) }));
        return null;
      }
      this.#lanes.add(lane);
    }
    lane.send(exchange);
    return lane;
  }

  plainBuffer(): Uint8Array {
    const bytes = this.limit.readBytes();
    if (this.#view.length !== bytes) this.#view = this.#buffer.subarray(0, bytes);
    return this.#view;
  }

  onIdle(lane: Lane): void {
    const idle = this.#idle.get(lane.origin);
    if (idle === undefined) this.#idle.set(lane.origin, [lane]);
    else idle.push(lane);
  }

  onClosed(lane: Lane): void {
    this.#lanes.delete(lane);
    const left = this.#idle.get(lane.origin)?.filter((each) => each !== lane) ?? [];
    if (left.length === 0) this.#idle.delete(lane.origin);
    else this.#idle.set(lane.origin, left);
  }

  /** Cuts the idle lanes to an origin that is no longer asked. */
  close(): void {
    for (const lane of this.#lanes) lane.abandon();
  }
}
