/**
 * The network as fluid flows: nothing happens between the moments at which a rate changes or a body is through. A
 * connection that is cut goes on arriving for a round trip, as packets do that are under way; they are bytes in vain.
 */
import { IDLE_SOCKET_MS, SLOW_START_WINDOW_BYTES } from '../../../src/base/bounds.ts';
import type { FaultCode } from '../../../src/base/faults.ts';
import type { SharedFlow } from './fair-shares.ts';
import { shareOut } from './fair-shares.ts';
import type { SimServer } from './sim-server.ts';
import type { Timer, VirtualClock } from './virtual-clock.ts';

/** Less than this is a rounding error, not a byte. */
const CRUMB_BYTES = 1e-4;
/** The first timeout of a connection that is not answered (RFC 6298 §2.1). */
const FIRST_RETRANSMISSION_MS = 1_000;

export interface Connection {
  readonly server: SimServer;
  windowBytes: number;
  idleSinceMs: number;
}

export interface NetFault {
  readonly code: FaultCode;
  readonly retryAfterMs: number | null;
}

/** Who has asked a server for something. */
export interface Asker {
  /** The head has come: how long the body is and how much of it is wanted, or null to hang up. */
  onHead(exchange: Exchange): { readonly bodyBytes: number; readonly wantedBytes: number } | null;
  /** It may want more of the same body later: the connection is held where the wanted bytes end. */
  readonly mayWantMore?: boolean;
  /** What was wanted has come. */
  onWanted(exchange: Exchange): void;
  onFailed(fault: NetFault): void;
}

/** One request and its answer. */
export class Exchange implements SharedFlow {
  readonly server: SimServer;
  readonly connection: Connection;
  asker: Asker | null;
  /** `held`: by a server that stalls, before the head; `kept`: by the client, in the middle of the body. */
  phase: 'asking' | 'held' | 'body' | 'kept' | 'over' = 'asking';
  readonly askedAtMs: number;
  /** When the head came. */
  headAtMs = 0;
  bodyBytes = 0;
  wantedBytes = 0;
  doneBytes = 0;
  rateBytesPerSec = 0;
  capBytesPerSec = Infinity;
  growsAtMs = Infinity;
  timer: Timer | null = null;

  constructor(server: SimServer, connection: Connection, asker: Asker, askedAtMs: number) {
    this.server = server;
    this.connection = connection;
    this.asker = asker;
    this.askedAtMs = askedAtMs;
  }
}

export class SimNet {
  readonly servers: SimServer[] = [];
  readonly #clock: VirtualClock;
  readonly #linkBytesPerSec: number;
  #advancedAtMs = 0;
  #isStale = false;
  #nextTimer: Timer | null = null;

  constructor(clock: VirtualClock, linkBytesPerSec: number) {
    this.#clock = clock;
    this.#linkBytesPerSec = linkBytesPerSec;
  }

  /** @param isFresh on a connection of its own, though a kept one were there */
  ask(server: SimServer, asker: Asker, isFresh = false): Exchange {
    const { nowMs } = this.#clock;
    const { spec } = server;
    server.requests += 1;
    const kept = isFresh ? null : this.#idleConnection(server);
    const connection: Connection = kept ?? { server, windowBytes: spec.slowStart ? SLOW_START_WINDOW_BYTES : Infinity, idleSinceMs: 0 };
    const exchange = new Exchange(server, connection, asker, nowMs);
    server.exchanges.add(exchange);
    this.#reach(exchange, kept === null ? spec.connectRoundTrips + 1 : 1, FIRST_RETRANSMISSION_MS);
    return exchange;
  }

