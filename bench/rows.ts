/** What is measured: each row is some contenders at one work, and what their figures are held to. */
import type { Measured } from './measure.ts';

export type Figure = 'wallSec' | 'cpuSec' | 'peakMiB';

/** One program at the row's work. */
export interface Contender {
  readonly name: string;
  readonly run: () => Promise<Measured>;
  /** The file that has to be exact afterwards; null where the work makes none. */
  readonly result: { readonly path: string; readonly sha256: string } | null;
}

/** `figure` of one contender, divided by that of another (or as it is), and what it should be at most. */
export interface Claim {
  readonly figure: Figure;
  readonly of: string;
  readonly against: string | null;
  readonly atMost: number;
}

export interface Row {
  /** For `--only`. */
  readonly key: string;
  readonly work: string;
  readonly contenders: readonly Contender[];
  readonly claims: readonly Claim[];
  /** Runs of each contender, as a multiple of `--runs`: short works need more. 0: one run, where that is all there is to see. */
  readonly timesRuns: number;
  /** Ends what the row alone needed. */
  readonly finish: () => Promise<void>;
}

export interface Samples {
  readonly name: string;
  readonly samples: readonly Measured[];
}

export interface RowResult {
  readonly key: string;
  readonly work: string;
  readonly contenders: readonly Samples[];
  readonly claims: readonly (Claim & { readonly ratio: number })[];
}
