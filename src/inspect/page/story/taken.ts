/** The arrows of a chart that stand for the transitions which a message names. */
import type { Chart, ChartArrow } from '../../chart.ts';
import type { TakenStep } from '../../messages.ts';
import { isRecord, textOf } from './json.ts';

/** A message's `taken`; what makes no sense in it is passed over. */
export function stepsOf(written: unknown): readonly TakenStep[] {
  if (!Array.isArray(written)) return NONE;
  return written.filter(isRecord).map(({ from, to, eventType, guard }) => ({ from: textOf(from), to: textOf(to), eventType: textOf(eventType), guard: typeof guard === 'string' ? guard : null }));
}

const NONE: readonly TakenStep[] = [];

/** Delays and the ends of actors carry the name of their state, which an arrow leaves to a star. */
const isOf = ({ eventType }: ChartArrow, type: string): boolean =>
  eventType.endsWith('.*') ? type.startsWith(eventType.slice(0, -1)) : eventType === type;

/** The arrows that were taken, in their order. */
export const arrowsTaken = ({ arrows }: Chart, steps: readonly TakenStep[]): readonly ChartArrow[] =>
  steps.flatMap((step) => arrows.filter((arrow) => arrow.from === step.from && arrow.to === step.to && arrow.guard === step.guard && isOf(arrow, step.eventType)));