  /** A host that says nothing is called again after a second, then after twice as long each time, as kernels do (RFC 6298 §2 and §5). */
  #reach(exchange: Exchange, roundTrips: number, againMs: number): void {
    const { server } = exchange;
    const { roundTripMs } = server.spec;
    const { nowMs } = this.#clock;
    if (server.isUp) exchange.timer = this.#clock.at(nowMs + roundTrips * roundTripMs, () => this.#answer(exchange));
    else if (server.isSilentWhenDown) exchange.timer = this.#clock.at(nowMs + againMs, () => this.#reach(exchange, roundTrips, 2 * againMs));
    else exchange.timer = this.#clock.at(nowMs + roundTripMs, () => this.#fail(exchange, { code: 'refused', retryAfterMs: null }));
  }

  /** The client hangs up: what is under way arrives all the same. */
  abandon(exchange: Exchange): void {
    if (exchange.phase === 'over') return;
    exchange.asker = null;
    this.#clock.cancel(exchange.timer);
    if (exchange.phase !== 'body') {
      this.#end(exchange);
      return;
    }
    exchange.wantedBytes = exchange.bodyBytes;
    exchange.timer = this.#clock.at(this.#clock.nowMs + exchange.server.spec.roundTripMs, () => {
      this.advance();
      this.#end(exchange);
    });
    this.#isStale = true;
  }

  /** The client reads no further for now; the connection stands. */
  keep(exchange: Exchange): void {
    if (exchange.phase !== 'body') return;
    exchange.phase = 'kept';
    exchange.asker = null;
    exchange.server.flows = exchange.server.flows.filter((flow) => flow !== exchange);
    this.#isStale = true;
  }

  /** The client reads on. False where the connection has broken meanwhile. */
  goOn(exchange: Exchange, asker: Asker, wantedBytes: number): boolean {
    if (exchange.phase !== 'kept') return false;
    exchange.phase = 'body';
    exchange.asker = asker;
    exchange.wantedBytes = wantedBytes;
    exchange.server.flows = [...exchange.server.flows, exchange];
    this.#isStale = true;
    return true;
  }

  /** Less of a body is wanted than before. */
  wantLess(exchange: Exchange, wantedBytes: number): void {
    exchange.wantedBytes = Math.min(exchange.wantedBytes, wantedBytes);
    this.#isStale = true;
  }

  /** Comes before and after something about a server changes. */
  changed(): void {
    this.advance();
    this.#isStale = true;
  }

  /** Every connection of a server breaks; `onlyBodies`: those with a body under way. */
  cut(server: SimServer, code: FaultCode, onlyBodies: boolean): void {
    this.advance();
    // Those that are there now: who hears of it may ask anew at once.
    for (const exchange of Array.from(server.exchanges)) {
      if (!onlyBodies || exchange.phase === 'body' || exchange.phase === 'kept') this.#fail(exchange, { code, retryAfterMs: null });
    }
    if (!onlyBodies) server.idle = [];
  }

  /** The stall is over: heads that were held come now. */
  releaseHeld(server: SimServer): void {
    for (const exchange of Array.from(server.exchanges)) if (exchange.phase === 'held') this.#answer(exchange);
  }

  /** Moves every flow to the present moment. */
  advance(): void {
    const elapsedSec = (this.#clock.nowMs - this.#advancedAtMs) / 1_000;
    if (elapsedSec <= 0) return;
    this.#advancedAtMs = this.#clock.nowMs;
    for (const server of this.servers) {
      for (const flow of server.flows) {
        const cameBytes = Math.min(flow.rateBytesPerSec * elapsedSec, flow.wantedBytes - flow.doneBytes);
        flow.doneBytes += cameBytes;
        if (flow.wantedBytes - flow.doneBytes < CRUMB_BYTES) flow.doneBytes = flow.wantedBytes;
        server.sentBytes += cameBytes;
      }
    }
  }

  /** After everything that happens at one moment: rates are shared out anew where they have to be. */
  settle(): void {
    if (!this.#isStale) return;
    this.#isStale = false;
    this.advance();
    shareOut(this.servers, this.#linkBytesPerSec);
    this.#clock.cancel(this.#nextTimer);
    let nextAtMs = Infinity;
    for (const server of this.servers) {
      for (const flow of server.flows) {
        if (flow.rateBytesPerSec > 0) nextAtMs = Math.min(nextAtMs, this.#advancedAtMs + ((flow.wantedBytes - flow.doneBytes) * 1_000) / flow.rateBytesPerSec);
        nextAtMs = Math.min(nextAtMs, flow.growsAtMs);
      }
    }
    if (nextAtMs < Infinity) this.#nextTimer = this.#clock.at(nextAtMs, () => this.#flowEvent());
  }

  #idleConnection(server: SimServer): Connection | null {
    for (let kept = server.idle.pop(); kept !== undefined; kept = server.idle.pop()) {
      if (this.#clock.nowMs - kept.idleSinceMs < IDLE_SOCKET_MS) return kept;
    }
    return null;
  }

  #answer(exchange: Exchange): void {
    const { server, asker } = exchange;
    if (asker === null || exchange.phase === 'over') return;
    this.advance();
    if (server.isStalled) {
      exchange.phase = 'held';
      return;
    }
    const kept = [...server.exchanges].filter(({ phase }) => phase === 'kept').length;
    const isFull = server.flows.length + kept >= server.spec.lanesMax;
    const refusal = server.gate ?? (isFull ? { code: 'unavailable', retryAfterMs: null } as const : null);
    if (refusal !== null) {
      this.#fail(exchange, refusal);
      return;
    }
    exchange.phase = 'body';
    exchange.headAtMs = this.#clock.nowMs;
    const body = asker.onHead(exchange);
    if (exchange.asker === null) return;
    if (body === null) {
      this.#end(exchange);
      return;
    }
    exchange.bodyBytes = body.bodyBytes;
    exchange.wantedBytes = body.wantedBytes;
    this.#openWindow(exchange);
    server.flows = [...server.flows, exchange];
    this.#isStale = true;
  }

  #openWindow(exchange: Exchange): void {
    const { connection, server } = exchange;
    const { roundTripMs, laneBytesPerSec, rateBytesPerSec } = server.spec;
    const windowRate = (connection.windowBytes * 1_000) / roundTripMs;
    // A window far beyond what the server gives is as good as none.
    if (windowRate >= 2 * Math.min(laneBytesPerSec, rateBytesPerSec)) connection.windowBytes = Infinity;
    exchange.capBytesPerSec = Math.min(laneBytesPerSec, (connection.windowBytes * 1_000) / roundTripMs);
    exchange.growsAtMs = connection.windowBytes === Infinity ? Infinity : this.#clock.nowMs + roundTripMs;
  }

  #flowEvent(): void {
    this.advance();
    this.#isStale = true;
    for (const server of this.servers) {
      for (const flow of server.flows) {
        if (flow.doneBytes >= flow.wantedBytes) this.#wantedHasCome(flow);
        else if (flow.growsAtMs <= this.#clock.nowMs) {
          flow.connection.windowBytes *= 2;
          this.#openWindow(flow);
        }
      }
    }
  }

  #wantedHasCome(exchange: Exchange): void {
    const { asker } = exchange;
    if (exchange.doneBytes < exchange.bodyBytes) {
      if (asker?.mayWantMore === true) this.keep(exchange);
      else this.abandon(exchange);
    } else {
      this.#end(exchange);
      exchange.connection.idleSinceMs = this.#clock.nowMs;
      exchange.server.idle.push(exchange.connection);
    }
    asker?.onWanted(exchange);
  }

  #fail(exchange: Exchange, fault: NetFault): void {
    const { asker } = exchange;
    this.#end(exchange);
    asker?.onFailed(fault);
  }

  #end(exchange: Exchange): void {
    this.#clock.cancel(exchange.timer);
    exchange.phase = 'over';
    exchange.asker = null;
    exchange.server.exchanges.delete(exchange);
    exchange.server.flows = exchange.server.flows.filter((flow) => flow !== exchange);
    this.#isStale = true;
  }
}
