/** Which of a chart's arrows a change of state went along: told from the states before and after and the event. */
import { statesOf } from '../../chart.ts';
import type { Chart, ChartArrow } from '../../chart.ts';
import { isWithin } from './state-paths.ts';

export interface Change {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly eventType: string;
}

/** A chain of `always` arrows longer than this is no step that people follow. */
const CHAIN_MAX = 6;

const fits = ({ eventType }: ChartArrow, type: string): boolean =>
  eventType.endsWith('*') ? type.startsWith(eventType.slice(0, -1)) : eventType === type;

const depthOf = (path: string): number => (path === '' ? 0 : path.split('.').length);

/** The states in which a chart is after it entered this one: down the initial states. */
function enteredBy(initials: ReadonlyMap<string, string | null>, path: string): string {
  const initial = initials.get(path);
  return initial === undefined || initial === null ? path : enteredBy(initials, initial);
}

/**
 * The arrows of a change, in their order: the one of the event, then those that follow of themselves. Which guards held
 * is nowhere written, so where several arrows could have led here the first counts. Empty where the change tells of none.
 */
export function arrowsTaken({ root, arrows }: Chart, { before, after, eventType }: Change): readonly ChartArrow[] {
  const initials = new Map(statesOf(root).map(({ path, initial }) => [path, initial]));
  const isThere = (path: string): boolean => after.some((leaf) => isWithin(leaf, enteredBy(initials, path)) || leaf === path);
  const from = (leaves: readonly string[], type: string): readonly ChartArrow[] =>
    arrows
      .filter((arrow) => fits(arrow, type) && leaves.some((leaf) => isWithin(leaf, arrow.from)))
      // The innermost state is asked first.
      .toSorted((a, b) => depthOf(b.from) - depthOf(a.from));
  const follow = (leaves: readonly string[], type: string, left: number): readonly ChartArrow[] | null => {
    const candidates = from(leaves, type);
    const direct = candidates.find(({ to }) => isThere(to));
    if (direct !== undefined) return [direct];
    if (left === 0) return null;
    for (const arrow of candidates) {
      const onward = follow([enteredBy(initials, arrow.to)], '', left - 1);
      if (onward !== null) return [arrow, ...onward];
    }
    return null;
  };
  return follow(before, eventType, CHAIN_MAX) ?? from(before, '').filter(({ to }) => isThere(to)).slice(0, 1);
}
