/** The data plane: takes orders, moves bytes, tells facts. It decides nothing about who is asked for what. */
import { parseContentRange } from './content-range.ts';
import { dispositionFileName } from './content-disposition.ts';
import { Counters, COUNTERS_BYTES } from './counters.ts';
import { createCredentials } from './credentials.ts';
import { socketsAllowed } from './descriptor-limit.ts';
import type { HeaderField } from './credentials.ts';
import type { BodySink, DataPlane, Fact, LeaseOpen, LeaseOutcome, LeaseReading, NameAnswer, NameReply, Order, SampleAnswer, SampleAsk } from './data-plane.ts';
import { KeptBodies } from './kept-body.ts';
import { LanePool } from './lane-pool.ts';
import type { LeaseHost } from './lease-host.ts';
import { LeaseRun } from './lease-run.ts';
import { Library } from './library-transfer.ts';
import { Mirror } from './mirror.ts';
import { checkWayTo, wayTo } from './proxy.ts';
import { RateLimit } from './rate-limit.ts';
import { headerValue } from './response-head.ts';
import type { ResponseHead } from './response-head.ts';
import { Sampling } from './sample.ts';
import { createTrust } from './trust.ts';
import { parseMirrorUrl } from './url.ts';

export interface DataPlaneOptions {
  readonly sink: BodySink;
  readonly onFact: (fact: Fact) => void;
  /** A monotonic clock, in ms. */
  readonly now: () => number;
  /** The time of day, in ms since 1970: only stands in where a response has no Date. */
  readonly wallClockMs: () => number;
  /** The user's -H: for the origins of the mirrors' own URLs, and no other. */
  readonly headers: readonly HeaderField[];
  /** Authorities to trust beside Node's and the system's. */
  readonly caPem: readonly string[];
  readonly limitBytesPerSec: number | null;
  /** The process's environment, for the proxies named there. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What the head of an answer to `bytes=0-0` tells: of a file served whole, too, and of an empty one. */
function nameIn(head: ResponseHead): NameAnswer | null {
  const range = parseContentRange(headerValue(head.headers, 'content-range') ?? '');
  if (head.status !== 200 && head.status !== 206 && !(head.status === 416 && range !== null)) return null;
  return {
    kind: 'named',
    fileName: dispositionFileName(headerValue(head.headers, 'content-disposition')),
    totalBytes: head.status === 200 ? head.contentLength : (range?.totalBytes ?? null),
  };
}

const failureOf = ({ kind, code, detail, retryAfterMs }: Extract<LeaseOutcome, { kind: 'failed' }>): NameReply => ({ kind, code, detail, retryAfterMs });
const UNANSWERED: NameReply = { kind: 'failed', code: 'cancelled', detail: '', retryAfterMs: null };

/** @throws PlaitError `usage` for a header that cannot be sent. */
export function createDataPlane(options: DataPlaneOptions): DataPlane {
  return new Plane(options);
}

class Plane implements DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #counters = new Counters(new SharedArrayBuffer(COUNTERS_BYTES));
  readonly #mirrors = new Map<number, Mirror>();
  /** Where the received bytes of each are counted, also when it is added anew. */
  readonly #slots = new Map<number, number>();
  readonly #runs = new Map<number, LeaseRun>();
  readonly #questions = new Set<LeaseRun>();
  readonly #samplings = new Set<Sampling>();
  readonly #kept = new KeptBodies();
  readonly #limit: RateLimit;
  readonly #pool: LanePool;
  readonly #library: Library;
  readonly #host: LeaseHost;
  readonly #credentials;
  #isClosed = false;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
    this.#credentials = createCredentials(options.headers);
    this.#limit = new RateLimit(options.limitBytesPerSec, options.now);
    const shared = { limit: this.#limit, now: options.now, trust: createTrust(options.caPem) };
    this.#pool = new LanePool({ ...shared, maxSockets: socketsAllowed() });
    this.#library = new Library(shared);
    this.#host = {
      wallClockMs: options.wallClockMs,
      requestFor: (url, range, validator, asksDigest) => ({ url, range, validator, asksDigest, userFields: this.#credentials.fieldsFor(url) }),
      send: (exchange, lane, fresh) => {
        const way = wayTo(exchange.request.url, options.env);
        if (way.kind === 'unusable') {
          // The mirror's own address was checked when it was added, so a redirect has led here.
          queueMicrotask(() => exchange.onEnd({ kind: 'failed', stale: false, code: 'redirect-refused', detail: `the variable ${way.variable} is not the address of a proxy` }));
          return { onLane: false, transport: null };
        }
        const onLane = lane && way.kind === 'direct';
        return { onLane, transport: onLane ? this.#pool.send(exchange, fresh) : this.#library.send(exchange, way.kind === 'proxy' ? way.proxy : null) };
      },
    };
  }

  post(order: Order): void {
    switch (order.type) {
      case 'mirror.add':
        this.#addMirror(order.mirrorId, order.url, order.validator);
        break;
      case 'mirror.equate':
        this.#mirrors.get(order.mirrorId)?.equate(order.validators);
        break;
      case 'lease.open':
        this.#openLease(order);
        break;
      case 'lease.shrink':
        this.#runs.get(order.leaseId)?.shrink(order.end);
        break;
      case 'lease.cancel':
        this.#runs.get(order.leaseId)?.cancel(order.code);
        break;
      case 'limit.set':
        this.#limit.set(order.rateBytesPerSec);
        break;
    }
  }

  readings(): readonly LeaseReading[] {
    return this.#counters.readings();
  }

  receivedBytes(mirrorId: number): number {
    const slot = this.#slots.get(mirrorId);
    return slot === undefined ? 0 : this.#counters.receivedBytes(slot);
  }

  askName(mirrorId: number, signal: AbortSignal): Promise<NameReply> {
    const mirror = this.#mirrors.get(mirrorId);
    if (mirror === undefined || signal.aborted || this.#isClosed) return Promise.resolve(UNANSWERED);
    return new Promise((resolve) => {
      let answer: NameAnswer | null = null;
      const order: LeaseOpen = { type: 'lease.open', leaseId: -1, mirrorId, start: 0, end: 1, manner: 'range', totalBytes: null };
      const run = new LeaseRun(order, mirror, this.#host, {
        write: () => undefined,
        progressed: () => undefined,
        received: (bytes) => this.#counters.addReceived(mirror.slot, bytes),
        answered: (head) => {
          answer = nameIn(head);
        },
        emit: (fact) => {
          if (fact.type !== 'lease.ended') return;
          signal.removeEventListener('abort', stop);
          this.#questions.delete(run);
          resolve(answer ?? (fact.outcome.kind === 'failed' ? failureOf(fact.outcome) : UNANSWERED));
        },
      });
      const stop = (): void => run.cancel('cancelled');
      signal.addEventListener('abort', stop);
      this.#questions.add(run);
      run.start();
    });
  }

  async sample(ask: SampleAsk, signal: AbortSignal): Promise<SampleAnswer> {
    const mirror = this.#mirrors.get(ask.mirrorId);
    if (mirror === undefined || signal.aborted || this.#isClosed) return { kind: 'failed', code: 'cancelled', detail: '', retryAfterMs: null, receivedBytes: 0 };
    // A server sees no more sockets than the lanes it may have.
    this.#kept.letGo(ask.mirrorId);
    const sampling = new Sampling(ask, mirror, this.#host, (bytes) => this.#counters.addReceived(mirror.slot, bytes));
    const stop = (): void => sampling.cancel(signal.reason === 'stalled' ? 'stalled' : 'cancelled');
    signal.addEventListener('abort', stop);
    this.#samplings.add(sampling);
    const answer = await sampling.read();
    this.#samplings.delete(sampling);
    signal.removeEventListener('abort', stop);
    return answer;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const sampling of this.#samplings) sampling.cancel('cancelled');
    for (const run of this.#runs.values()) run.cancel('cancelled');
    for (const run of this.#questions) run.cancel('cancelled');
    this.#kept.close();
    this.#limit.close();
    this.#pool.close();
    await this.#library.close();
  }

  /** @throws PlaitError `usage` for a URL that is none, whose userinfo cannot be sent, or whose proxy is none. */
  #addMirror(mirrorId: number, text: string, validator: string | null): void {
    const url = this.#credentials.learn(parseMirrorUrl(text));
    checkWayTo(url, this.#options.env);
    const slot = this.#slots.get(mirrorId) ?? this.#slots.size;
    this.#slots.set(mirrorId, slot);
    this.#mirrors.set(mirrorId, new Mirror(mirrorId, url, slot, validator));
  }

  #openLease(order: LeaseOpen): void {
    const { leaseId, mirrorId } = order;
    const mirror = this.#mirrors.get(mirrorId);
    const slot = mirror === undefined || this.#isClosed ? null : this.#counters.openLease(leaseId, order.start);
    if (mirror === undefined || slot === null) {
      this.#refuseLease(order, mirror === undefined ? 'no such mirror' : 'no room for another lease');
      return;
    }
    const lease = { leaseId, mirrorId };
    const run = new LeaseRun(order, mirror, this.#host, {
      write: (position, bytes) => this.#options.sink.write(lease, position, bytes),
      received: (bytes) => this.#counters.addReceived(mirror.slot, bytes),
      progressed: (writtenEnd) => slot.progress(writtenEnd),
      keep: (body) => this.#kept.keep(mirrorId, body),
      hearsDigest: true,
      emit: (fact) => {
        if (fact.type === 'lease.ended') {
          // Before anyone hears of the end: the next lease may want this place.
          this.#runs.delete(leaseId);
          slot.free();
        }
        this.#options.onFact(fact);
      },
    });
    this.#runs.set(leaseId, run);
    // Whoever posts an order hears nothing of it before the call has returned.
    queueMicrotask(() => run.start(order.manner === 'whole' ? this.#kept.take(mirrorId, order.start) : null));
  }

  #refuseLease(order: LeaseOpen, detail: string): void {
    const outcome = { kind: 'failed', code: 'cancelled', detail, retryAfterMs: null, totalBytes: null, inBody: false } as const;
    queueMicrotask(() => this.#options.onFact({ type: 'lease.ended', leaseId: order.leaseId, writtenEnd: order.start, outcome }));
  }
}
