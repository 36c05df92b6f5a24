/**
 * Samples on the wire of a simulated world: each range is a request of its own, one after the other, whose bytes take
 * their time and their share of the server. A block's hash tells what stands there.
 */
import type { FaultCode } from '../../../src/base/faults.ts';
import type { ByteRange } from '../../../src/base/range.ts';
import { lengthOf } from '../../../src/base/range.ts';
import type { DifferentBlock, SampleAnswer, SampleAsk } from '../../../src/net/data-plane.ts';
import { hashOf } from './byte-runs.ts';
import type { Exchange, NetFault, SimNet } from './sim-net.ts';
import { validatorOf } from './sim-server.ts';
import type { SimServer } from './sim-server.ts';

export interface SamplingHost {
  readonly net: SimNet;
  /** Comes before a promise settles. */
  readonly settles: () => void;
}

type Answered = Extract<SampleAnswer, { kind: 'sampled' }>;
type Failed = Extract<SampleAnswer, { kind: 'failed' }>;

/** How a range came out: a failed one says what came before. */
const failed = (code: FaultCode, receivedBytes = 0, retryAfterMs: number | null = null): Failed => ({ kind: 'failed', code, detail: '', retryAfterMs, receivedBytes });

export class SimSampling {
  readonly #ask: SampleAsk;
  readonly #server: SimServer;
  readonly #host: SamplingHost;
  #exchange: Exchange | null = null;
  #callOff: ((code: FaultCode) => void) | null = null;
  #servesParts = true;
  /** Version and shift of the last answer. */
  #sent = Uint8Array.of(0, 0);

  constructor(ask: SampleAsk, server: SimServer, host: SamplingHost) {
    this.#ask = ask;
    this.#server = server;
    this.#host = host;
  }

  async read(): Promise<SampleAnswer> {
    const hashes: (readonly string[] | null)[] = [];
    const different: DifferentBlock[] = [];
    const validators = new Set<string>();
    let receivedBytes = 0;
    for (const [index, range] of this.#ask.ranges.entries()) {
      const answer = await this.#readRange(range);
      if (answer.kind === 'failed') return failed(answer.code, receivedBytes + answer.receivedBytes, answer.retryAfterMs);
      receivedBytes += lengthOf(range);
      const told = answer.hashes[0] ?? null;
      hashes.push(told);
      different.push(...this.#differentIn(range, told ?? [], this.#ask.against?.[index] ?? null));
      for (const validator of answer.validators) validators.add(validator);
    }
    return hashes.every((each) => each === null) ? failed('no-ranges') : { kind: 'sampled', hashes, validators: [...validators], different };
  }

  cancel(code: FaultCode): void {
    if (this.#exchange !== null) this.#host.net.abandon(this.#exchange);
    this.#callOff?.(code);
  }

  async #readRange(range: ByteRange): Promise<Answered | Failed> {
    const part = this.#servesParts ? await this.#request(range, 'range') : failed('no-ranges');
    if (part.kind === 'sampled' || part.code !== 'no-ranges') return part;
    this.#servesParts = false;
    // A whole answer's beginning costs no more than a part; what lies further in would cost all that is before it.
    return range.start > 0 ? { kind: 'sampled', hashes: [null], validators: [], different: [] } : this.#request(range, 'whole');
  }

  #request(range: ByteRange, manner: 'range' | 'whole'): Promise<Answered | Failed> {
    const { net, settles } = this.#host;
    return new Promise((resolve) => {
      let told: Answered | Failed = failed('closed-early');
      const end = (answer: Answered | Failed): void => {
        this.#exchange = null;
        this.#callOff = null;
        settles();
        resolve(answer);
      };
      const broken = (code: FaultCode, retryAfterMs: number | null = null): Failed => failed(code, this.#exchange?.doneBytes ?? 0, retryAfterMs);
      this.#callOff = (code) => end(broken(code));
      const asker = {
        onHead: () => {
          const refusal = this.#refusal(manner);
          // What the server has now is what this body is made of, whatever becomes of it meanwhile.
          told = refusal === null ? this.#hashed(range) : failed(refusal);
          if (refusal === null) return { bodyBytes: (manner === 'whole' ? this.#server.file.totalBytes : range.end) - (manner === 'whole' ? 0 : range.start), wantedBytes: range.end - range.start };
          end(told);
          return null;
        },
        onWanted: () => end(told),
        onFailed: ({ code, retryAfterMs }: NetFault) => end(broken(code, retryAfterMs)),
      };
      this.#exchange = net.ask(this.#server, asker, this.#ask.onFreshLanes);
    });
  }

  /** Blocks that are not what they were held against; their few bytes say what they are made of. */
  #differentIn(range: ByteRange, told: readonly string[], against: readonly string[] | null): readonly DifferentBlock[] {
    if (against === null) return [];
    return told.flatMap((hash, index) => (hash === against[index] ? [] : [{ start: range.start + index * this.#ask.blockBytes, bytes: this.#sent }]));
  }

  #refusal(manner: 'range' | 'whole'): FaultCode | null {
    const { lie, file, spec } = this.#server;
    if (lie !== null) return lie;
    if (file.totalBytes !== this.#ask.totalBytes) return 'other-size';
    return manner === 'range' && !spec.ranges ? 'no-ranges' : null;
  }

  #hashed({ start, end }: ByteRange): Answered {
    const { blockBytes, mirrorId } = this.#ask;
    const { file: { version }, corrupts } = this.#server;
    this.#sent = Uint8Array.of(version, corrupts ? 1 : 0);
    const hashes = Array.from({ length: Math.ceil((end - start) / blockBytes) }, (_, index) => {
      const from = start + index * blockBytes;
      return hashOf([{ start: from, end: Math.min(end, from + blockBytes), stuff: { mirrorId, version, shift: corrupts ? 1 : 0 } }]);
    });
    const validator = validatorOf(this.#server);
    return { kind: 'sampled', hashes: [hashes], validators: validator === null ? [] : [validator], different: [] };
  }
}
