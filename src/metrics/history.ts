/**
 * What a view needs of the past: rates over time and each server's best. A pure fold over readings at 10 Hz; rings of
 * fixed length, so that an hour costs no more memory than a minute.
 */
import { RATE_WINDOW_MS } from '../base/bounds.ts';
import { bytesIn } from '../base/range-set.ts';
import type { CoordinatorContext } from '../machines/coordinator-context.ts';
import { rowsOf } from '../machines/coordinator-context.ts';
import { measured, NO_SAMPLES, rateBytesPerSec } from '../machines/plan/rate-meter.ts';
import type { RateMeter } from '../machines/plan/rate-meter.ts';
import { writtenBytes } from '../machines/plan/segment-map.ts';
import { writingOf } from '../machines/plan/writers.ts';

/** Graphs show a minute at most; five samples a second make a short download's graph worth looking at too. */
export const SPARK_CELL_MS = 200;
const SPARK_CELLS = 60_000 / SPARK_CELL_MS;

export interface ServerHistory {
  readonly meter: RateMeter;
  /** Its best mean over a full window, or over all it had while it has not had one. */
  readonly bestBytesPerSec: number;
  /** How long it answered and could be used. */
  readonly aliveMs: number;
  /** Its rate at each `SPARK_CELL_MS` of the last minute, oldest first. */
  readonly spark: readonly number[];
}

export interface History {
  readonly atMs: number;
  readonly sparkAtMs: number;
  /** How many samples a spark would have, were all of them kept. */
  readonly sparksTaken: number;
  readonly meter: RateMeter;
  readonly spark: readonly number[];
  readonly servers: ReadonlyMap<number, ServerHistory>;
}

export const newHistory = (atMs: number): History => ({ atMs, sparkAtMs: atMs, sparksTaken: 0, meter: NO_SAMPLES, spark: [], servers: new Map() });

const NEW_SERVER: ServerHistory = { meter: NO_SAMPLES, bestBytesPerSec: 0, aliveMs: 0, spark: [] };

/** The spark after so many more samples; after a long pause the last rate stands for all that were missed. */
const pushed = (spark: readonly number[], rate: number, samples: number): readonly number[] =>
  samples === 0 ? spark : [...spark, ...Array.from({ length: Math.min(samples, SPARK_CELLS) }, () => rate)].slice(-SPARK_CELLS);

/** Bytes a server has put into the file in this run. */
export const deliveredBytes = (context: CoordinatorContext, mirrorId: number, settledBytes: number): number =>
  settledBytes + writingOf(context.map, mirrorId).inFlightBytes;

/** The history after one more look at the coordinator. */
export function looked(history: History, context: CoordinatorContext, atMs: number): History {
  // Looks come when the event loop has time for them; the samples of a spark keep to the clock all the same.
  const sparksDue = Math.max(0, Math.floor((atMs - history.sparkAtMs) / SPARK_CELL_MS));
  const servers = new Map<number, ServerHistory>();
  for (const [mirrorId, { state, record }] of rowsOf(context)) {
    const before = history.servers.get(mirrorId) ?? NEW_SERVER;
    const isAlive = state === 'ready' || state === 'downloading';
    const meter = measured(before.meter, { atMs, bytes: deliveredBytes(context, mirrorId, record.settledBytes) });
    const rate = rateBytesPerSec(meter) ?? 0;
    const spanMs = atMs - (meter[0]?.atMs ?? atMs);
    const best = spanMs >= RATE_WINDOW_MS || before.aliveMs < RATE_WINDOW_MS ? Math.max(before.bestBytesPerSec, rate) : before.bestBytesPerSec;
    servers.set(mirrorId, {
      meter,
      bestBytesPerSec: best,
      aliveMs: before.aliveMs + (isAlive ? atMs - history.atMs : 0),
      spark: pushed(before.spark, rate, sparksDue),
    });
  }
  // What an earlier run left was not received now; and where bytes were thrown away, counting begins anew.
  const bytes = writtenBytes(context.map) - bytesIn(context.map.recovered);
  const meter = measured(bytes < (history.meter.at(-1)?.bytes ?? 0) ? NO_SAMPLES : history.meter, { atMs, bytes });
  return {
    atMs,
    sparkAtMs: history.sparkAtMs + sparksDue * SPARK_CELL_MS,
    sparksTaken: history.sparksTaken + sparksDue,
    meter,
    spark: pushed(history.spark, rateBytesPerSec(meter) ?? 0, sparksDue),
    servers,
  };
}
