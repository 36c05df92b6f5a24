import { formatBytes } from '../../base/units.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { expectedTotal, policyOf, rowsOf, serverViews } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { PlanStep } from '../plan/planner.ts';
import { plan } from '../plan/planner.ts';
import { isComplete } from '../plan/segment-map.ts';
import type { SegmentMap } from '../plan/segment-map.ts';
import { lanesAt } from '../plan/writers.ts';
import { askForSamples, contentIsSettled, dropOrphans, judgeContent, leavingRoomForSamples } from './on-content.ts';
import { checkPieces, freeRefuted, guiltyMirrors, piecesAreProved, suspectedMirrors } from './on-pieces.ts';
import { isReadBack } from './on-recovery.ts';
import { recheckChanged } from './on-samples.ts';
import { askOpinions, decideConflicts } from './on-search.ts';
import { askVouchers, dropUnvouched } from './on-vouching.ts';
import { judgeSizes, voteIsOver } from './on-votes.ts';
import { inTurn, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

function takenWords(bytes: number, segmentId: number, fromMirrorId: number, forMirrorId: number | null): string {
  if (forMirrorId === null) return `${serverName(fromMirrorId)} has more in hand than it can give: ${formatBytes(bytes)} of segment ${segmentId} are free again.`;
  return fromMirrorId === forMirrorId
    ? `another lane of ${serverName(forMirrorId)} takes ${formatBytes(bytes)} of segment ${segmentId}.`
    : `${serverName(forMirrorId)} is idle and takes ${formatBytes(bytes)} of segment ${segmentId} from ${serverName(fromMirrorId)}.`;
}

/** A server may have been told to stop: by a pause, with fewer lanes, or because it is not believed. Only of one that is in trouble is it said that it failed. */
function movedWords(context: CoordinatorContext, bytes: number, segmentId: number, fromMirrorId: number, mirrorId: number): string {
  const strikes = rowsOf(context).get(fromMirrorId)?.record.strikes ?? 0;
  return strikes > 0
    ? `${serverName(fromMirrorId)} failed: ${formatBytes(bytes)} of segment ${segmentId} moved to ${serverName(mirrorId)}.`
    : `${serverName(mirrorId)} takes over ${formatBytes(bytes)} of segment ${segmentId} from ${serverName(fromMirrorId)}.`;
}

function ordersFor(step: PlanStep, context: CoordinatorContext, map: SegmentMap): readonly RulingOrder[] {
  if (step.kind === 'shrink') {
    const bytes = (context.map.held.get(step.segmentId)?.end ?? step.end) - step.end;
    const why = takenWords(bytes, step.segmentId, step.fromMirrorId, step.forMirrorId);
    return [
      { to: 'segment', segmentId: step.segmentId, event: { type: 'segment.shrink', end: step.end } },
      said(context, 'segment-split', why, { segmentId: step.segmentId, mirrorId: step.forMirrorId ?? step.fromMirrorId }),
    ];
  }
  const { segmentId, mirrorId, start, end, manner } = step;
  const totalBytes = expectedTotal(map);
  const leased: RulingOrder = { to: 'server', mirrorId, event: { type: 'server.leased', lanes: lanesAt(map, mirrorId), atMs: context.nowMs } };
  if (step.kind === 'grant') return [{ to: 'new segment', input: { segmentId, mirrorId, start, end, manner, totalBytes } }, leased];
  const take: RulingOrder = { to: 'segment', segmentId, event: { type: 'segment.take', mirrorId, end, manner, totalBytes } };
  if (step.fromMirrorId === null || step.fromMirrorId === mirrorId) return [take, leased];
  const why = movedWords(context, end - start, segmentId, step.fromMirrorId, mirrorId);
  return [take, leased, said(context, 'segment-moved', why, { segmentId, mirrorId })];
}

/** Gives the idle lanes their work. */
export function drawPlan(context: CoordinatorContext): Ruling {
  const views = serverViews(context, suspectedMirrors(context), guiltyMirrors(context));
  const { steps, map, nextSegmentId } = plan(context.map, leavingRoomForSamples(views, context), context.nextSegmentId, context.nowMs, policyOf(context));
  if (steps.length === 0) return { change: {}, orders: [] };
  return { change: { map, nextSegmentId }, orders: steps.flatMap((step) => ordersFor(step, context, map)) };
}

/** While nobody has told the size: servers whose version has changed are looked at, and idle lanes get work. */
export const lookAround = inTurn(recheckChanged, freeRefuted, checkPieces, drawPlan);

/** Whenever something has changed: who is believed, then who is given what. */
export const lookOver = inTurn(judgeSizes, recheckChanged, askForSamples, judgeContent, dropUnvouched, askVouchers, dropOrphans, freeRefuted, checkPieces, drawPlan);

/** After a failed checksum: who has other bytes, and who is right. */
export const lookAgain = inTurn(decideConflicts, askOpinions);

/** Every byte is there, and nobody's admission is open. */
export const allIsThere = (context: CoordinatorContext): boolean => isComplete(context.map) && isReadBack(context) && voteIsOver(context) && contentIsSettled(context) && piecesAreProved(context);
