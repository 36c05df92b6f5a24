/**
 * Computes CRC-32s of what is in the part file, for records that are to outlive a crash of the machine. Large amounts
 * are summed by a worker: on this thread they would cost the download a quarter of a second per GiB.
 */
import { Worker } from 'node:worker_threads';
import { crcOf } from './crc-of.ts';
import type { Stretch } from './crc-of.ts';
import type { PartFile } from './part-file.ts';
import type { SumAnswer, SumTask } from './sum-worker.ts';

// The sources run as they are; the build puts the worker beside its chunks.
const WORKER_URL = new URL(import.meta.url.endsWith('.ts') ? './sum-worker.ts' : './sum-worker.js', import.meta.url);

export class Summer {
  readonly #part: PartFile;
  readonly #hereMaxBytes: number;
  #worker: Worker | null = null;
  #settle: (answer: SumAnswer) => void = () => undefined;
  #isClosed = false;

  /** @param hereMaxBytes more than this at once is a worker's */
  constructor(part: PartFile, hereMaxBytes: number) {
    this.#part = part;
    this.#hereMaxBytes = hereMaxBytes;
  }

  /**
   * The CRC-32s of the first stretches: of all of them, unless the file is too short or cannot be read, or `giveUp`
   * came. Whoever needs the others asks again; a disk that cannot be read shows in its fsync. One call at a time.
   */
  async sum(stretches: readonly Stretch[]): Promise<number[]> {
    if (stretches.length === 0 || this.#isClosed) return [];
    let sumBytes = 0;
    for (const { start, end } of stretches) sumBytes += end - start;
    const answer = await (sumBytes <= this.#hereMaxBytes ? this.#sumHere(stretches) : this.#sumInWorker(stretches));
    const crcs: number[] = [];
    for (const crc of answer) {
      if (crc === null) break;
      crcs.push(crc);
    }
    return crcs;
  }

  /** Ends a `sum` that is under way, and every later one. Called twice, it does nothing more. */
  async giveUp(): Promise<void> {
    this.#isClosed = true;
    this.#settle([]);
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  async #sumHere(stretches: readonly Stretch[]): Promise<SumAnswer> {
    const answer: SumAnswer = [];
    try {
      for (const stretch of stretches) {
        if (this.#isClosed) break;
        answer.push(await crcOf(this.#part, stretch));
      }
    } catch {
      // What is missing stays without a sum.
    }
    return answer;
  }

  #sumInWorker(stretches: readonly Stretch[]): Promise<SumAnswer> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      this.#worker ??= this.#start();
      this.#worker.postMessage(stretches, []);
    });
  }

  #start(): Worker {
    const task: SumTask = { partPath: this.#part.path };
    const worker = new Worker(WORKER_URL, { workerData: task });
    worker.on('message', (answer: SumAnswer) => this.#settle(answer));
    worker.on('error', () => {
      this.#worker = null;
      this.#settle([]);
    });
    worker.unref();
    return worker;
  }
}
