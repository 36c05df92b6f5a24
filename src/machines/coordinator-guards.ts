/** The questions that the coordinator's chart asks before it goes somewhere, by the names they have there. */
import type { CoordinatorContext } from './coordinator-context.ts';
import type { EndReason } from './plan/ending.ts';
import { isComplete, sizeKnown } from './plan/segment-map.ts';
import { hasWriters } from './plan/writers.ts';
import { isStarved } from './rulings/on-clock.ts';
import { allBytesCount } from './rulings/on-content.ts';
import type { Outcome } from './rulings/on-course.ts';
import { canTurnToOthers } from './rulings/on-overruled.ts';
import { piecesAreProved } from './rulings/on-pieces.ts';
import { allIsThere } from './rulings/on-plan.ts';
import { isReadBack } from './rulings/on-recovery.ts';
import { canSearch, searchHasATry, searchIsOver } from './rulings/on-search.ts';
import { isTied, mustStartOver, startsOverTooOften } from './rulings/on-votes.ts';

interface Known {
  readonly context: CoordinatorContext;
}

export const coordinatorGuards = {
  hasFailed: (_: Known, outcome: Outcome<object>) => outcome.kind === 'failed',
  somebodyToldTheSize: ({ context }: Known) => sizeKnown(context.map) && context.claims.size > 0,
  somebodyStreams: ({ context }: Known) => [...context.map.held.values()].some((each) => each.manner === 'whole' && each.openedAtMs !== null),
  allWasThere: ({ context }: Known) => isComplete(context.map) && isReadBack(context) && allBytesCount(context) && piecesAreProved(context),
  allIsThere: ({ context }: Known) => allIsThere(context),
  isStarved: ({ context }: Known) => isStarved(context),
  isTied: ({ context }: Known) => isTied(context),
  mustStartOver: ({ context }: Known) => mustStartOver(context),
  startsOverTooOften: ({ context }: Known) => startsOverTooOften(context),
  writersHaveDrained: ({ context }: Known) => !hasWriters(context.map),
  canSearch: ({ context }: Known, outcome: Outcome<object>) => canSearch(context, outcome),
  /** Those who were refused by the vote are still to be tried. */
  mustTurnToOthers: ({ context }: Known, outcome: Outcome<object>) => outcome.kind === 'failed' && outcome.reason.code === 'checksum-mismatch' && canTurnToOthers(context),
  searchIsOver: ({ context }: Known) => searchIsOver(context),
  searchHasATry: ({ context }: Known) => searchHasATry(context),
  canWaitForRoom: ({ context }: Known, reason: EndReason) => reason.code === 'disk-full' && context.settings.waitsForRoom === true,
  sizeIsKnown: ({ context }: Known) => sizeKnown(context.map),
};
