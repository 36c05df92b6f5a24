/** What a screen shows of a farm: its view, and the rates of the last minute, which the farm itself does not keep. */
import { SPARK_CELL_MS } from '../metrics/history.ts';
import type { FarmView } from '../farm/farm.ts';

const SPARKS_KEPT = 60_000 / SPARK_CELL_MS;

export interface FarmModel {
  readonly view: FarmView;
  /** By index less one: the rate at each `SPARK_CELL_MS`, oldest first. */
  readonly sparks: readonly (readonly number[])[];
  readonly sparksTaken: number;
}

export const farmModelOf = (view: FarmView): FarmModel => ({ view, sparks: view.servers.map(() => []), sparksTaken: 0 });

/** The model with all samples that are due `elapsedMs` after its beginning; the present rate stands for any that were missed. */
export function farmSampled(model: FarmModel, view: FarmView, elapsedMs: number): FarmModel {
  const due = Math.floor(elapsedMs / SPARK_CELL_MS) - model.sparksTaken;
  if (due <= 0) return { ...model, view };
  const missed = Math.min(due, SPARKS_KEPT);
  return {
    view,
    sparks: view.servers.map((server, at) => [...(model.sparks[at] ?? []), ...Array.from({ length: missed }, () => server.rateBytesPerSec)].slice(-SPARKS_KEPT)),
    sparksTaken: model.sparksTaken + due,
  };
}
