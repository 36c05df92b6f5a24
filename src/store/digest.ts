/** The digest of the part file, made by a worker that follows the written front. */
import { Worker } from 'node:worker_threads';
import { PlaitError, diskError } from '../base/errors.ts';
import { hashNameOf } from './checksum.ts';
import type { DigestAnswer, DigestOrder, DigestTask } from './digest-worker.ts';
import type { ChecksumAlgorithm } from './store.ts';

// The sources run as they are; the build puts the worker beside its chunks.
const WORKER_URL = new URL(import.meta.url.endsWith('.ts') ? './digest-worker.ts' : './digest-worker.js', import.meta.url);

interface Waiting {
  readonly totalBytes: number;
  readonly settle: (outcome: string | PlaitError) => void;
}

export class FileDigest {
  readonly #partPath: string;
  readonly #algorithm: ChecksumAlgorithm;
  #worker: Worker | null = null;
  #generation = 0;
  #front = 0;
  #waiting: Waiting | null = null;
  #failure: PlaitError | null = null;

  constructor(partPath: string, algorithm: ChecksumAlgorithm) {
    this.#partPath = partPath;
    this.#algorithm = algorithm;
  }

  /** Every byte below `front` stands in the file, and may be hashed. */
  followTo(front: number): void {
    if (front <= this.#front || this.#waiting !== null) return;
    this.#front = front;
    this.#order({ generation: this.#generation, front, isEnd: false });
  }

  /** Bytes from `position` on are no longer what they were; what has been hashed of them is void. */
  bytesChanged(position: number): void {
    if (position >= this.#front) return;
    this.#generation += 1;
    this.#front = 0;
    this.#failure = null;
    if (this.#waiting !== null) this.#orderEnd(this.#waiting.totalBytes);
    else this.#order({ generation: this.#generation, front: 0, isEnd: false });
  }

  /** The digest of the first `totalBytes` bytes, in hex. One caller at a time. */
  async of(totalBytes: number, signal: AbortSignal): Promise<string> {
    if (this.#waiting !== null) throw new PlaitError('bug', 'The digest of the file is being waited for already.');
    if (signal.aborted) throw aborted();
    const { promise, resolve } = Promise.withResolvers<string | PlaitError>();
    const onAbort = (): void => resolve(aborted());
    signal.addEventListener('abort', onAbort, { once: true });
    this.#waiting = { totalBytes, settle: resolve };
    this.#orderEnd(totalBytes);
    // The program may end while the worker idles, but not while somebody waits for it.
    this.#worker?.ref();
    try {
      const outcome = this.#failure ?? (await promise);
      if (typeof outcome === 'string') return outcome;
      throw outcome;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#waiting = null;
      this.#worker?.unref();
    }
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#fail(aborted());
    await worker?.terminate();
  }

  #orderEnd(totalBytes: number): void {
    this.#front = totalBytes;
    this.#order({ generation: this.#generation, front: totalBytes, isEnd: true });
  }

  #order(order: DigestOrder): void {
    if (this.#failure !== null) return;
    this.#worker ??= this.#start();
    this.#worker.postMessage(order, []);
  }

  #start(): Worker {
    const task: DigestTask = { partPath: this.#partPath, hashName: hashNameOf(this.#algorithm) };
    const worker = new Worker(WORKER_URL, { workerData: task });
    worker.on('message', (answer: DigestAnswer) => this.#hear(answer));
    worker.on('error', (error) => {
      this.#worker = null;
      this.#fail(diskError(error, this.#partPath));
    });
    worker.unref();
    return worker;
  }

  #hear(answer: DigestAnswer): void {
    // An answer about bytes that have changed since says nothing.
    if (answer.generation !== this.#generation) return;
    if (answer.hex === null) this.#fail(new PlaitError('disk-failed', `The part file ${this.#partPath} could not be read for its checksum (${answer.code ?? 'it is too short'}).`));
    else if (answer.front === this.#waiting?.totalBytes) this.#waiting.settle(answer.hex);
  }

  #fail(failure: PlaitError): void {
    this.#failure = failure;
    this.#waiting?.settle(failure);
  }
}

const aborted = (): PlaitError => new PlaitError('aborted', 'The checksum was not waited for: the download was stopped.');
