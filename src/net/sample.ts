/**
 * Reads ranges of a mirror only to be compared: the bytes stay in memory and come back as hashes, or as they are where
 * they differ from what they were held against. Each range is a lease of its own that writes nowhere, so redirects,
 * checks, limits and credentials are those of any other request.
 */
import { BlockHasher } from '../base/block-hasher.ts';
import type { FaultCode } from '../base/faults.ts';
import type { ByteRange } from '../base/range.ts';
import type { DifferentBlock, LeaseOutcome, SampleAnswer, SampleAsk } from './data-plane.ts';
import type { LeaseHost } from './lease-host.ts';
import { LeaseRun } from './lease-run.ts';
import type { Mirror } from './mirror.ts';

/** A lease that belongs to nobody's book. */
const NO_LEASE = -1;

type Answered = Extract<SampleAnswer, { kind: 'sampled' }>;
type Failed = Extract<SampleAnswer, { kind: 'failed' }>;

interface RangeRead {
  readonly hashes: readonly string[];
  readonly validator: string | null;
  readonly outcome: LeaseOutcome;
  /** Those to be held against others; empty where there are none. */
  readonly bytes: Buffer;
}

/** One mirror's samples, one range after the other, so that they take a single lane. */
export class Sampling {
  readonly #ask: SampleAsk;
  readonly #known: Mirror;
  #mirror: Mirror;
  readonly #host: LeaseHost;
  readonly #received: (bytes: number) => void;
  #receivedBytes = 0;
  #run: LeaseRun | null = null;
  #servesParts = true;
  #cancelledWith: FaultCode | null = null;

  /** @param received hears of every body byte, as a lease's side does. */
  constructor(ask: SampleAsk, mirror: Mirror, host: LeaseHost, received: (bytes: number) => void) {
    this.#ask = ask;
    this.#known = mirror;
    this.#mirror = mirror;
    this.#host = ask.onFreshLanes ? { ...host, send: (exchange, lane) => host.send(exchange, lane, true) } : host;
    this.#received = (bytes) => {
      this.#receivedBytes += bytes;
      received(bytes);
    };
  }

  async read(): Promise<SampleAnswer> {
    const hashes: (readonly string[] | null)[] = [];
    const validators = new Set<string>();
    const different: DifferentBlock[] = [];
    for (const [index, range] of this.#ask.ranges.entries()) {
      const answer = await this.#readRange(range, this.#ask.against?.[index] ?? null);
      if (answer.kind === 'failed') return answer;
      hashes.push(answer.hashes[0] ?? null);
      for (const validator of answer.validators) validators.add(validator);
      different.push(...answer.different);
    }
    if (hashes.every((each) => each === null)) return this.#failed('no-ranges', '', null);
    return { kind: 'sampled', hashes, validators: [...validators], different };
  }

  cancel(code: FaultCode): void {
    this.#cancelledWith ??= code;
    this.#run?.cancel(code);
  }

  #failed(code: FaultCode, detail: string, retryAfterMs: number | null): Failed {
    return { kind: 'failed', code, detail, retryAfterMs, receivedBytes: this.#receivedBytes };
  }

  async #readRange(range: ByteRange, against: readonly string[] | null): Promise<Answered | Failed> {
    let read = this.#servesParts ? await this.#lease(range, 'range', against !== null) : null;
    if (read === null || (read.outcome.kind === 'failed' && read.outcome.code === 'no-ranges')) {
      this.#servesParts = false;
      // A whole answer's beginning costs no more than a part; what lies further in would cost all that is before it.
      if (range.start > 0) return { kind: 'sampled', hashes: [null], validators: [], different: [] };
      read = await this.#lease(range, 'whole', against !== null);
    }
    const { outcome, validator, hashes, bytes } = read;
    if (outcome.kind === 'failed') return this.#failed(outcome.code, outcome.detail, outcome.retryAfterMs);
    const { blockBytes } = this.#ask;
    const different = hashes.flatMap((hash, index): DifferentBlock[] => {
      if (against === null || hash === against[index]) return [];
      return [{ start: range.start + index * blockBytes, bytes: bytes.subarray(index * blockBytes, (index + 1) * blockBytes) }];
    });
    return { kind: 'sampled', hashes: [hashes], validators: validator === null ? [] : [validator], different };
  }

  #lease({ start, end }: ByteRange, manner: 'range' | 'whole', keepsBytes: boolean): Promise<RangeRead> {
    const hasher = new BlockHasher(this.#ask.blockBytes);
    const kept = Buffer.alloc(keepsBytes ? end - start : 0);
    let validator: string | null = null;
    // Whatever version each answer is of: the caller judges by the bytes.
    this.#mirror = this.#mirror.forAnyVersion();
    return new Promise((resolve) => {
      const order = { type: 'lease.open', leaseId: NO_LEASE, mirrorId: this.#mirror.mirrorId, start, end, manner, totalBytes: this.#ask.totalBytes } as const;
      const run = new LeaseRun(order, this.#mirror, this.#host, {
        write: (position, bytes) => {
          hasher.take(bytes);
          if (keepsBytes) kept.set(bytes, position - start);
        },
        progressed: () => undefined,
        received: this.#received,
        emit: (fact) => {
          if (fact.type === 'lease.opened') {
            validator = fact.head.validator;
            this.#known.learn(this.#mirror);
          }
          if (fact.type !== 'lease.ended') return;
          this.#run = null;
          const isShort = fact.outcome.kind === 'done' && fact.writtenEnd < end;
          const outcome: LeaseOutcome = isShort ? { kind: 'failed', code: 'closed-early', detail: 'the part ended too soon', retryAfterMs: null, totalBytes: null, inBody: true } : fact.outcome;
          resolve({ hashes: hasher.hashes(), validator, outcome, bytes: kept });
        },
      });
      this.#run = run;
      if (this.#cancelledWith === null) run.start();
      else run.cancel(this.#cancelledWith);
    });
  }
}
