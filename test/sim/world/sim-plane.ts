/**
 * The data plane of a simulated world: it takes the same orders and tells the same facts as the real one, and writes
 * runs instead of bytes. With a thread delay its orders and facts take their time, as if it lived in a worker.
 */
import type { FaultCode } from '../../../src/base/faults.ts';
import { PlaitError } from '../../../src/base/errors.ts';
import type { DataPlane, Fact, LeaseHead, LeaseOpen, LeaseOutcome, LeaseReading, NameReply, Order, SampleAnswer, SampleAsk } from '../../../src/net/data-plane.ts';
import { sentHead, SimKeptBodies } from './sim-kept.ts';
import type { SentHead, SimKept } from './sim-kept.ts';
import type { Asker, Exchange, NetFault, SimNet } from './sim-net.ts';
import type { SimDisk } from './sim-disk.ts';
import { SOUND } from './sim-lease.ts';
import type { PlaneFaults, PlaneWitness, SimLease } from './sim-lease.ts';
import type { SimIo } from './sim-io.ts';
import { SimSampling } from './sim-sampling.ts';
import type { SimServer } from './sim-server.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface SimPlaneOptions {
  readonly clock: VirtualClock;
  readonly net: SimNet;
  readonly disk: SimDisk;
  readonly witness: PlaneWitness;
  /** The server of a mirror. */
  readonly serverOf: (mirrorId: number) => SimServer | null;
  readonly onFact: (fact: Fact) => void;
  readonly threadDelayMs: number;
  readonly io: Pick<SimIo, 'settles' | 'springs'>;
  readonly rules?: PlaneFaults;
}

const failure = (code: FaultCode, inBody: boolean, more: { retryAfterMs?: number | null; totalBytes?: number | null; detail?: string } = {}): LeaseOutcome => ({
  kind: 'failed',
  code,
  detail: more.detail ?? '',
  retryAfterMs: more.retryAfterMs ?? null,
  totalBytes: more.totalBytes ?? null,
  inBody,
});

export class SimPlane implements DataPlane {
  readonly #options: SimPlaneOptions;
  readonly #rules: PlaneFaults;
  readonly #validators = new Map<number, string | null>();
  readonly #kept: SimKeptBodies;
  readonly leases = new Map<number, SimLease>();
  /** The process has died: nobody hears of anything. */
  #isDead = false;

  constructor(options: SimPlaneOptions) {
    this.#options = options;
    this.#rules = options.rules ?? SOUND;
    this.#kept = new SimKeptBodies(options.clock, options.net);
  }

  post(order: Order): void {
    if (this.#isDead) return;
    this.#options.witness.ordered(order);
    this.#later(() => this.#take(order));
  }

  readings(): readonly LeaseReading[] {
    this.#options.net.advance();
    const readings: LeaseReading[] = [];
    for (const lease of this.leases.values()) {
      this.#write(lease);
      // A write that failed has ended the lease.
      if (this.leases.has(lease.leaseId)) readings.push({ leaseId: lease.leaseId, writtenEnd: lease.writtenEnd });
    }
    return readings;
  }

  receivedBytes(mirrorId: number): number {
    this.#options.net.advance();
    return this.#options.serverOf(mirrorId)?.sentBytes ?? 0;
  }

  askName(): Promise<NameReply> {
    return Promise.resolve({ kind: 'failed', code: 'cancelled', detail: '', retryAfterMs: null });
  }

  sample(ask: SampleAsk, signal: AbortSignal): Promise<SampleAnswer> {
    const { net, serverOf, io, witness } = this.#options;
    const server = serverOf(ask.mirrorId);
    if (server === null) throw new Error(`Mirror ${ask.mirrorId} was to be sampled, which is not there.`);
    this.#kept.letGo(ask.mirrorId);
    const sampling = new SimSampling(ask, server, { net, settles: io.settles });
    signal.addEventListener('abort', () => {
      sampling.cancel(signal.reason === 'stalled' ? 'stalled' : 'cancelled');
      // At once: whoever called it off may ask the mirror for something else in the same moment.
      witness.sampled(ask.mirrorId);
    });
    witness.sampling(ask.mirrorId);
    return sampling.read().then((answer) => {
      if (!signal.aborted) witness.sampled(ask.mirrorId);
      if (!signal.aborted && answer.kind === 'failed' && answer.retryAfterMs !== null) witness.sampleTurnedAway(ask.mirrorId, answer.retryAfterMs);
      // By these bytes it was judged: its later answers are held to their version.
      const [validator] = answer.kind === 'sampled' ? answer.validators : [];
      if (validator !== undefined) this.#validators.set(ask.mirrorId, this.#validators.get(ask.mirrorId) ?? validator);
      return answer.kind === 'failed' && this.#rules.hidesSamplesPause ? { ...answer, retryAfterMs: null } : answer;
    });
  }

  close(): Promise<void> {
    for (const lease of this.leases.values()) this.#finish(lease, failure('cancelled', lease.sent !== null));
    this.#kept.close();
    return Promise.resolve();
  }

  /** The process is killed: what had been written stays. */
  kill(): void {
    this.readings();
    this.#isDead = true;
    for (const { exchange } of this.leases.values()) if (exchange !== null) this.#options.net.abandon(exchange);
    this.leases.clear();
    this.#kept.close();
  }

  #later(act: () => void): void {
    const { clock, threadDelayMs } = this.#options;
    if (threadDelayMs === 0) act();
    else clock.at(clock.nowMs + threadDelayMs, () => (this.#isDead ? undefined : act()));
  }

  #tell(fact: Fact): void {
    this.#later(() => this.#options.onFact(fact));
  }

  #take(order: Order): void {
    switch (order.type) {
      case 'mirror.add':
        this.#validators.set(order.mirrorId, order.validator);
        break;
      case 'lease.open':
        this.#open(order);
        break;
      case 'lease.shrink':
        this.#shrink(this.leases.get(order.leaseId), order.end);
        break;
      case 'lease.cancel':
        this.#cancel(this.leases.get(order.leaseId), order.code);
        break;
      case 'mirror.equate':
      case 'limit.set':
        break;
    }
  }

