/** A download that never ends and whose every moment is other than the last, told by numbers alone: nothing is fetched. */
import { Subject } from 'rxjs';
import type { Download } from '../../../src/download.ts';
import type { DownloadEvent } from '../../../src/metrics/events.ts';
import { SPARK_CELL_MS } from '../../../src/metrics/history.ts';
import type { DownloadView, MapStretch, ServerLine } from '../../../src/metrics/view.ts';
import { seededRandom } from '../../support/seeded.ts';
import { downloadView, serverLine, stretch } from './models.ts';

const TOTAL_BYTES = 2 ** 40;
const FRAME_MS = 100;
const SPARKS_MAX = 60_000 / SPARK_CELL_MS;
/** Of the file, from the place that is written now: what lies far behind has grown together. */
const STRETCHES = 200;
const STRETCH_BYTES = 2 ** 25;
const never = new Promise<never>(() => undefined);

export class BusyDownload {
  readonly #events = new Subject<DownloadEvent>();
  readonly #views = new Subject<DownloadView>();
  readonly #random = seededRandom(1);
  readonly #servers: number;
  #frames = 0;
  #sparks: readonly (readonly number[])[];
  #view: DownloadView = downloadView();

  constructor(servers: number) {
    this.#servers = servers;
    this.#sparks = Array.from({ length: servers }, () => []);
  }

  /** As the terminal view sees it; what a key would order falls on deaf ears. */
  get download(): Download {
    const deaf = (): void => undefined;
    return {
      events: this.#events,
      views: this.#views,
      view: () => this.#view,
      pause: deaf,
      resume: deaf,
      addMirror: () => 1,
      dropMirror: deaf,
      restoreMirror: deaf,
      setLimit: deaf,
      setLanes: deaf,
      abort: deaf,
      result: never,
    };
  }

  /** The next tenth of a second. */
  next(): void {
    this.#frames += 1;
    const atMs = this.#frames * FRAME_MS;
    this.#tell(atMs);
    const servers = Array.from({ length: this.#servers }, (_, at) => this.#server(at + 1));
    const rate = servers.reduce((sum, { rateBytesPerSec }) => sum + rateBytesPerSec, 0);
    this.#view = downloadView({
      elapsedMs: atMs,
      totalBytes: TOTAL_BYTES,
      writtenBytes: this.#frames * STRETCH_BYTES * 0.8,
      rateBytesPerSec: rate,
      etaSeconds: 36_000 - this.#frames,
      sparksTaken: Math.floor(atMs / SPARK_CELL_MS),
      servers,
      stretches: this.#stretches(),
    });
    this.#views.next(this.#view);
  }

  #server(mirrorId: number): ServerLine {
    // Each server falls silent for a while now and then, some never come back for long.
    const isLost = (this.#frames + mirrorId * 137) % 900 < 80;
    const rateBytesPerSec = isLost ? 0 : 200_000 * mirrorId * (0.8 + 0.4 * this.#random());
    if (this.#frames % (SPARK_CELL_MS / FRAME_MS) === 0) this.#sparks = this.#sparks.with(mirrorId - 1, [...(this.#sparks[mirrorId - 1] ?? []), rateBytesPerSec].slice(-SPARKS_MAX));
    return serverLine(mirrorId, {
      state: isLost ? 'failed' : 'downloading',
      lastFault: isLost ? { code: 'refused', detail: 'ECONNREFUSED' } : null,
      retryInMs: isLost ? 5_000 - (this.#frames % 50) * FRAME_MS : null,
      bytes: this.#frames * mirrorId * 20_000,
      rateBytesPerSec,
      lanes: isLost ? 0 : 1 + (this.#frames % 6),
      spark: this.#sparks[mirrorId - 1] ?? [],
    });
  }

  #stretches(): readonly MapStretch[] {
    const front = this.#frames;
    const behind = stretch(0, front * STRETCH_BYTES, 1);
    return [behind, ...Array.from({ length: STRETCHES }, (_, at) => {
      const start = (front + at * 120) * STRETCH_BYTES;
      return stretch(start, start + STRETCH_BYTES * 60, 1 + (at % this.#servers), (at + front) % 3 === 0 ? 'written' : 'coming');
    })];
  }

  #tell(atMs: number): void {
    const segmentId = this.#frames;
    const mirrorId = 1 + (segmentId % this.#servers);
    const segment = { type: 'segment', atMs, mirrorId, start: segmentId * STRETCH_BYTES, end: (segmentId + 1) * STRETCH_BYTES } as const;
    this.#events.next({ ...segment, segmentId, state: 'connecting' });
    this.#events.next({ ...segment, segmentId, state: 'downloading' });
    if (segmentId > 20) this.#events.next({ ...segment, segmentId: segmentId - 20, state: 'done' });
    if (segmentId % 40 !== 0) return;
    this.#events.next({ type: 'server', atMs, mirrorId, url: `http://127.0.0.1:${12_000 + mirrorId}/`, state: segmentId % 80 === 0 ? 'failed' : 'connecting', bytes: segmentId, rateBytesPerSec: 0 });
    this.#events.next({ type: 'decision', atMs, kind: 'segment-moved', mirrorId, why: `server ${mirrorId} stalled: 4.2 MiB of segment ${segmentId} moved to server ${1 + ((mirrorId + 3) % this.#servers)}` });
  }
}
