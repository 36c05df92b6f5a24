/**
 * The timeline's bars: what was with whom from when to when. Made once as messages come, each with the row it lies in,
 * so that a picture only has to find those that are in sight.
 */
import type { ActorEntry, Entry, SnapshotEntry } from './entry.ts';
import { BARS_MAX } from './limits.ts';
import { leafOf } from './state-paths.ts';
import { isServer } from './world.ts';
import type { ActorRow } from './world.ts';

/** One actor in one state, and, where it is a segment, at one server. */
export interface Bar {
  readonly actorId: string;
  /** `segment-17`. */
  readonly name: string;
  readonly state: string;
  /** A segment's range as far as it was when the bar began: where it starts and ends in the file. */
  readonly start: number | null;
  readonly end: number | null;
  /** Bars of one row of a lane follow one another. */
  readonly row: number;
  readonly fromMs: number;
  readonly fromNumber: number;
  /** Open while it lasts. */
  toMs: number | null;
  toNumber: number | null;
}

/** Bars side by side in one lane, in the order in which they began. */
export interface LaneBars {
  bars: Bar[];
  /** The last bar of each row. */
  readonly rows: Bar[];
}

/** More rows than lanes to one server are usual would be too thin to see; what is beyond lies on the last. */
export const ROWS_MAX = 6;
/** A segment in these states is with nobody. */
const AT_NO_SERVER = new Set(['reassigned', 'done']);

const newLane = (): LaneBars => ({ bars: [], rows: [] });

export class Bars {
  /** A server's own states, by its actor. */
  readonly servers = new Map<string, LaneBars>();
  /** Segments at a server, by its number. */
  readonly mirrors = new Map<number, LaneBars>();
  readonly #open = new Map<string, Bar>();
  #count = 0;

  /** Takes a message in; `row` is its actor as it stands after it. */
  take(entry: Entry, row: ActorRow | undefined): void {
    if (entry.kind === 'gone') this.#close(entry.actorId, entry);
    if (row === undefined || (entry.kind !== 'actor' && entry.kind !== 'snapshot')) return;
    const state = leafOf(entry.states[0] ?? '');
    if (isServer(row)) {
      if (this.#open.get(row.id)?.state === state) return;
      this.#close(row.id, entry);
      this.#begin(laneFor(this.servers, row.id), row, entry, state);
    } else if (row.machineId === 'segment') this.#takeSegment(entry, row, state);
  }

  #takeSegment(entry: ActorEntry | SnapshotEntry, row: ActorRow, state: string): void {
    const mirrorId = entry.place?.mirrorId;
    const lane = mirrorId === undefined ? undefined : laneFor(this.mirrors, mirrorId);
    const open = this.#open.get(row.id);
    if (open !== undefined && open.state === state && lane?.rows[open.row] === open) return;
    this.#close(row.id, entry);
    if (lane !== undefined && entry.status === 'active' && !AT_NO_SERVER.has(state)) this.#begin(lane, row, entry, state);
  }

  #begin(lane: LaneBars, { id, name }: ActorRow, entry: ActorEntry | SnapshotEntry, state: string): void {
    const { atMs: fromMs, number: fromNumber, place } = entry;
    const bar = { actorId: id, name, state, start: place?.start ?? null, end: place?.end ?? null, row: rowIn(lane, id), fromMs, fromNumber, toMs: null, toNumber: null };
    lane.bars.push(bar);
    lane.rows[bar.row] = bar;
    this.#open.set(id, bar);
    this.#count += 1;
    if (this.#count > BARS_MAX) this.#forget();
  }

  #close(actorId: string, { atMs, number }: { readonly atMs: number; readonly number: number }): void {
    const bar = this.#open.get(actorId);
    if (bar === undefined) return;
    bar.toMs = atMs;
    bar.toNumber = number;
    this.#open.delete(actorId);
  }

  /** The oldest tenth of every lane: letting go of one at a time would move all the others each time. */
  #forget(): void {
    for (const lane of [...this.servers.values(), ...this.mirrors.values()]) {
      const gone = Math.ceil(lane.bars.length / 10);
      lane.bars = lane.bars.slice(gone);
      this.#count -= gone;
    }
  }
}

function laneFor<Key>(lanes: Map<Key, LaneBars>, key: Key): LaneBars {
  const lane = lanes.get(key) ?? newLane();
  lanes.set(key, lane);
  return lane;
}

/** A segment stays in its row; a new one takes the first that is free. */
function rowIn({ rows }: LaneBars, actorId: string): number {
  const own = rows.findIndex((last) => last.actorId === actorId);
  if (own >= 0) return own;
  const free = rows.findIndex((last) => last.toMs !== null);
  return free >= 0 ? free : Math.min(rows.length, ROWS_MAX - 1);
}
