/** Who may be let in, who can be asked, and which bytes count: what comparing mirrors and vouching for them have in common. */
import { BACKOFF_MIN_MS, SAMPLE_TRIES_MAX } from '../../base/bounds.ts';
import { add } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import { remembered } from '../../base/remembered.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { isOfDoubtfulVersion } from '../coordinator-context.ts';
import type { ServerRow } from '../server-rows.ts';

export const isThere = (row: ServerRow): boolean => row.state === 'ready' || row.state === 'downloading';

/** By size, the mirrors that told it and against which nothing is held. */
const undoubted = remembered((claims: CoordinatorContext['claims'], doubted: CoordinatorContext['doubted']): ReadonlyMap<number, readonly number[]> => {
  const bySize = new Map<number, number[]>();
  for (const [mirrorId, totalBytes] of claims) {
    if (!doubted.has(mirrorId) || isOfDoubtfulVersion(doubted.get(mirrorId))) bySize.set(totalBytes, [...(bySize.get(totalBytes) ?? []), mirrorId]);
  }
  return bySize;
});

/** Mirrors that have the size that holds and against which nothing is held. */
export const candidatesOf = ({ claims, doubted, map }: CoordinatorContext): readonly number[] => undoubted(claims, doubted).get(map.totalBytes) ?? [];

/** Whether a mirror was asked and could not tell so often that it is not asked again. */
export const isUnsampleable = ({ trust }: CoordinatorContext, mirrorId: number): boolean => (trust.failures.get(mirrorId)?.count ?? 0) >= SAMPLE_TRIES_MAX;

/** Whether a mirror has asked for a pause that is not over. */
export const asksForPause = ({ nowMs, servers }: CoordinatorContext, mirrorId: number): boolean => nowMs < (servers.get(mirrorId)?.getSnapshot().context.notBeforeMs ?? 0);

/** Whether a sample of it failed so short a time ago that it is left alone, or it asks for longer. */
export const wasTurnedAwayLately = (context: CoordinatorContext, mirrorId: number): boolean =>
  context.nowMs - (context.trust.failures.get(mirrorId)?.atMs ?? -Infinity) < BACKOFF_MIN_MS || asksForPause(context, mirrorId);

/** How long a mirror has said nothing; one that was never asked is not silent. */
export const silenceMs = ({ record }: ServerRow, nowMs: number): number => nowMs - (record.heardAtMs ?? record.askedAtMs ?? nowMs);

/**
 * Lanes that a server may have at a time, its sample among them. One that has turned a sample away may not take as many
 * as the user allows: then the sample has to do with a lane that its leases leave.
 */
export function lanesWithSample({ servers, trust }: CoordinatorContext, mirrorId: number): number {
  const record = servers.get(mirrorId)?.getSnapshot().context;
  if (record === undefined) return 0;
  return trust.failures.has(mirrorId) ? Math.min(record.lanes.cap, record.maxLanes) : record.maxLanes;
}

/** Bytes that count whatever becomes of who gave them: an earlier run vouched for them, or their piece has its hash. */
export const soundBytes = ({ trust, pieces }: CoordinatorContext): RangeSet => pieces.proved.reduce((set, range) => add(set, range), trust.earlier);
