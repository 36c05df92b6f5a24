/** Which of a chart's arrows a change of state went along: told from the states before and after, and the event. */
import { statesOf } from '../../chart.ts';
import type { Chart, ChartArrow } from '../../chart.ts';
import { isWithin } from './state-paths.ts';

export interface Change {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly eventType: string;
}

/** Which guards held is nowhere written: where several ways could have led here, only what they share is certain. */
export interface Taken {
  /** In every way that leads there. */
  readonly surely: readonly ChartArrow[];
  /** In some of several ways. */
  readonly perhaps: readonly ChartArrow[];
}

/** A chain of `always` arrows longer than this is no step that people follow. */
const CHAIN_MAX = 5;
/** Ways that are looked for; of more, nothing certain could be said anyway. */
const WAYS_MAX = 24;

type Way = readonly ChartArrow[];

const fits = ({ eventType }: ChartArrow, type: string): boolean =>
  eventType.endsWith('*') ? type.startsWith(eventType.slice(0, -1)) : eventType === type;

const depthOf = (path: string): number => (path === '' ? 0 : path.split('.').length);

/** The states in which a chart is after it entered this one: down the initial states. */
function enteredBy(initials: ReadonlyMap<string, string | null>, path: string): string {
  const initial = initials.get(path);
  return initial === undefined || initial === null ? path : enteredBy(initials, initial);
}

/** Every way from some states to others: an arrow of the event, or none that is drawn, then arrows that follow of themselves. */
class Ways {
  readonly found: Way[] = [];
  readonly #arrows: readonly ChartArrow[];
  readonly #initials: ReadonlyMap<string, string | null>;
  readonly #before: readonly string[];
  readonly #after: readonly string[];

  constructor({ root, arrows }: Chart, { before, after, eventType }: Change) {
    this.#arrows = arrows;
    this.#initials = new Map(statesOf(root).map(({ path, initial }) => [path, initial]));
    this.#before = before;
    this.#after = after;
    this.#follow([], before, eventType, CHAIN_MAX);
    // The event itself led nowhere: what it changed made an `always` arrow true.
    if (this.found.length === 0 && eventType !== '') this.#follow([], before, '', CHAIN_MAX);
  }

  /** The arrows out of these states for an event: those of the innermost states, since they are asked first. */
  #exits(leaves: readonly string[], type: string): Way {
    const exits = this.#arrows.filter((arrow) => fits(arrow, type) && leaves.some((leaf) => isWithin(leaf, arrow.from)));
    return exits.toSorted((a, b) => depthOf(b.from) - depthOf(a.from));
  }

  #follow(way: Way, leaves: readonly string[], type: string, left: number): void {
    if (left === 0) return;
    for (const arrow of this.#exits(leaves, type)) {
      if (this.found.length >= WAYS_MAX || way.includes(arrow)) continue;
      const entered = enteredBy(this.#initials, arrow.to);
      const onward = [...way, arrow];
      if (this.#after.some((leaf) => leaf === entered || leaf === arrow.to)) this.found.push(onward);
      // Who comes back to where it began has gone no way that anybody would look for.
      else if (!this.#before.includes(entered)) this.#follow(onward, [entered], '', left - 1);
    }
  }
}

const edgeOf = ({ from, to }: ChartArrow): string => `${from} → ${to}`;

/** The arrows of a change of state; none where the chart has no way from here to there. */
export function arrowsTaken(chart: Chart, change: Change): Taken {
  const { found } = new Ways(chart, change);
  const edges = found.map((way) => new Set(way.map(edgeOf)));
  const arrows = [...new Set(found.flat())];
  const isSure = (arrow: ChartArrow): boolean => edges.every((way) => way.has(edgeOf(arrow)));
  return { surely: arrows.filter(isSure), perhaps: arrows.filter((arrow) => !isSure(arrow)) };
}
