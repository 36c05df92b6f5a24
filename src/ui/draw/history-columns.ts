/**
 * Rates over time as columns of a picture. The axis spans 15 s, then 30 s, then a minute: it fills from the left, is
 * drawn anew twice, and only after a minute does it move, a whole column at a time, so that no bar flickers.
 */
import { SPARK_CELL_MS } from '../../metrics/history.ts';
import { rateWords } from './words.ts';

const SPANS_MS = [15_000, 30_000, 60_000] as const;
const MINUTE_MS = 60_000;

/** How much time the picture spans when it has gone on for `elapsedMs`. */
export const spanMsAt = (elapsedMs: number): number => SPANS_MS.find((spanMs) => elapsedMs < spanMs) ?? MINUTE_MS;

/** `last 15 s`, `last minute`. */
export const spanWords = (spanMs: number): string => (spanMs >= MINUTE_MS ? 'last minute' : `last ${spanMs / 1_000} s`);

/** `speed, last 15 s, peak 8.00 MiB/s`: what stands over a graph of which so many samples have been taken. */
export const speedWords = (taken: number, peak: number): string => `speed, ${spanWords(spanMsAt(taken * SPARK_CELL_MS))}${peak < 0.5 ? '' : `, peak ${rateWords(peak)}`}`;

export interface Recording {
  /** Rates, the newest last. */
  readonly rates: readonly number[];
  /** How many have been taken since the start, those no longer kept included. */
  readonly taken: number;
}

/** The mean rate of each of `columns` columns; null where there is none, before the first and after the newest. */
export function columnMeans({ rates, taken }: Recording, columns: number): readonly (number | null)[] {
  const elapsedMs = taken * SPARK_CELL_MS;
  const columnMs = spanMsAt(elapsedMs) / columns;
  const newest = Math.max(columns - 1, Math.ceil(elapsedMs / columnMs) - 1);
  const firstKept = taken - rates.length;
  return Array.from({ length: columns }, (_, column) => {
    const startMs = (newest - (columns - 1) + column) * columnMs;
    // A column narrower than a sample shows the sample it lies in.
    const from = Math.floor(startMs / SPARK_CELL_MS + 1e-6);
    const to = Math.max(from + 1, Math.floor((startMs + columnMs) / SPARK_CELL_MS + 1e-6));
    const slice = rates.slice(Math.max(0, from - firstKept), Math.max(0, to - firstKept));
    return slice.length === 0 ? null : slice.reduce((sum, rate) => sum + rate, 0) / slice.length;
  });
}

/** The columns as one row of rising blocks, the highest as high as the row. */
export function sparkText(means: readonly (number | null)[], rising: readonly string[]): string {
  const top = Math.max(1, ...means.map((mean) => mean ?? 0));
  const levels = rising.length - 1;
  return means
    .map((mean) => {
      if (mean === null || mean === 0) return ' ';
      // What is not quite nothing is shown as something.
      return rising[Math.max(1, Math.round((mean / top) * levels))] ?? ' ';
    })
    .join('');
}
