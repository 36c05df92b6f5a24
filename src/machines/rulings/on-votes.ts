import { START_OVERS_MAX } from '../../base/bounds.ts';
import { formatBytes } from '../../base/units.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { rowsOf, verdictOnSize } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { EndReason } from '../plan/ending.ts';
import { forgotten, layMap, sizeKnown, UNKNOWN_TOTAL } from '../plan/segment-map.ts';
import { cancelWriters, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

/** Lets in the mirrors whose size the vote has confirmed, and refuses the others. */
export function judgeMirrors(context: CoordinatorContext): Ruling {
  const verdict = verdictOnSize(context);
  if (verdict.kind !== 'agreed' || verdict.totalBytes !== context.map.totalBytes) return { change: {}, orders: [] };
  const admitted = new Set(context.admitted);
  const doubted = new Map(context.doubted);
  let map = context.map;
  const orders: RulingOrder[] = [];
  for (const [mirrorId, totalBytes] of context.claims) {
    if (totalBytes === verdict.totalBytes) {
      if (admitted.has(mirrorId)) continue;
      admitted.add(mirrorId);
      orders.push({ to: 'outside', effect: { type: 'disk.admit', mirrorId } });
    } else if (doubted.get(mirrorId) !== 'refused') {
      // One that has left meanwhile is judged all the same: its bytes must not stay.
      doubted.set(mirrorId, 'refused');
      const detail = `${totalBytes} bytes, where the others have ${verdict.totalBytes}`;
      map = forgotten(map, mirrorId);
      orders.push(
        { to: 'outside', effect: { type: 'disk.refuse', mirrorId } },
        ...cancelWriters(context, 'other-size', mirrorId),
        { to: 'server', mirrorId, event: { type: 'server.refuse', code: 'other-size', detail, atMs: context.nowMs } },
        said(context, 'mirror-refused', `${serverName(mirrorId)} is refused: it has ${detail}.`, { mirrorId }),
      );
    }
  }
  return { change: { admitted, doubted, map }, orders };
}

/** Mirrors that have answered and are not suspected of another version. */
const unchangedMirrors = (context: CoordinatorContext): number =>
  [...rowsOf(context)].filter(([mirrorId, { record }]) => context.servers.has(mirrorId) && record.head !== null && !context.doubted.has(mirrorId)).length;

/** The size (null: unknown) that the download has to begin again with, where the mirrors now have another file; undefined otherwise. */
function otherFile(context: CoordinatorContext): number | null | undefined {
  const verdict = verdictOnSize(context);
  if (verdict.kind === 'agreed' && sizeKnown(context.map) && verdict.totalBytes !== context.map.totalBytes) return verdict.totalBytes;
  const changed = [...context.doubted.values()].filter((why) => why === 'changed').length;
  return changed > 0 && changed > unchangedMirrors(context) ? null : undefined;
}

/** Whether most mirrors have another file than the one that was begun. */
export const mustStartOver = (context: CoordinatorContext): boolean => otherFile(context) !== undefined;

export const startsOverTooOften = (context: CoordinatorContext): boolean => mustStartOver(context) && context.startOvers >= START_OVERS_MAX;

/** All writers have drained: everything is forgotten, and the download begins again with what the mirrors have now. */
export function startOver(context: CoordinatorContext): Ruling {
  const totalBytes = otherFile(context) ?? null;
  const orders: RulingOrder[] = [];
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
      recoveredBytes: 0,
      startOvers: context.startOvers + 1,
    },
    orders,
  };
}

/** Whether every mirror that spoke of the size has been let in or refused, and its bytes with it. */
const allAreJudged = (context: CoordinatorContext): boolean =>
  [...context.claims.keys()].every((mirrorId) => context.admitted.has(mirrorId) || context.doubted.get(mirrorId) === 'refused');

/**
 * Whether the vote is over and has been acted on, so that the file may be given its name. A file whose size nobody
 * told has no vote.
 */
export const voteIsOver = (context: CoordinatorContext): boolean =>
  context.claims.size === 0 || (verdictOnSize(context).kind === 'agreed' && allAreJudged(context));

export const isTied = (context: CoordinatorContext): boolean => verdictOnSize(context).kind === 'tie';

/** Why a tie ends the download. */
export function tie(context: CoordinatorContext): EndReason {
  const claims = [...context.claims].map(([mirrorId, totalBytes]) => `${serverName(mirrorId)} has ${totalBytes} bytes (${formatBytes(totalBytes)})`);
  return {
    code: 'sizes-differ',
    message: `The servers do not serve the same file, and no size has a majority: ${claims.join(', ')}. Leave out the wrong ones.`,
  };
}

export const changesTooOften: EndReason = {
  code: 'content-differs',
  message: 'The file keeps changing on the servers while it is fetched. Try again when it has settled.',
};
