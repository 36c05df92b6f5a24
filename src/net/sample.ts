/**
 * Reads ranges of a mirror only to be compared: the bytes stay in memory and come back as hashes. Each range is a lease
 * of its own that writes nowhere, so redirects, checks, limits and credentials are those of any other request.
 */
import { BlockHasher } from '../base/block-hasher.ts';
import type { FaultCode } from '../base/faults.ts';
import type { ByteRange } from '../base/range.ts';
import type { LeaseOutcome, SampleAnswer, SampleAsk } from './data-plane.ts';
import { LeaseRun } from './lease-run.ts';
import type { LeaseHost } from './lease-run.ts';
import type { Mirror } from './mirror.ts';

/** A lease that belongs to nobody's book. */
const NO_LEASE = -1;

type Answered = Extract<SampleAnswer, { kind: 'sampled' }>;
type Failed = Extract<SampleAnswer, { kind: 'failed' }>;

interface RangeRead {
  readonly hashes: readonly string[];
  readonly validator: string | null;
  readonly outcome: LeaseOutcome;
}

/** One mirror's samples, one range after the other, so that they take a single lane. */
export class Sampling {
  readonly #ask: SampleAsk;
  #mirror: Mirror;
  readonly #host: LeaseHost;
  readonly #received: (bytes: number) => void;
  #run: LeaseRun | null = null;
  #servesParts = true;
  #cancelledWith: FaultCode | null = null;

  /** @param received hears of every body byte, as a lease's side does. */
  constructor(ask: SampleAsk, mirror: Mirror, host: LeaseHost, received: (bytes: number) => void) {
    this.#ask = ask;
    this.#mirror = mirror;
    this.#host = ask.onFreshLanes ? { ...host, send: (exchange, lane) => host.send(exchange, lane, true) } : host;
    this.#received = received;
  }

  async read(): Promise<SampleAnswer> {
    const hashes: (readonly string[] | null)[] = [];
    const validators = new Set<string>();
    for (const range of this.#ask.ranges) {
      const answer = await this.#readRange(range);
      if (answer.kind === 'failed') return answer;
      hashes.push(answer.hashes[0] ?? null);
      for (const validator of answer.validators) validators.add(validator);
    }
    if (hashes.every((each) => each === null)) return { kind: 'failed', code: 'no-ranges', detail: '' };
    return { kind: 'sampled', hashes, validators: [...validators] };
  }

  cancel(code: FaultCode): void {
    this.#cancelledWith ??= code;
    this.#run?.cancel(code);
  }

  async #readRange(range: ByteRange): Promise<Answered | Failed> {
    let read = this.#servesParts ? await this.#lease(range, 'range') : null;
    if (read === null || (read.outcome.kind === 'failed' && read.outcome.code === 'no-ranges')) {
      this.#servesParts = false;
      // A whole answer's beginning costs no more than a part; what lies further in would cost all that is before it.
      if (range.start > 0) return { kind: 'sampled', hashes: [null], validators: [] };
      read = await this.#lease(range, 'whole');
    }
    const { outcome, validator } = read;
    if (outcome.kind === 'failed') return { kind: 'failed', code: outcome.code, detail: outcome.detail };
    return { kind: 'sampled', hashes: [read.hashes], validators: validator === null ? [] : [validator] };
  }

  #lease({ start, end }: ByteRange, manner: 'range' | 'whole'): Promise<RangeRead> {
    const hasher = new BlockHasher(this.#ask.blockBytes);
    let validator: string | null = null;
    // Whatever version each answer is of: the caller judges by the bytes.
    this.#mirror = this.#mirror.forAnyVersion();
    return new Promise((resolve) => {
      const order = { type: 'lease.open', leaseId: NO_LEASE, mirrorId: this.#mirror.mirrorId, start, end, manner, totalBytes: this.#ask.totalBytes } as const;
      const run = new LeaseRun(order, this.#mirror, this.#host, {
        write: (_position, bytes) => hasher.take(bytes),
        progressed: () => undefined,
        received: this.#received,
        emit: (fact) => {
          if (fact.type === 'lease.opened') validator = fact.head.validator;
          if (fact.type !== 'lease.ended') return;
          this.#run = null;
          const isShort = fact.outcome.kind === 'done' && fact.writtenEnd < end;
          const outcome: LeaseOutcome = isShort ? { kind: 'failed', code: 'closed-early', detail: 'the part ended too soon', retryAfterMs: null, totalBytes: null, inBody: true } : fact.outcome;
          resolve({ hashes: hasher.hashes(), validator, outcome });
        },
      });
      this.#run = run;
      if (this.#cancelledWith === null) run.start();
      else run.cancel(this.#cancelledWith);
    });
  }
}
