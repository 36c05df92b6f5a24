import { START_OVERS_MAX } from '../../base/bounds.ts';
import { countedBytes, formatBytes } from '../../base/units.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { hasVote, roomForServers, rowsOf, verdictOnSize } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { EndReason } from '../plan/ending.ts';
import { layMap, sizeKnown, UNKNOWN_TOTAL } from '../plan/segment-map.ts';
import { NO_PIECES } from '../plan/pieces.ts';
import type { Trust } from '../plan/trust.ts';
import { NO_TRUST } from '../plan/trust.ts';
import { isStarved } from './on-clock.ts';
import { NOTHING, refusal, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

/** Refuses the mirrors that have another size than most. */
export function judgeSizes(context: CoordinatorContext): Ruling {
  const verdict = verdictOnSize(context);
  if (verdict.kind !== 'agreed' || verdict.totalBytes !== context.map.totalBytes) return NOTHING;
  const others: [mirrorId: number, why: string][] = [];
  // One that has left meanwhile is judged all the same: its bytes must not stay.
  for (const [mirrorId, totalBytes] of context.claims) {
    if (totalBytes !== verdict.totalBytes && context.doubted.get(mirrorId) !== 'refused') others.push([mirrorId, `it has ${countedBytes(totalBytes)}, where the others have ${verdict.totalBytes}`]);
  }
  return refusal(context, others, 'other-size');
}

/** Mirrors that have answered and are not suspected of another version, or that may still answer. */
const unchangedMirrors = (context: CoordinatorContext): number =>
  [...rowsOf(context)].filter(([mirrorId, row]) => {
    if (!context.servers.has(mirrorId) || context.doubted.has(mirrorId)) return false;
    return row.record.head !== null || hasVote(row, context.nowMs, context.settings.atMs);
  }).length;

/** The size (null: unknown) that the download has to begin again with, where the mirrors now have another file; undefined otherwise. */
function otherFile(context: CoordinatorContext): number | null | undefined {
  const verdict = verdictOnSize(context);
  if (verdict.kind === 'agreed' && sizeKnown(context.map) && verdict.totalBytes !== context.map.totalBytes) return verdict.totalBytes;
  const changed = [...context.trust.changed].filter((mirrorId) => context.servers.has(mirrorId)).length;
  // Where nobody else can deliver any more, a new version of the file is better than none.
  const isMost = changed > 0 && (changed > unchangedMirrors(context) || isStarved(context));
  return isMost || context.trust.isFileOutvoted ? null : undefined;
}

/** Whether most mirrors have another file than the one that was begun. */
export const mustStartOver = (context: CoordinatorContext): boolean => otherFile(context) !== undefined;

export const startsOverTooOften = (context: CoordinatorContext): boolean => context.startOvers >= START_OVERS_MAX && mustStartOver(context);

/** Where only the file's own bytes were outvoted, the mirrors have what they had: they need not be asked again. */
function standingBallots({ trust, doubted }: CoordinatorContext): Partial<Trust> {
  if (!trust.isFileOutvoted) return {};
  return { places: trust.places, ballots: new Map([...trust.ballots].filter(([mirrorId]) => !doubted.has(mirrorId))) };
}

/** All writers have drained: everything is forgotten, and the download begins again with what the mirrors have now. */
export function startOver(context: CoordinatorContext): Ruling {
  const totalBytes = otherFile(context) ?? null;
  const orders: RulingOrder[] = [...context.trust.sampling.keys()].map((mirrorId) => ({ to: 'gone sample', mirrorId }));
  for (const segmentId of context.segments.keys()) {
    orders.push({ to: 'segment', segmentId, event: { type: 'segment.release' } }, { to: 'gone segment', segmentId });
  }
  orders.push({ to: 'outside', effect: { type: 'disk.startOver' } });
  if (totalBytes !== null) orders.push({ to: 'outside', effect: { type: 'disk.settle', totalBytes } });
  orders.push(said(context, 'started-over', 'The servers have another version of the file than the one begun: it is fetched from the start.'));
  return {
    change: {
      map: layMap(totalBytes ?? UNKNOWN_TOTAL),
      claims: totalBytes === null ? new Map() : context.claims,
      doubted: new Map(),
      admitted: new Set(),
      trust: { ...NO_TRUST, rechecks: context.trust.rechecks, ...standingBallots(context) },
      pieces: NO_PIECES,
      search: null,
      startOvers: context.startOvers + 1,
      begunAtMs: context.nowMs,
    },
    orders,
  };
}

/** Whether every mirror with another size than the one that holds is refused, and its bytes with it. */
const sizesAreJudged = ({ claims, doubted, map }: CoordinatorContext): boolean =>
  [...claims].every(([mirrorId, totalBytes]) => totalBytes === map.totalBytes || doubted.get(mirrorId) === 'refused');

/**
 * Whether the vote on the size is over and has been acted on, so that the file may be given its name. A file whose size
 * nobody told has no vote.
 */
export const voteIsOver = (context: CoordinatorContext): boolean =>
  context.claims.size === 0 || (verdictOnSize(context).kind === 'agreed' && sizesAreJudged(context));

/** Whether no size has a majority, and nobody is still to be called up who could give it one. */
export const isTied = (context: CoordinatorContext): boolean =>
  verdictOnSize(context).kind === 'tie' && (context.waiting.length === 0 || roomForServers(context) === 0);

/** Why a tie ends the download. */
export function tie(context: CoordinatorContext): EndReason {
  const claims = [...context.claims].map(([mirrorId, totalBytes]) => `${serverName(mirrorId)} has ${countedBytes(totalBytes)} (${formatBytes(totalBytes)})`);
  return {
    code: 'sizes-differ',
    message: `The servers do not serve the same file, and no size has a majority: ${claims.join(', ')}. Leave out the wrong ones.`,
  };
}

export const changesTooOften: EndReason = {
  code: 'content-differs',
  message: 'The file keeps changing on the servers while it is fetched. Try again when it has settled.',
};
