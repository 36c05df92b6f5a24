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

/** The model after one more sample. */
export const farmSampled = (model: FarmModel, view: FarmView): FarmModel => ({
  view,
  sparks: view.servers.map((server, at) => [...(model.sparks[at] ?? []), server.rateBytesPerSec].slice(-SPARKS_KEPT)),
  sparksTaken: model.sparksTaken + 1,
});
