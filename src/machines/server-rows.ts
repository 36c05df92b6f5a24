/**
 * The mirrors as they stand. What a server knows is read from its actor's snapshot and kept nowhere else; the table of
 * all is made anew only when one of the snapshots is another than it was.
 */
import type { ActorRefFrom } from 'xstate';
import { remembered } from '../base/remembered.ts';
import type { ServerRecord } from './plan/server-record.ts';
import type { serverMachine } from './server.ts';

export type ServerRef = ActorRefFrom<typeof serverMachine>;

export type ServerState = 'connecting' | 'ready' | 'downloading' | 'failed' | 'quarantined' | 'retired' | 'done';

export interface ServerRow {
  readonly state: ServerState;
  readonly record: ServerRecord;
}

type Servers = ReadonlyMap<number, ServerRef>;
type Rows = ReadonlyMap<number, ServerRow>;

/** The rows of some servers, and the snapshots that they were read from. */
interface Table {
  readonly mirrorIds: readonly number[];
  /** In the same order; null for one that has ended. */
  readonly refs: readonly (ServerRef | null)[];
  snapshots: readonly unknown[];
  rows: Rows;
}

const newTable = remembered((servers: Servers, ended: Rows): Table => {
  const mirrorIds = [...new Set([...ended.keys(), ...servers.keys()])].sort((a, b) => a - b);
  return { mirrorIds, refs: mirrorIds.map((mirrorId) => servers.get(mirrorId) ?? null), snapshots: [], rows: new Map() };
});

/** Every mirror that is or was a live server, by number. */
export function rowsOfAll(servers: Servers, ended: Rows): Rows {
  const table = newTable(servers, ended);
  const isStill = table.snapshots.length === table.refs.length && table.refs.every((ref, index) => ref === null || ref.getSnapshot() === table.snapshots[index]);
  if (isStill) return table.rows;
  const rows = new Map<number, ServerRow>();
  const snapshots: unknown[] = [];
  for (const [index, mirrorId] of table.mirrorIds.entries()) {
    const snapshot = table.refs[index]?.getSnapshot();
    const before = table.rows.get(mirrorId);
    const isSame = snapshot !== undefined && snapshot === table.snapshots[index];
    const row = isSame ? before : snapshot === undefined ? ended.get(mirrorId) : { state: snapshot.value, record: snapshot.context };
    snapshots.push(snapshot);
    if (row !== undefined) rows.set(mirrorId, row);
  }
  table.snapshots = snapshots;
  table.rows = rows;
  return rows;
}
