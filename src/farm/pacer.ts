import { FARM_READ_BYTES } from '../base/bounds.ts';
import { RateBucket } from './rate-bucket.ts';

interface Asker {
  readonly wantBytes: number;
  readonly grant: (bytes: number) => void;
}

/** Without a cap one read's worth at a time, so that a cap that comes later holds soon. */
const unpaced = (wantBytes: number): number => Math.min(wantBytes, FARM_READ_BYTES);

/** The timers of a `RateBucket`: connections wait here for their share of the server's rate. */
export class Pacer {
  readonly #nowMs: () => number;
  #bucket: RateBucket<Asker> | null = null;
  readonly #askers = new Set<Asker>();
  #timer: NodeJS.Timeout | undefined;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Null: no cap, and whoever waits goes on at once. */
  setRate(rateBytesPerSec: number | null): void {
    if (rateBytesPerSec === (this.#bucket?.rateBytesPerSec ?? null)) return;
    if (rateBytesPerSec === null) {
      this.#bucket = null;
      for (const asker of this.#askers) asker.grant(unpaced(asker.wantBytes));
      this.#askers.clear();
    } else if (this.#bucket === null) {
      this.#bucket = new RateBucket(rateBytesPerSec, this.#nowMs());
    } else {
      this.#bucket.setRate(rateBytesPerSec, this.#nowMs());
    }
    this.#share();
  }

  /** Waits for leave to send up to `wantBytes`, and gives how many. An aborted wait gives 0. */
  async take(wantBytes: number, signal: AbortSignal): Promise<number> {
    const bucket = this.#bucket;
    if (signal.aborted) return 0;
    if (bucket === null) return unpaced(wantBytes);
    let asker: Asker | undefined;
    const onAbort = (): void => asker?.grant(0);
    signal.addEventListener('abort', onAbort);
    try {
      return await new Promise<number>((resolve) => {
        asker = { wantBytes, grant: resolve };
        this.#askers.add(asker);
        bucket.ask(asker, wantBytes, this.#nowMs());
        this.#share();
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (asker !== undefined) this.#forget(asker);
    }
  }

  #forget(asker: Asker): void {
    this.#askers.delete(asker);
    this.#bucket?.leave(asker, this.#nowMs());
  }

  #share(): void {
    clearTimeout(this.#timer);
    const bucket = this.#bucket;
    if (bucket === null) return;
    for (const { asker, bytes } of bucket.grants(this.#nowMs())) {
      this.#askers.delete(asker);
      asker.grant(bytes);
    }
    const waitMs = bucket.waitMs();
    if (waitMs !== Infinity) this.#timer = setTimeout(() => this.#share(), Math.max(1, waitMs));
  }
}
