/**
 * The thread of the view: React and Ink on a terminal that stands for the real one. What they write goes to the thread
 * of the download, which alone touches the terminal; what is typed there comes from it.
 */
import { PassThrough, Writable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { Subject } from 'rxjs';
import type { DownloadEvent } from '../metrics/events.ts';
import type { DownloadView } from '../metrics/view.ts';
import { restAfterMs } from './frame-rest.ts';
import type { GetOrder } from './get-steering.ts';
import type { ScreenIo } from './screen-io.ts';
import { showDownload } from './tui.tsx';
import type { FromView, ToView, ViewTask } from './view-words.ts';

const task: ViewTask = workerData;
const say = (word: FromView): void => parentPort?.postMessage(word, []);

class FarStdout extends Writable {
  readonly isTTY = true;
  columns = task.columns;
  rows = task.rows;

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    say({ type: 'written', text: String(chunk) });
    done();
  }

  getColorDepth(): number {
    return task.depthBits;
  }
}

class FarStdin extends PassThrough {
  readonly isTTY = true;

  setRawMode(isRaw: boolean): this {
    say({ type: 'raw', isRaw });
    return this;
  }

  // Whether anybody waits for keys is the other thread's to know.
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

const stdin = new FarStdin();
const stdout = new FarStdout();
let goOn: () => void = () => undefined;
const io: ScreenIo = {
  stdin,
  stdout,
  stderr: stdout,
  env: task.env,
  stdinIsTerminal: task.stdinIsTerminal,
  // The other thread gives the terminal back.
  onCrash: () => () => undefined,
  stopHere: () =>
    new Promise((resolve) => {
      goOn = resolve;
      say({ type: 'stop' });
    }),
};

const events = new Subject<DownloadEvent>();
const views = new Subject<DownloadView>();
let { seen } = task;

const orders = new Map<number, (notice: string | null) => void>();
let lastOrderId = 0;
const obey = (order: GetOrder): Promise<string | null> =>
  new Promise((resolve) => {
    lastOrderId += 1;
    orders.set(lastOrderId, resolve);
    say({ type: 'ordered', orderId: lastOrderId, order });
  });

/**
 * Ink draws within the turn, or in what React puts off to the end of it; then the view rests for what the picture cost.
 * The first ones take many times what they do once V8 has compiled them, and a busy machine has better things to do.
 */
const restFrom = (beganAtMs: number): void =>
  void setImmediate(() => setTimeout(() => say({ type: 'ready' }), restAfterMs(performance.now() - beganAtMs)).unref());

function hear(word: ToView): void {
  switch (word.type) {
    case 'seen': {
      const beganAtMs = performance.now();
      seen = word.seen;
      for (const event of seen.events) events.next(event);
      views.next(seen.view);
      return restFrom(beganAtMs);
    }
    case 'typed':
      return void stdin.write(word.text);
    case 'resized':
      stdout.columns = word.columns;
      stdout.rows = word.rows;
      return void stdout.emit('resize');
    case 'obeyed':
      orders.get(word.orderId)?.(word.notice);
      return void orders.delete(word.orderId);
    case 'continued':
      return goOn();
    case 'end':
      // With nothing left to hear, the thread comes to its end by itself.
      void shown.unmount();
      return parentPort?.close();
  }
}

const farm = (): NonNullable<ViewTask['seen']['farm']> => {
  if (seen.farm === null) throw new Error('There is no farm to be seen.');
  return seen.farm;
};
const beganAtMs = performance.now();
const shown = showDownload({ io, checksum: task.checksum, farm: seen.farm === null ? null : { view: farm }, obey }, { events, views, view: () => seen.view }, task.notice);
shown.onBroken((error) => say({ type: 'broken', why: error.message }));
for (const event of seen.events) events.next(event);
parentPort?.on('message', hear);
restFrom(beganAtMs);
