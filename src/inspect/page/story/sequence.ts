/**
 * The sequence diagram: whose lifelines are drawn, and which events are its rows. Of many actors a few have a line of
 * their own; all others share the last one, so that nothing that reached a drawn line is left out.
 */
import type { EventEntry } from './entry.ts';
import type { Story } from './story.ts';
import { isServer } from './world.ts';
import type { ActorRow } from './world.ts';

/** Lifelines side by side; more would be too narrow to read. */
export const LIFELINES_MAX = 8;

export interface Lifelines {
  /** Left to right. */
  readonly ids: readonly string[];
  readonly columns: ReadonlyMap<string, number>;
}

export const lifelinesOf = (ids: readonly string[]): Lifelines => ({ ids, columns: new Map(ids.map((id, column) => [id, column])) });

/** The root of the tree that an actor is in. */
function rootIdOf(actors: ReadonlyMap<string, ActorRow>, row: ActorRow): string {
  const parent = row.parentId === null ? undefined : actors.get(row.parentId);
  return parent === undefined ? row.id : rootIdOf(actors, parent);
}

/** Of the chosen actor's tree: the root, the actor with its parent and children, then servers as far as there is room. */
export function lifelinesFor(actors: ReadonlyMap<string, ActorRow>, chosenId: string | null): readonly string[] {
  const chosen = chosenId === null ? undefined : actors.get(chosenId);
  const rootId = chosen === undefined ? null : rootIdOf(actors, chosen);
  const rows = [...actors.values()].filter((row) => rootId === null || rootIdOf(actors, row) === rootId);
  const wanted = new Set<string>();
  const add = (row: ActorRow | undefined): void => {
    if (row !== undefined && wanted.size < LIFELINES_MAX) wanted.add(row.id);
  };
  for (const row of rows) if (row.parentId === null && row.machineId !== '') add(row);
  add(chosen);
  if (chosen?.parentId !== undefined && chosen.parentId !== null) add(actors.get(chosen.parentId));
  // A root's children are everybody.
  if (chosen !== undefined && chosen.parentId !== null) for (const row of rows.filter(({ parentId }) => parentId === chosen.id).slice(-2)) add(row);
  for (const row of rows) if (isServer(row)) add(row);
  // Roots first, servers next, then the others, each in the order of their births.
  const rank = (row: ActorRow): number => (row.parentId === null ? 0 : isServer(row) ? 1 : 2);
  return rows.filter(({ id }) => wanted.has(id)).toSorted((a, b) => rank(a) - rank(b)).map(({ id }) => id);
}

/** The numbers of a diagram's events: looked through once, and from then on only what is new. */
export class EventList {
  readonly #story: Story;
  readonly #lifelines: Lifelines;
  readonly #search: string;
  readonly #numbers: number[] = [];
  #last = 0;

  constructor(story: Story, lifelines: Lifelines, search: string) {
    this.#story = story;
    this.#lifelines = lifelines;
    this.#search = search;
  }

  /** The event of a row. */
  at(index: number): EventEntry | null {
    const entry = this.#story.entry(this.#numbers[index] ?? 0);
    return entry?.kind === 'event' ? entry : null;
  }

  /** How many rows there are up to message `position`. */
  countTo(position: number): number {
    this.#story.forEachEvent(this.#last, (event) => {
      if (isRow(this.#lifelines, event, this.#search)) this.#numbers.push(event.number);
    });
    this.#last = this.#story.last;
    const gone = countUpTo(this.#numbers, this.#story.first - 1);
    if (gone > 0) this.#numbers.splice(0, gone);
    return countUpTo(this.#numbers, position);
  }
}

/** Whether an event is a row of the diagram: it comes from or reaches a drawn lifeline, and fits what is looked for. */
export function isRow({ columns }: Lifelines, event: EventEntry, search: string): boolean {
  const isDrawn = columns.has(event.actorId) || (event.sourceId !== null && columns.has(event.sourceId));
  return isDrawn && (search === '' || event.eventType.includes(search)) && event.eventType !== 'xstate.init';
}

/** How many of these numbers, which rise, are at most `number`. */
export function countUpTo(numbers: readonly number[], number: number): number {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((numbers[middle] ?? 0) <= number) low = middle + 1;
    else high = middle;
  }
  return low;
}
