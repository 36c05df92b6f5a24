/**
 * Writes every message to a file, one a line. It never holds the download up: what the disk does not take in time is
 * left out, and the file says so; and a disk that fails ends the recording alone.
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { RECORDER_BUFFER_BYTES_MAX, RECORDER_GATHER_MS, RECORDING_BYTES_MAX } from '../base/bounds.ts';
import { PlaitError, systemCodeOf } from '../base/errors.ts';
import { toldOf } from './chronicle.ts';
import type { Chronicle, Told } from './chronicle.ts';

export interface Recorder {
  /** Settles when all that was told is written; gives the sentence about what went wrong, or null. */
  close(): Promise<string | null>;
}

async function create(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx');
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EEXIST') throw new PlaitError('target-exists', `${path} is there already: give --record another name, or remove it.`, { cause: error });
    if (code === 'ENOENT') throw new PlaitError('folder-missing', `The folder of ${path} is not there: make it, or give --record another name.`, { cause: error });
    throw new PlaitError('disk-failed', `${path} cannot be written (${code ?? String(error)}): give --record another name.`, { cause: error });
  }
}

/** Lines on their way to the disk: one write at a time, and a bounded queue behind it. */
class LineWriter {
  readonly #file: FileHandle;
  #queue: string[] = [];
  #queuedBytes = 0;
  #writtenBytes = 0;
  #missed = 0;
  #lastT = 0;
  #trouble: string | null = null;
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  add(told: Told): void {
    if (this.#trouble !== null) return;
    this.#lastT = told.t;
    const isFull = this.#queuedBytes + told.text.length > RECORDER_BUFFER_BYTES_MAX || this.#writtenBytes + this.#queuedBytes > RECORDING_BYTES_MAX;
    // The last message is small, and tells a whole recording from a cut one.
    if (isFull && told.type !== 'plait.end') {
      this.#missed += 1;
      return;
    }
    if (this.#missed > 0) this.#push(toldOf({ type: 'plait.dropped', t: told.t, count: this.#missed }).text);
    this.#missed = 0;
    this.#push(told.text);
    this.#timer ??= setTimeout(() => void this.#write(), RECORDER_GATHER_MS);
  }

  /** Settles when everything is written; gives what went wrong. */
  async flush(): Promise<string | null> {
    if (this.#missed > 0) this.#push(toldOf({ type: 'plait.dropped', t: this.#lastT, count: this.#missed }).text);
    this.#missed = 0;
    do await this.#write();
    while (this.#queue.length > 0);
    return this.#trouble;
  }

  #push(text: string): void {
    this.#queue.push(text);
    this.#queuedBytes += text.length + 1;
  }

  /** Writes what waits in one piece, or waits for the writing that is under way. */
  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeQueue();
    return this.#writing;
  }

  async #writeQueue(): Promise<void> {
    const lines = Buffer.from(this.#queue.map((line) => `${line}\n`).join(''));
    this.#queue = [];
    this.#queuedBytes = 0;
    try {
      await this.#file.appendFile(lines);
      this.#writtenBytes += lines.length;
    } catch (error) {
      this.#trouble = `The recording stopped short (${systemCodeOf(error) ?? String(error)}).`;
      this.#queue = [];
    } finally {
      this.#writing = null;
    }
  }
}

/**
 * Begins a recording of all that is told, from the first message.
 * @throws PlaitError `target-exists`, `folder-missing` or `disk-failed` where the file cannot be made.
 */
export async function record(chronicle: Chronicle, path: string): Promise<Recorder> {
  const file = await create(path);
  const lines = new LineWriter(file);
  const stop = chronicle.read((told) => lines.add(told));
  return {
    async close() {
      stop();
      const trouble = await lines.flush();
      await file.close().catch(() => undefined);
      return trouble;
    },
  };
}
