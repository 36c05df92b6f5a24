/** RxJS turns the clock's ticks and the actors' snapshots into one stream of views. */
import { map, ReplaySubject, scan, startWith, Subject, merge } from 'rxjs';
import type { Observable } from 'rxjs';
import type { DownloadResult } from './events.ts';
import { looked, newHistory } from './history.ts';
import type { History } from './history.ts';
import { viewOf } from './view.ts';
import type { DownloadView, ViewSource } from './view.ts';

export interface ViewsInput {
  /** The moments to look at, in ms of the same clock as `nowMs`. */
  readonly ticks: Observable<number>;
  readonly nowMs: () => number;
  readonly source: () => Omit<ViewSource, 'history'>;
}

export class Views {
  readonly #source: () => Omit<ViewSource, 'history'>;
  readonly #nowMs: () => number;
  readonly #lastLook = new Subject<number>();
  readonly #views = new ReplaySubject<DownloadView>(1);
  #history: History;

  constructor({ ticks, nowMs, source }: ViewsInput) {
    this.#source = source;
    this.#nowMs = nowMs;
    this.#history = newHistory(nowMs());
    // The history has to grow whether anybody looks or not: the summary at the end needs it.
    merge(ticks, this.#lastLook)
      .pipe(
        startWith(nowMs()),
        scan((history, atMs) => looked(history, this.#source().context, atMs), this.#history),
        map((history) => {
          this.#history = history;
          return viewOf({ ...this.#source(), history });
        }),
      )
      .subscribe(this.#views);
  }

  get views(): Observable<DownloadView> {
    return this.#views.asObservable();
  }

  now(): DownloadView {
    return viewOf({ ...this.#source(), history: this.#history });
  }

  /** The download has ended: one last look, and the stream is over. */
  complete(): void {
    this.#lastLook.next(this.#nowMs());
    this.#views.complete();
  }

  /** What it came to, from the last view. */
  result(): DownloadResult {
    const view = this.now();
    return {
      path: view.path ?? '',
      bytes: view.totalBytes ?? view.writtenBytes,
      seconds: view.elapsedMs / 1_000,
      verified: view.proof,
      crossCheckedBytes: view.crossCheckedBytes,
      wastedBytes: view.wastedBytes,
      resumedBytes: view.recoveredBytes,
      efficiency: view.efficiency,
      servers: view.servers.map(({ mirrorId, url, bytes, keptBytes, state }) => ({ mirrorId, url, bytes: keptBytes, discardedBytes: Math.max(0, bytes - keptBytes), state })),
      refused: view.refused,
    };
  }
}