  #open(order: LeaseOpen): void {
    const { io, net, serverOf, witness } = this.#options;
    io.springs('lease');
    const server = serverOf(order.mirrorId);
    if (server === null) throw new Error(`A lease was opened at mirror ${order.mirrorId}, which is not there.`);
    const { leaseId, mirrorId, start, end, manner, totalBytes } = order;
    const lease: SimLease = {
      leaseId, mirrorId, start, end, manner, totalBytes, writtenEnd: start, bodyStart: start, bodyEnd: end, sent: null, exchange: null,
    };
    witness.asked(lease, server);
    this.leases.set(leaseId, lease);
    const asker: Asker = {
      onHead: (exchange) => this.#head(lease, exchange, sentHead(mirrorId, server), end),
      mayWantMore: manner === 'whole',
      onWanted: () => {
        this.#write(lease);
        if (this.leases.has(leaseId)) this.#finish(lease, lease.writtenEnd >= Math.min(lease.end, lease.bodyEnd) ? { kind: 'done' } : failure('closed-early', true));
      },
      onFailed: (fault) => this.#failed(lease, fault),
    };
    const kept = manner === 'whole' ? this.#kept.take(mirrorId, start) : null;
    if (kept === null || !this.#goOn(lease, kept, asker)) lease.exchange = net.ask(server, asker);
  }

