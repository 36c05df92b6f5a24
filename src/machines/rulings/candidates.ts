/** Who may be let in, who can be asked, and which bytes count: what comparing mirrors and vouching for them have in common. */
import { BACKOFF_MIN_MS, SAMPLE_TRIES_MAX } from '../../base/bounds.ts';
import { EMPTY, add } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import { remembered } from '../../base/remembered.ts';
import { lanesAt } from '../plan/writers.ts';
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

/**
 * Whether a sample of it failed so short a time ago that it is left alone, or it asks for longer. One that had no room for
 * the sample beside its lanes has it when one of them has ended.
 */
export function wasTurnedAwayLately(context: CoordinatorContext, mirrorId: number): boolean {
  const last = context.trust.failures.get(mirrorId);
  const isLately = last !== undefined && context.nowMs - last.atMs < BACKOFF_MIN_MS && lanesAt(context.map, mirrorId) >= last.lanesThen;
  return isLately || asksForPause(context, mirrorId);
}

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

/** What a mirror gave that stands in the part file. */
export function givenBytes({ map }: CoordinatorContext, mirrorId: number): RangeSet {
  let given: RangeSet = EMPTY;
  for (const run of map.written) if (run.mirrorId === mirrorId) given = add(given, run);
  for (const { mirrorId: giver, start, writtenEnd } of map.held.values()) if (giver === mirrorId) given = add(given, { start, end: writtenEnd });
  return given;
}

/** Mirrors that were let in by their own samples, are there to be asked, and have not failed at it again and again. */
export const vouchersOf = (context: CoordinatorContext, rows: ReadonlyMap<number, ServerRow>): readonly number[] =>
  [...context.admitted].filter((mirrorId) => {
    const row = rows.get(mirrorId);
    const isAble = row !== undefined && context.servers.has(mirrorId) && isThere(row) && row.record.manner === 'range' && !isUnsampleable(context, mirrorId);
    return isAble && context.trust.ballots.has(mirrorId) && !context.doubted.has(mirrorId);
  });
