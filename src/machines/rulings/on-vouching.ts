/**
 * What a mirror gave can be held against the bytes of another that is let in already: that asks nothing of its giver,
 * which may take no further connection, have a long way, or be gone. Equal bytes let it in. Other bytes decide nothing,
 * since either may be wrong: then its own samples do.
 */
import type { ByteRange } from '../../base/range.ts';
import { gapsIn, holds } from '../../base/range-set.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { rowsOf, withEntry, withoutEntry } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { SampleFact } from '../events.ts';
import { givenPlaces } from '../plan/sample-places.ts';
import { forgotten, isComplete } from '../plan/segment-map.ts';
import type { Trust, Vouching } from '../plan/trust.ts';
import { lanesAt } from '../plan/writers.ts';
import type { ServerRow } from '../server-rows.ts';
import { candidatesOf, givenBytes, lanesWithSample, soundBytes, vouchersOf, wasTurnedAwayLately } from './candidates.ts';
import { NOTHING, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';
import { costMs, isLastCall } from './sample-time.ts';

type Answered = Extract<SampleFact, { type: 'sample.answered' }>;
type Rows = ReadonlyMap<number, ServerRow>;

/**
 * Whether a mirror that is not let in has given bytes for which another can still vouch. One that has said nothing yet
 * of the file cannot be let in: what it gave in an earlier run is not waited for.
 */
export function isVouchable(context: CoordinatorContext, rows: Rows, mirrorId: number): boolean {
  const { admitted, claims, doubted, trust } = context;
  if (!claims.has(mirrorId) || admitted.has(mirrorId) || doubted.has(mirrorId) || trust.vouchings.get(mirrorId)?.says === 'other bytes') return false;
  return givenBytes(context, mirrorId).length > 0 && vouchersOf(context, rows).some((voucherId) => voucherId !== mirrorId);
}

export const isVouchedFor = ({ vouchings }: Trust, mirrorId: number): boolean => vouchings.get(mirrorId)?.says === 'the same';

const isAwaited = ({ sampling }: Trust, vouching: Vouching | undefined): boolean => vouching?.says === 'nothing yet' && sampling.get(vouching.voucherId) === 'vouching';

/** Mirrors for which another is to vouch now: all that they will give is under way or there. */
function giversToCheck(context: CoordinatorContext, rows: Rows): readonly number[] {
  const { map, trust } = context;
  if (map.free.length > 0 || context.admitted.size === 0) return [];
  const isDue = (mirrorId: number): boolean => !trust.ballots.has(mirrorId) && !isAwaited(trust, trust.vouchings.get(mirrorId)) && (isComplete(map) || !trust.sampling.has(mirrorId));
  return candidatesOf(context).filter((mirrorId) => isDue(mirrorId) && isVouchable(context, rows, mirrorId));
}

/**
 * Whether a mirror is spared its own samples because another can vouch for it: it has turned one away already, or every
 * byte is there, and asking it would only take longer.
 */
export function isLeftToVouchers(context: CoordinatorContext, rows: Rows, mirrorId: number): boolean {
  return (isComplete(context.map) || context.trust.failures.has(mirrorId)) && isVouchable(context, rows, mirrorId) && !isLastCall(context, rows, mirrorId);
}

/** Who is to vouch for whom, and where: each giver’s bytes are shown to who would be through with them first. */
function newVouchings(context: CoordinatorContext, rows: Rows): readonly (readonly [giverId: number, vouching: Vouching])[] {
  const { map, nowMs, settings, trust } = context;
  const isFree = (mirrorId: number): boolean =>
    !trust.sampling.has(mirrorId) && lanesAt(map, mirrorId) < lanesWithSample(context, mirrorId) && !wasTurnedAwayLately(context, mirrorId);
  const givers = giversToCheck(context, rows);
  if (givers.length === 0) return [];
  const throughMs = new Map(vouchersOf(context, rows).filter(isFree).map((mirrorId) => [mirrorId, 0]));
  return givers.flatMap((giverId) => {
    const ranges = givenPlaces(givenBytes(context, giverId), settings.seed + giverId);
    let best: { readonly voucherId: number; readonly atMs: number } | null = null;
    for (const [voucherId, busyMs] of throughMs) {
      const row = rows.get(voucherId);
      const atMs = row === undefined || voucherId === giverId ? Infinity : busyMs + costMs(row, ranges, nowMs);
      if (atMs < (best?.atMs ?? Infinity)) best = { voucherId, atMs };
    }
    if (best === null) return [];
    throughMs.set(best.voucherId, best.atMs);
    return [[giverId, { voucherId: best.voucherId, ranges, says: 'nothing yet' }] as const];
  });
}

/** Asks mirrors that are let in for what others gave; one that vouches for several is asked for all of it at once. */
export function askVouchers(context: CoordinatorContext): Ruling {
  const fresh = newVouchings(context, rowsOf(context));
  if (fresh.length === 0) return NOTHING;
  const { totalBytes } = context.map;
  const sampling = new Map(context.trust.sampling);
  const orders: RulingOrder[] = [];
  for (const mirrorId of new Set(fresh.map(([, { voucherId }]) => voucherId))) {
    const ranges = fresh.flatMap(([, vouching]) => (vouching.voucherId === mirrorId ? vouching.ranges : []));
    sampling.set(mirrorId, 'vouching');
    orders.push({ to: 'new sample', input: { mirrorId, aim: 'vouching', ranges, blockBytes: totalBytes, inFile: ranges.map(() => true), totalBytes } });
  }
  return { change: { trust: { ...context.trust, sampling, vouchings: new Map([...context.trust.vouchings, ...fresh]) } }, orders };
}

/** A mirror has shown what it has where others gave something: those that gave the same are let in. */
export function vouched(context: CoordinatorContext, { mirrorId, ranges, hashes, fileHashes }: Answered): Ruling {
  const isSame = (range: ByteRange): boolean => {
    const index = ranges.findIndex(({ start, end }) => start === range.start && end === range.end);
    const hash = hashes[index]?.[0];
    return hash !== undefined && hash === fileHashes[index]?.[0];
  };
  const admitted = new Set(context.admitted);
  const sampling = new Map(context.trust.sampling);
  sampling.delete(mirrorId);
  let { vouchings } = context.trust;
  const orders: RulingOrder[] = [];
  for (const [giverId, vouching] of context.trust.vouchings) {
    if (vouching.voucherId !== mirrorId || vouching.says !== 'nothing yet') continue;
    const given = givenBytes(context, giverId);
    // Of bytes that are not there any more, or not held against anybody who is let in, nothing was learned.
    if (!vouching.ranges.every((range) => holds(given, range)) || !admitted.has(mirrorId) || context.doubted.has(giverId)) {
      vouchings = withoutEntry(vouchings, giverId);
      continue;
    }
    const says = vouching.ranges.every(isSame) ? 'the same' : 'other bytes';
    vouchings = withEntry(vouchings, giverId, { ...vouching, says });
    if (says === 'other bytes' || context.admitted.has(giverId)) continue;
    admitted.add(giverId);
    // Its own samples are not needed any more; whatever else it is asked for is.
    if (sampling.get(giverId) === 'admission' && sampling.delete(giverId)) orders.push({ to: 'gone sample', mirrorId: giverId });
    orders.push(
      { to: 'outside', effect: { type: 'disk.admit', mirrorId: giverId } },
      said(context, 'mirror-admitted', `${serverName(giverId)} is let in: what it gave is what ${serverName(mirrorId)} has.`, { mirrorId: giverId }),
    );
  }
  return { change: { admitted, trust: { ...context.trust, sampling, vouchings } }, orders };
}

/** With the word of a mirror that is refused goes the word it gave for others: what they gave is fetched again. */
export function dropUnvouched(context: CoordinatorContext): Ruling {
  const lost = [...context.trust.vouchings].filter(([, { says, voucherId }]) => says === 'the same' && context.doubted.get(voucherId) === 'refused');
  if (lost.length === 0) return NOTHING;
  const admitted = new Set(context.admitted);
  const sound = soundBytes(context);
  let { map, trust } = context;
  const orders: RulingOrder[] = [];
  for (const [giverId] of lost) {
    admitted.delete(giverId);
    trust = { ...trust, vouchings: withoutEntry(trust.vouchings, giverId) };
    const gone = map.written.flatMap((run) => (run.mirrorId === giverId ? gapsIn(sound, run) : []));
    for (const range of gone) orders.push({ to: 'outside', effect: { type: 'disk.forget', range } });
    map = forgotten(map, giverId, sound);
  }
  return { change: { admitted, map, trust }, orders };
}
