/**
 * Shows a download in the terminal view. The view brings React and Ink with it, so it is loaded when the download is at
 * work already, and in a thread of its own; a download that ends before has none, and says at once what it came to.
 */
import { defaultIfEmpty, firstValueFrom, skip } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Download } from '../download.ts';
import type { FarmHandle, SeenDownload } from './get-feed.ts';
import type { Mounted } from './mount.tsx';
import { obey } from './obey.ts';
import { plainReporter } from './plain.ts';
import type { Reporter, ReportSink } from './reporter.ts';
import type { ScreenIo } from './screen-io.ts';
import { failureLines, summaryLines } from './summary.ts';
import type { ViewOptions } from './tui.tsx';

const PLAIN_INTERVAL_MS = 1_000;

export interface ScreenOptions {
  readonly io: ScreenIo;
  readonly sink: ReportSink;
  /** What the quit key does: the first time it saves and goes, the second time it goes. */
  readonly stop: () => void;
  /** The algorithm of the digest that the user gave. */
  readonly checksum: string | null;
  /** The farm that this very process downloads from, to be shown and steered beside the download. */
  readonly farm: FarmHandle | null;
}

/** Shows a download on the whole terminal until it is unmounted; `notice` stands at its foot until a key is pressed. */
export type ShowDownload = (options: ViewOptions, download: SeenDownload, notice: string | null) => Mounted;

const loadApart = async (): Promise<ShowDownload> => (await import('./view-apart.ts')).showApart;

/** The first tick has passed: a download that ends before would only flash by. */
const atWork = ({ views }: Download): Observable<unknown> => views.pipe(skip(1), defaultIfEmpty(null));

class Stage {
  readonly #options: ScreenOptions;
  readonly #load: () => Promise<ShowDownload>;
  #mounted: Mounted | null = null;
  #isOver = false;

  constructor(options: ScreenOptions, load: () => Promise<ShowDownload>) {
    this.#options = options;
    this.#load = load;
  }

  /** A fault of the view must not cost anybody a download: it goes on in plain lines. */
  show(download: Download, notice: string | null): void {
    const { io, sink, stop, checksum, farm } = this.#options;
    const goOnInLines = (error: unknown): void => {
      sink.err(`plait: The view has failed and goes on in plain lines: ${error instanceof Error ? error.message : String(error)}`);
      plainReporter(sink, PLAIN_INTERVAL_MS, false).follow(download);
    };
    const mount = async (): Promise<void> => {
      await firstValueFrom(atWork(download));
      const show = await this.#load();
      if (this.#isOver) return;
      this.#mounted = show({ io, checksum, farm, obey: (order) => obey(order, { download, farm, stop }) }, download, notice);
      this.#mounted.onBroken(goOnInLines);
    };
    mount().catch(goOnInLines);
  }

  /** The terminal is given back at once. */
  async clear(): Promise<void> {
    this.#isOver = true;
    await this.#mounted?.unmount();
  }
}

/** Shows a download on the whole terminal, and puts a summary into the scroll-back when it is over. */
export function screenReporter(options: ScreenOptions, load: () => Promise<ShowDownload> = loadApart): Reporter {
  const { sink } = options;
  const stage = new Stage(options, load);
  let notice: string | null = null;
  return {
    note(sentence) {
      // It stands in the scroll-back, too, for when the view is gone.
      sink.err(sentence);
      notice = notice === null ? sentence : `${notice} · ${sentence}`;
    },
    follow(download) {
      stage.show(download, notice);
    },
    succeeded(download, result) {
      void stage.clear();
      summaryLines(result, download.view()).forEach((line) => sink.out(line));
    },
    failed(download, error) {
      void stage.clear();
      sink.err(`plait: ${error.message}`);
      if (download !== null) failureLines(download.view()).forEach((line) => sink.err(line));
    },
    leave: () => stage.clear(),
  };
}
