/**
 * Shows a download in the terminal view. The view brings React and Ink with it, so it is loaded while the download is at
 * work already; a download that ends before has none, and says at once what it came to.
 */
import { defaultIfEmpty, filter, firstValueFrom, merge, skip } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Download } from '../download.ts';
import type { Mounted } from './mount.tsx';
import { plainReporter } from './plain.ts';
import type { Reporter } from './reporter.ts';
import { failureLines, summaryLines } from './summary.ts';
import type { TuiOptions } from './tui.tsx';

const PLAIN_INTERVAL_MS = 1_000;

/** The first answer is there, or takes its time: then the tenth of a second that loading takes is the network's anyway. */
const atWork = ({ events, views }: Download): Observable<unknown> =>
  merge(events.pipe(filter((event) => event.type === 'segment' && event.state === 'downloading')), views.pipe(skip(1))).pipe(defaultIfEmpty(null));

class Stage {
  readonly #options: TuiOptions;
  #mounted: Mounted | null = null;
  #isOver = false;

  constructor(options: TuiOptions) {
    this.#options = options;
  }

  /** A fault of the view must not cost anybody a download: it goes on in plain lines. */
  show(download: Download, notice: string | null): void {
    const { sink } = this.#options;
    const goOnInLines = (error: unknown): void => {
      sink.err(`plait: The view has failed and goes on in plain lines: ${error instanceof Error ? error.message : String(error)}`);
      plainReporter(sink, PLAIN_INTERVAL_MS, false).follow(download);
    };
    const mount = async (): Promise<void> => {
      await firstValueFrom(atWork(download));
      const { showDownload } = await import('./tui.tsx');
      if (this.#isOver) return;
      this.#mounted = showDownload(this.#options, download, notice);
      this.#mounted.onBroken(goOnInLines);
    };
    mount().catch(goOnInLines);
  }

  clear(): void {
    this.#isOver = true;
    this.#mounted?.unmount();
  }
}

/** Shows a download on the whole terminal, and puts a summary into the scroll-back when it is over. */
export function screenReporter(options: TuiOptions): Reporter {
  const { sink } = options;
  const stage = new Stage(options);
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
      stage.clear();
      summaryLines(result, download.view()).forEach((line) => sink.out(line));
    },
    failed(download, error) {
      stage.clear();
      sink.err(`plait: ${error.message}`);
      if (download !== null) failureLines(download.view()).forEach((line) => sink.err(line));
    },
    leave() {
      stage.clear();
    },
  };
}
