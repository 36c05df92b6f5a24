/**
 * Shows a download in a view that works in a thread of its own: drawing takes a tenth of a second until it is warm, and
 * several milliseconds a picture ever after, which the thread that moves the bytes does not have. This side keeps the
 * terminal, and gives it back whatever becomes of the view.
 */
import type { Writable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { Subscription } from 'rxjs';
import { EVENTS_KEPT_MAX, VIEW_END_MS } from '../base/bounds.ts';
import type { DownloadEvent } from '../metrics/events.ts';
import type { DownloadView } from '../metrics/view.ts';
import type { SeenDownload } from './get-feed.ts';
import type { Mounted } from './mount.tsx';
import { depthBitsOf } from './screen-io.ts';
import { TerminalModes } from './terminal-modes.ts';
import type { ViewOptions } from './tui.tsx';
import type { FromView, Seen, ToView, ViewTask } from './view-words.ts';

/** Beside the bundled program; run from source, where the build has put it: Node runs no JSX. */
const THREAD_URL = new URL(import.meta.url.endsWith('.ts') ? '../../dist/view-thread.js' : './view-thread.js', import.meta.url);

function sizeOf(stdout: Writable): { readonly columns: number; readonly rows: number } {
  const count = (name: string, otherwise: number): number => {
    const found: unknown = Reflect.get(stdout, name);
    return typeof found === 'number' && found > 0 ? found : otherwise;
  };
  return { columns: count('columns', 80), rows: count('rows', 24) };
}

class ViewApart implements Mounted {
  readonly #options: ViewOptions;
  readonly #worker: Worker;
  readonly #modes = new TerminalModes();
  readonly #following: Subscription;
  readonly #offCrash: () => void;
  readonly #listeners: ((error: Error) => void)[] = [];
  /** What the view has not been shown yet: it gets the next when it has taken in the last, so that nothing piles up. */
  #events: DownloadEvent[] = [];
  #view: DownloadView | null = null;
  #isReady = false;
  #isRaw = false;
  #isOver = false;
  readonly #ended: Promise<void>;

  constructor(options: ViewOptions, download: SeenDownload, notice: string | null) {
    this.#options = options;
    const { io, checksum } = options;
    this.#following = download.events.subscribe((event) => {
      this.#events.push(event);
      if (this.#events.length > EVENTS_KEPT_MAX) this.#events.shift();
    });
    const task: ViewTask = { env: { ...io.env }, ...sizeOf(io.stdout), depthBits: depthBitsOf(io), stdinIsTerminal: io.stdinIsTerminal, checksum, notice, seen: this.#look(download.view()) };
    this.#worker = new Worker(THREAD_URL, { workerData: task });
    this.#ended = new Promise((resolve) => void this.#worker.once('exit', () => resolve()));
    this.#worker.on('message', (word: FromView) => this.#hear(word));
    this.#worker.on('error', (error) => this.#break(error instanceof Error ? error : new Error(String(error))));
    const views = download.views.subscribe((view) => {
      this.#view = view;
      this.#show();
    });
    this.#following.add(views);
    io.stdout.on('resize', this.#resize);
    this.#offCrash = io.onCrash(() => this.#giveBack());
  }

  /**
   * The thread is asked to end and waited for: one that is terminated in the middle of loading or drawing may bring the
   * whole process down (V8 checks for what is not there any more).
   */
  async unmount(): Promise<void> {
    this.#giveBack();
    const patience = new AbortController();
    await Promise.race([this.#ended, setTimeout(VIEW_END_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
    patience.abort();
  }

  #giveBack(): void {
    if (this.#isOver) return;
    this.#say({ type: 'end' });
    this.#isOver = true;
    this.#following.unsubscribe();
    this.#offCrash();
    this.#options.io.stdout.off('resize', this.#resize);
    this.#setRaw(false);
    this.#options.io.stdout.write(this.#modes.undo());
  }

  onBroken(listener: (error: Error) => void): void {
    this.#listeners.push(listener);
  }

  #break(error: Error): void {
    if (this.#isOver) return;
    this.#giveBack();
    for (const listener of this.#listeners) listener(error);
  }

  #say(word: ToView): void {
    if (!this.#isOver) this.#worker.postMessage(word, []);
  }

  #look(view: DownloadView): Seen {
    const events = this.#events;
    this.#events = [];
    return { view, events, farm: this.#options.farm?.view() ?? null };
  }

  #show(): void {
    if (!this.#isReady || this.#view === null) return;
    this.#isReady = false;
    this.#say({ type: 'seen', seen: this.#look(this.#view) });
    this.#view = null;
  }

  #hear(word: FromView): void {
    if (this.#isOver) return;
    const { io, obey } = this.#options;
    switch (word.type) {
      case 'written':
        this.#modes.note(word.text);
        return void io.stdout.write(word.text);
      case 'raw':
        return this.#setRaw(word.isRaw);
      case 'ready':
        this.#isReady = true;
        return this.#show();
      case 'ordered':
        return void obey(word.order).then((notice) => this.#say({ type: 'obeyed', orderId: word.orderId, notice }));
      case 'stop':
        return void io.stopHere().then(() => this.#say({ type: 'continued' }));
      case 'broken':
        return this.#break(new Error(word.why));
    }
  }

  readonly #resize = (): void => this.#say({ type: 'resized', ...sizeOf(this.#options.io.stdout) });

  readonly #type = (text: string): void => this.#say({ type: 'typed', text });

  #setRaw(isRaw: boolean): void {
    const { stdin } = this.#options.io;
    if (isRaw === this.#isRaw || !('setRawMode' in stdin) || typeof stdin.setRawMode !== 'function') return;
    this.#isRaw = isRaw;
    stdin.setRawMode(isRaw);
    if (isRaw) stdin.setEncoding('utf8').on('data', this.#type).resume();
    else stdin.off('data', this.#type).pause();
  }
}

/** As `showDownload`, in a thread of its own. */
export const showApart = (options: ViewOptions, download: SeenDownload, notice: string | null): Mounted => new ViewApart(options, download, notice);