  /** The rest of a kept body is as good as a new answer. */
  #goOn(lease: SimLease, { exchange, sent }: SimKept, asker: Asker): boolean {
    const { net } = this.#options;
    if (this.#refusalOf(lease, sent) !== null || !net.goOn(exchange, asker, Math.min(lease.end, sent.totalBytes))) {
      net.abandon(exchange);
      return false;
    }
    lease.exchange = exchange;
    // As with the real one, whoever posted the order hears of it later.
    this.#options.clock.at(this.#options.clock.nowMs, () => {
      const body = this.leases.has(lease.leaseId) ? this.#head(lease, exchange, sent, lease.end) : null;
      if (body === null) net.abandon(exchange);
      else net.wantLess(exchange, body.wantedBytes);
    });
    return true;
  }

  #head(lease: SimLease, exchange: Exchange, sent: SentHead, askedEnd: number): { readonly bodyBytes: number; readonly wantedBytes: number } | null {
    const { totalBytes, toldBytes, validator } = sent;
    const refusal = this.#refusalOf(lease, sent);
    if (refusal !== null) {
      this.#finish(lease, refusal);
      return null;
    }
    lease.bodyStart = lease.manner === 'whole' ? 0 : lease.start;
    lease.bodyEnd = lease.manner === 'whole' ? totalBytes : Math.min(askedEnd, totalBytes);
    lease.sent = sent;
    if (validator !== null) this.#validators.set(lease.mirrorId, validator);
    const head: LeaseHead = {
      totalBytes: toldBytes,
      validator,
      roundTripMs: exchange.headAtMs - exchange.askedAtMs - this.#connectMs(exchange),
      address: `http://sim-${exchange.server.index}/`,
      digest: null,
      fileName: null,
    };
    this.#tell({ type: 'lease.opened', leaseId: lease.leaseId, head });
    if (!this.leases.has(lease.leaseId) || lease.bodyStart >= lease.bodyEnd) {
      if (this.leases.has(lease.leaseId)) this.#finish(lease, { kind: 'done' });
      return null;
    }
    return { bodyBytes: lease.bodyEnd - lease.bodyStart, wantedBytes: Math.min(lease.end, lease.bodyEnd) - lease.bodyStart };
  }

  /** The round trip is counted from the request's last byte: a new connection's handshake is not part of it. */
  #connectMs(exchange: Exchange): number {
    const { roundTripMs, connectRoundTrips } = exchange.server.spec;
    return exchange.headAtMs - exchange.askedAtMs > roundTripMs * 1.5 ? roundTripMs * connectRoundTrips : 0;
  }

  #refusalOf(lease: SimLease, { lie, servesParts, toldBytes: totalBytes, validator }: SentHead): LeaseOutcome | null {
    if (lie !== null) return failure(lie, false);
    const known = this.#validators.get(lease.mirrorId) ?? null;
    if (lease.totalBytes !== null && totalBytes !== null && totalBytes !== lease.totalBytes) return failure('other-size', false, { totalBytes });
    if (lease.manner === 'range' && !servesParts) return failure('no-ranges', false, { totalBytes });
    if (known !== null && known !== validator) return failure('changed', false);
    return null;
  }

  #write(lease: SimLease): void {
    const { exchange, sent } = lease;
    if (exchange === null || sent === null) return;
    const stopAt = Math.min(lease.end, lease.bodyEnd);
    const to = Math.min(stopAt, lease.bodyStart + Math.floor(exchange.doneBytes + 1e-3));
    const from = lease.writtenEnd;
    if (to <= from) return;
    try {
      this.#options.disk.write(from, to, sent.stuff);
    } catch (error) {
      const code = error instanceof PlaitError && error.code === 'disk-full' ? 'disk-full' : 'disk-failed';
      this.#options.net.abandon(exchange);
      this.#finish(lease, failure(code, true, { detail: 'The simulated disk takes nothing more.' }));
      return;
    }
    lease.writtenEnd = to;
    this.#options.witness.wrote(lease, from, to);
  }

  #shrink(lease: SimLease | undefined, end: number): void {
    if (lease === undefined) return;
    this.#options.net.advance();
    this.#write(lease);
    if (!this.leases.has(lease.leaseId)) return;
    lease.end = this.#rules.shrinksBelowWritten ? Math.min(lease.end, end) : Math.min(lease.end, Math.max(end, lease.writtenEnd));
    this.#tell({ type: 'lease.shrunk', leaseId: lease.leaseId, end: lease.end });
    if (lease.writtenEnd >= lease.end) {
      // What a whole file's body still has is kept, as `#finish` does.
      if (lease.exchange !== null && (lease.manner === 'range' || lease.sent === null)) this.#options.net.abandon(lease.exchange);
      this.#finish(lease, { kind: 'done' });
    } else if (lease.sent !== null && lease.exchange !== null) {
      this.#options.net.wantLess(lease.exchange, lease.end - lease.bodyStart);
    }
  }

  #cancel(lease: SimLease | undefined, code: FaultCode): void {
    if (lease === undefined) return;
    if (this.#rules.endsBeforeItsDrain && lease.sent !== null) {
      // The broken plane: the fact goes out, and the writer drains later.
      this.#tell({ type: 'lease.ended', leaseId: lease.leaseId, writtenEnd: lease.writtenEnd, outcome: failure(code, true) });
      return;
    }
    this.#options.net.advance();
    this.#write(lease);
    if (!this.leases.has(lease.leaseId)) return;
    if (lease.exchange !== null) this.#options.net.abandon(lease.exchange);
    this.#finish(lease, failure(code, lease.sent !== null));
  }

  #failed(lease: SimLease, fault: NetFault): void {
    this.#write(lease);
    if (this.leases.has(lease.leaseId)) this.#finish(lease, failure(fault.code, lease.sent !== null, { retryAfterMs: fault.retryAfterMs }));
  }

  #finish(lease: SimLease, outcome: LeaseOutcome): void {
    this.leases.delete(lease.leaseId);
    const { exchange, sent } = lease;
    if (outcome.kind === 'done' && lease.manner === 'whole' && exchange !== null && sent !== null) {
      this.#options.net.keep(exchange);
      if (exchange.phase === 'kept') this.#kept.keep(lease.mirrorId, { exchange, sent });
    }
    const server = this.#options.serverOf(lease.mirrorId);
    if (server !== null) this.#options.witness.ended(lease, server, outcome);
    this.#tell({ type: 'lease.ended', leaseId: lease.leaseId, writtenEnd: lease.writtenEnd, outcome });
  }
}
