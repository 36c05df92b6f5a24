/** The rows of the actors' tree, as they are shown: grouped by kind, the finished ones folded away, searched, filtered. */
import { leafOf } from './state-paths.ts';
import { hasEnded, isServer } from './world.ts';
import type { ActorRow } from './world.ts';

export interface TreeRow {
  readonly key: string;
  /** From 1, as screen readers count. */
  readonly level: number;
  readonly label: string;
  /** The actor; null for a row that gathers several. */
  readonly actor: ActorRow | null;
  /** How many rows it gathers; 0 for an actor. */
  readonly count: number;
  /** Whether what is below it is shown; null where nothing is. */
  readonly isOpen: boolean | null;
}

export interface TreeQuery {
  /** Rows whose fold was turned over from how it stands by itself. */
  readonly turned: ReadonlySet<string>;
  /** What names or states must contain; '' for everything. */
  readonly search: string;
  /** The states of which actors are shown; all where it is empty. */
  readonly states: ReadonlySet<string>;
}

/** What people call the state of an actor: the innermost one, or how it ended where it is no machine. */
export const shownState = ({ states, status, machineId }: ActorRow): string => {
  const [path] = states;
  if (machineId !== '' && path !== undefined) return status === 'stopped' ? 'stopped' : leafOf(path);
  return status;
};

const GROUPS = [
  { name: 'servers', holds: isServer },
  { name: 'segments', holds: ({ machineId }: ActorRow) => machineId === 'segment' },
] as const;
const OTHERS = 'effects';

const groupOf = (row: ActorRow): string => GROUPS.find(({ holds }) => holds(row))?.name ?? (row.machineId === '' ? OTHERS : row.machineId);

function childrenOf(actors: Iterable<ActorRow>): ReadonlyMap<string | null, readonly ActorRow[]> {
  const children = new Map<string | null, ActorRow[]>();
  const known = new Set<string>();
  const rows = [...actors];
  for (const { id } of rows) known.add(id);
  for (const row of rows) {
    // Who has lost its parent to forgetting stands at the root.
    const parentId = row.parentId !== null && known.has(row.parentId) ? row.parentId : null;
    const siblings = children.get(parentId);
    if (siblings === undefined) children.set(parentId, [row]);
    else siblings.push(row);
  }
  return children;
}

class Rows {
  readonly rows: TreeRow[] = [];
  readonly #query: TreeQuery;
  readonly #children: ReadonlyMap<string | null, readonly ActorRow[]>;
  /** What is looked for, and what leads to it; null where everything is shown. */
  readonly #shown: ReadonlySet<string> | null;

  constructor(actors: ReadonlyMap<string, ActorRow>, query: TreeQuery) {
    this.#query = query;
    this.#children = childrenOf(actors.values());
    this.#shown = shownIds(actors, query);
    for (const root of this.#children.get(null) ?? []) this.#actor(root, 1);
  }

  #isOpen(key: string, byItself: boolean): boolean {
    // Whoever searches wants to see what was found.
    return this.#shown !== null || this.#query.turned.has(key) !== byItself;
  }

  #actor(actor: ActorRow, level: number): void {
    if (this.#shown !== null && !this.#shown.has(actor.id)) return;
    const children = (this.#children.get(actor.id) ?? []).filter(({ id }) => this.#shown === null || this.#shown.has(id));
    const isOpen = children.length === 0 ? null : this.#isOpen(actor.id, level === 1);
    this.rows.push({ key: actor.id, level, label: actor.name, actor, count: 0, isOpen });
    if (isOpen !== true) return;
    const groups = Map.groupBy(children, groupOf);
    if (groups.size === 1 && level > 1) for (const child of children) this.#actor(child, level + 1);
    else for (const name of [...GROUPS.map((group) => group.name), ...groups.keys()]) this.#group(actor, name, groups, level + 1);
  }

  #group(parent: ActorRow, name: string, groups: Map<string, ActorRow[]>, level: number): void {
    const members = groups.get(name);
    if (members === undefined) return;
    groups.delete(name);
    const key = `${parent.id}/${name}`;
    const isOpen = this.#isOpen(key, name !== OTHERS);
    this.rows.push({ key, level, label: name, actor: null, count: members.length, isOpen });
    if (!isOpen) return;
    const [ended, live] = name === 'segments' ? [members.filter(hasEnded), members.filter((row) => !hasEnded(row))] : [[], members];
    for (const row of live) this.#actor(row, level + 1);
    this.#finished(key, ended, level + 1);
  }

  /** Latest first: who looks in here looks for what has just ended. */
  #finished(groupKey: string, ended: readonly ActorRow[], level: number): void {
    if (ended.length === 0) return;
    const key = `${groupKey}/finished`;
    const isOpen = this.#isOpen(key, false);
    this.rows.push({ key, level, label: 'finished', actor: null, count: ended.length, isOpen });
    if (isOpen) for (const row of ended.toReversed()) this.#actor(row, level + 1);
  }
}

function shownIds(actors: ReadonlyMap<string, ActorRow>, { search, states }: TreeQuery): ReadonlySet<string> | null {
  const wanted = search.trim().toLowerCase();
  if (wanted === '' && states.size === 0) return null;
  const shown = new Set<string>();
  for (const row of actors.values()) {
    const state = shownState(row);
    const fits = (wanted === '' || row.name.toLowerCase().includes(wanted) || state.includes(wanted)) && (states.size === 0 || states.has(state));
    if (!fits) continue;
    for (let up: ActorRow | undefined = row; up !== undefined && !shown.has(up.id); up = actors.get(up.parentId ?? '')) shown.add(up.id);
  }
  return shown;
}

/** The rows of the tree, top to bottom. */
export const treeRows = (actors: ReadonlyMap<string, ActorRow>, query: TreeQuery): readonly TreeRow[] => new Rows(actors, query).rows;

/** The rows above an actor's, outermost first. */
function keysAbove(actors: ReadonlyMap<string, ActorRow>, actorId: string): readonly string[] {
  const row = actors.get(actorId);
  if (row === undefined || row.parentId === null) return [];
  const group = `${row.parentId}/${groupOf(row)}`;
  return [...keysAbove(actors, row.parentId), row.parentId, group, ...(hasEnded(row) ? [`${group}/finished`] : [])];
}

/** The folds to turn over, so that an actor is seen: those so far, and what still hides it. */
export function unfoldedFor(actors: ReadonlyMap<string, ActorRow>, actorId: string, turned: ReadonlySet<string>): ReadonlySet<string> {
  let unfolded = turned;
  for (const key of keysAbove(actors, actorId)) {
    const row = treeRows(actors, { turned: unfolded, search: '', states: new Set() }).find((each) => each.key === key);
    if (row?.isOpen === false) unfolded = turnedOver(unfolded, key);
  }
  return unfolded;
}

/** A set with a member more, or less where it was there. */
export function turnedOver(set: ReadonlySet<string>, key: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(key)) next.add(key);
  return next;
}

/** How many actors are in each state, most first. */
export function stateCounts(actors: Iterable<ActorRow>): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const row of actors) {
    // Promises and callbacks only come and go: their ends would be a filter that nobody needs.
    if (row.machineId === '') continue;
    const state = shownState(row);
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].sort(([a, many], [b, more]) => more - many || (a < b ? -1 : 1));
}
