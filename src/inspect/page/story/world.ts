/**
 * How the actors stood after a message: a pure fold. Rows of actors are never changed, only replaced, so that a copy of
 * a world costs one map and earlier worlds stay true.
 */
import type { ActorIdentity, Entry } from './entry.ts';
import type { TakenStep } from '../../messages.ts';
import { ACTORS_MAX } from './limits.ts';

export type ActorStatus = 'active' | 'done' | 'error' | 'stopped';

export interface ActorRow extends ActorIdentity {
  readonly id: string;
  /** The innermost states it is in, as paths. */
  readonly states: readonly string[];
  readonly status: ActorStatus;
  /** What led to the states it is in: the transitions, their event, and the number of the message that told of it. */
  readonly change: { readonly taken: readonly TakenStep[]; readonly eventType: string; readonly number: number };
  /** The message with its present context, as it came. */
  readonly snapshotText: string;
  /** The last event that reached it, and the number of that message. */
  readonly lastEvent: { readonly type: string; readonly number: number } | null;
  readonly bornNumber: number;
  readonly bornAtMs: number;
  readonly endedAtMs: number | null;
}

export interface World {
  /** In the order of their births. */
  readonly actors: Map<string, ActorRow>;
  /** The number of the last message that is in it; 0 before the first. */
  number: number;
  atMs: number;
  /** Actors long finished that have been forgotten. */
  forgottenActors: number;
}

export const newWorld = (): World => ({ actors: new Map(), number: 0, atMs: 0, forgottenActors: 0 });

export const copyOf = (world: World): World => ({ ...world, actors: new Map(world.actors) });

export const hasEnded = ({ status }: Pick<ActorRow, 'status'>): boolean => status !== 'active';

/** What has a lane of its own in the timeline. */
export const isServer = ({ machineId }: Pick<ActorRow, 'machineId'>): boolean => machineId === 'server' || machineId === 'farmServer';

export const sameStates = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((path, index) => path === b[index]);

/** A parent is there before its children, and stays the same: so nobody is his own forebear, whatever a recording says. */
const parentOf = ({ actors }: World, { parentId }: ActorIdentity): string | null => (parentId !== null && actors.has(parentId) ? parentId : null);

function born(entry: Extract<Entry, { kind: 'actor' }>, before: ActorRow | undefined, parentId: string | null): ActorRow {
  const { actorId, name, machineId, address, definition, states, status, number, atMs, text } = entry;
  return {
    id: actorId,
    name,
    machineId,
    parentId,
    address,
    definition,
    states,
    status,
    change: { taken: [], eventType: 'xstate.init', number },
    snapshotText: text,
    lastEvent: null,
    // Told again (to a viewer who came late, or by a recording that was cut): it is the same actor.
    bornNumber: before?.bornNumber ?? number,
    bornAtMs: before?.bornAtMs ?? atMs,
    endedAtMs: status === 'active' ? null : (before?.endedAtMs ?? atMs),
  };
}

function changed(row: ActorRow, entry: Extract<Entry, { kind: 'snapshot' }>): ActorRow {
  const { states, status, eventType, taken, number, atMs, text } = entry;
  const moved = !sameStates(row.states, states);
  return {
    ...row,
    states: moved ? states : row.states,
    status,
    change: moved ? { taken, eventType, number } : row.change,
    snapshotText: text,
    endedAtMs: status === 'active' ? null : (row.endedAtMs ?? atMs),
  };
}

/** The oldest finished actors that are nobody's parents go, a tenth at once: to look for each alone would take long. */
function forgetSome(world: World): void {
  const parents = new Set([...world.actors.values()].map(({ parentId }) => parentId));
  let left = ACTORS_MAX / 10;
  for (const [id, row] of world.actors) {
    if (left === 0) return;
    if (!hasEnded(row) || parents.has(id)) continue;
    world.actors.delete(id);
    world.forgottenActors += 1;
    left -= 1;
  }
}

/** Takes one more message into a world. */
export function take(world: World, entry: Entry): void {
  world.number = entry.number;
  world.atMs = Math.max(world.atMs, entry.atMs);
  const row = world.actors.get(entry.actorId);
  switch (entry.kind) {
    case 'actor':
      world.actors.set(entry.actorId, born(entry, row, row === undefined ? parentOf(world, entry) : row.parentId));
      if (world.actors.size > ACTORS_MAX) forgetSome(world);
      return;
    case 'snapshot':
      if (row !== undefined) world.actors.set(row.id, changed(row, entry));
      return;
    case 'event':
      if (row !== undefined) world.actors.set(row.id, { ...row, lastEvent: { type: entry.eventType, number: entry.number } });
      return;
    case 'gone':
      if (row !== undefined && !hasEnded(row)) world.actors.set(row.id, { ...row, status: 'stopped', endedAtMs: entry.atMs });
      return;
    case 'word':
  }
}
