/** Hashes pieces of the part file in a worker, one after the other. */
import { Worker } from 'node:worker_threads';
import { PlaitError, diskError } from '../base/errors.ts';
import type { ByteRange } from '../base/range.ts';
import { hashNameOf } from './checksum.ts';
import type { PieceAnswer, PieceOrder, PieceTask } from './piece-worker.ts';
import type { ChecksumAlgorithm, PieceHashes } from './store.ts';

// The sources run as they are; the build puts the worker beside its chunks.
const WORKER_URL = new URL(import.meta.url.endsWith('.ts') ? './piece-worker.ts' : './piece-worker.js', import.meta.url);

export class PieceHasher {
  readonly #partPath: string;
  readonly #waiting = new Map<number, (outcome: PieceHashes | PlaitError) => void>();
  #worker: Worker | null = null;
  #lastOrderId = 0;
  #failure: PlaitError | null = null;

  constructor(partPath: string) {
    this.#partPath = partPath;
  }

  /** @throws PlaitError `disk-failed`, or `aborted` where the store ends first. */
  async hash(algorithm: ChecksumAlgorithm, piece: ByteRange, parts: readonly ByteRange[]): Promise<PieceHashes> {
    if (this.#failure !== null) throw this.#failure;
    this.#worker ??= this.#start();
    const orderId = (this.#lastOrderId += 1);
    const { promise, resolve } = Promise.withResolvers<PieceHashes | PlaitError>();
    this.#waiting.set(orderId, resolve);
    this.#worker.postMessage({ orderId, hashName: hashNameOf(algorithm), piece, parts } satisfies PieceOrder, []);
    const outcome = await promise;
    if (outcome instanceof PlaitError) throw outcome;
    return outcome;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#fail(new PlaitError('aborted', 'The pieces were not waited for: the download was stopped.'));
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(WORKER_URL, { workerData: { partPath: this.#partPath } satisfies PieceTask });
    worker.on('message', (answer: PieceAnswer) => {
      const settle = this.#waiting.get(answer.orderId);
      this.#waiting.delete(answer.orderId);
      if (answer.hex !== null) settle?.({ hex: answer.hex, partHashes: answer.partHashes });
      else settle?.(new PlaitError('disk-failed', `The part file ${this.#partPath} could not be read for its pieces (${answer.code ?? 'it is too short'}).`));
    });
    worker.on('error', (error) => {
      this.#worker = null;
      this.#fail(diskError(error, this.#partPath));
    });
    // The program may end while the worker idles; a download at work has its clock to keep it alive.
    worker.unref();
    return worker;
  }

  #fail(failure: PlaitError): void {
    this.#failure ??= failure;
    for (const settle of this.#waiting.values()) settle(failure);
    this.#waiting.clear();
  }
}
