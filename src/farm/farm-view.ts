import { FARM_RATE_WINDOW_MS } from '../base/bounds.ts';
import type { FarmServerState } from '../machines/farm.ts';

/** One server as it stands. */
export interface FarmServerView {
  /** Counted from 1. */
  readonly index: number;
  readonly port: number;
  readonly url: string;
  readonly state: FarmServerState;
  /** Open sockets. */
  readonly connections: number;
  readonly requests: number;
  /** Bytes of the file handed to sockets, by all its processes. */
  readonly sentBytes: number;
  /** Over the last second. */
  readonly rateBytesPerSec: number;
  /** Labels of the faults in force, the newest first. */
  readonly faults: readonly string[];
  /** Why its last process ended, where it ended by itself: a sentence, cleaned. */
  readonly trouble: string | null;
  /** What it serves: the file, or its own copy. */
  readonly filePath: string;
}

/** The farm as it stands; a new object whenever something in it changes. */
export interface FarmView {
  readonly state: 'starting' | 'ready' | 'serving' | 'closing' | 'closed';
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly servers: readonly FarmServerView[];
}

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** The rate of a counter over the last second, from readings of it. */
export class RateMeter {
  #samples: Sample[] = [];
  #rateBytesPerSec = 0;

  /** The rate after another reading; without the time of one (null), the rate as it was. */
  rateAt(bytes: number, atMs: number | null): number {
    if (atMs === null) return this.#rateBytesPerSec;
    this.#samples = [...this.#samples.filter((sample) => atMs - sample.atMs <= FARM_RATE_WINDOW_MS), { atMs, bytes }];
    const first = this.#samples[0];
    this.#rateBytesPerSec = first === undefined || first.atMs === atMs ? 0 : ((bytes - first.bytes) * 1_000) / (atMs - first.atMs);
    return this.#rateBytesPerSec;
  }
}
