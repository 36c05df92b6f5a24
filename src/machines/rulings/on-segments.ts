import { faultClassOf } from '../../base/faults.ts';
import { formatBytes } from '../../base/units.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { withEntry } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { SegmentFact } from '../events.ts';
import type { EndReason } from '../plan/ending.ts';
import { drained, forgotten, freed, opened, released, settleTotal, shrunk, sizeKnown, UNKNOWN_TOTAL } from '../plan/segment-map.ts';
import type { SegmentMap } from '../plan/segment-map.ts';
import { lanesAt } from '../plan/writers.ts';
import { cancelWriters, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

type Opened = Extract<SegmentFact, { type: 'segment.opened' }>;
type Shrunk = Extract<SegmentFact, { type: 'segment.shrunk' }>;
type Settled = Extract<SegmentFact, { type: 'segment.settled' }>;

/**
 * The size settles in the map. A segment that rests beyond the file's end has nothing left to wait for, and no server
 * would ever take it: its story is over.
 */
function settledAt(before: SegmentMap, totalBytes: number): { readonly map: SegmentMap; readonly orders: readonly RulingOrder[] } {
  let map = settleTotal(before, totalBytes);
  const orders: RulingOrder[] = [];
  for (const { segmentId, mirrorId, start, end } of map.held.values()) {
    if (mirrorId !== null || start < end) continue;
    map = released(map, segmentId);
    orders.push({ to: 'segment', segmentId, event: { type: 'segment.release' } }, { to: 'gone segment', segmentId });
  }
  return { map, orders };
}

/** A mirror has spoken of the file's size. The first to do so settles it for the time being; the vote comes later. */
function withClaim(context: CoordinatorContext, mirrorId: number, totalBytes: number): Ruling {
  const claims = new Map(context.claims).set(mirrorId, totalBytes);
  if (!sizeKnown(context.map)) {
    const why = `The file has ${formatBytes(totalBytes)}, says ${serverName(mirrorId)}.`;
    const settled = settledAt(context.map, totalBytes);
    return {
      change: { claims, map: settled.map },
      orders: [...settled.orders, { to: 'outside', effect: { type: 'disk.settle', totalBytes } }, said(context, 'size-known', why, { mirrorId })],
    };
  }
  const isOther = totalBytes !== context.map.totalBytes;
  return { change: { claims, ...(isOther ? { doubted: new Map(context.doubted).set(mirrorId, 'other-size' as const) } : {}) }, orders: [] };
}

/**
 * Whether an answer came from another address than the mirror's before (its redirects lead elsewhere now), under a
 * validator that says nothing of that one: that is another server, and has to be compared before it counts.
 */
function isFromElsewhere({ servers, trust }: CoordinatorContext, { mirrorId, head }: Opened): boolean {
  const known = servers.get(mirrorId)?.getSnapshot().context.head ?? null;
  if (known === null || known.address === head.address || known.validator === head.validator) return false;
  return head.validator === null || trust.tags.get(mirrorId)?.includes(head.validator) !== true;
}

/** A server's answer has been accepted. */
export function segmentOpened(context: CoordinatorContext, event: Opened): Ruling {
  const { segmentId, mirrorId, head, atMs } = event;
  const noted = { ...context, map: opened(context.map, segmentId, atMs), nowMs: atMs, deliveredAtMs: atMs };
  const claim = head.totalBytes === null ? { change: {}, orders: [] } : withClaim(noted, mirrorId, head.totalBytes);
  const after = { ...noted, ...claim.change };
  const orders: RulingOrder[] = [{ to: 'server', mirrorId, event: { type: 'server.answered', head, atMs } }, ...claim.orders];
  const known = context.servers.get(mirrorId)?.getSnapshot().context.head;
  // Only with its validator can what it gives be gone on from another day. An answer without one, such as that there is
  // nothing where a lane asked, takes nothing back: what came under the tag would belong to nobody.
  if (head.validator !== null && known?.validator !== head.validator) orders.push({ to: 'outside', effect: { type: 'disk.validator', mirrorId, validator: head.validator } });
  if (head.totalBytes === null && !sizeKnown(after.map)) {
    const why = `${serverName(mirrorId)} does not tell the file’s size: it comes in one stream and cannot be resumed.`;
    orders.push(said(context, 'size-unknown', why, { mirrorId }));
  }
  // Two servers may answer before either's size was known to the other's lane.
  if (after.doubted.has(mirrorId)) orders.push({ to: 'segment', segmentId, event: { type: 'segment.cancel', code: 'other-size' } });
  // Only a mirror's first answer tells its digest: nobody asks for it again.
  const { digests } = context.trust;
  const trust = head.digest === null ? context.trust : { ...context.trust, digests: withEntry(digests, mirrorId, head.digest) };
  const change = { map: after.map, nowMs: atMs, deliveredAtMs: atMs, trust, ...claim.change };
  if (after.doubted.has(mirrorId) || !isFromElsewhere(context, event)) return { change, orders };
  return {
    change: { ...change, doubted: withEntry(after.doubted, mirrorId, 'moved'), trust: { ...trust, strays: new Set([...trust.strays, segmentId]) } },
    orders: [...orders, ...cancelWriters(after, 'changed', mirrorId)],
  };
}

/** A segment ends sooner now; its tail is free. */
export const segmentShrunk = (context: CoordinatorContext, event: Shrunk): Ruling => ({
  change: { map: shrunk(context.map, event.segmentId, event.end) },
  orders: [],
});

/** A failure of our own disk ends the download; the servers are not to blame. */
function diskEnding(outcome: Settled['outcome']): EndReason | null {
  if (outcome.kind === 'done' || (outcome.code !== 'disk-full' && outcome.code !== 'disk-failed')) return null;
  return { code: outcome.code, message: outcome.detail };
}

/** A server without ranges is told of once: its other lanes come to the same end. */
function saidWholeOnly(context: CoordinatorContext, { mirrorId, outcome }: Settled): readonly RulingOrder[] {
  const isNews = outcome.kind === 'failed' && faultClassOf(outcome.code) === 'whole' && context.servers.get(mirrorId)?.getSnapshot().context.manner === 'range';
  const why = `${serverName(mirrorId)} gives the file only as one whole: it is asked where no other can deliver.`;
  return isNews ? [said(context, 'server-whole-only', why, { mirrorId })] : [];
}

/**
 * Whether the server has another version now than it had: another validator, or another size than it told before. That
 * is no new vote on the size, which is over for it: what it gave was of the size that holds.
 */
function hasChanged({ claims, map }: CoordinatorContext, { mirrorId, outcome }: Settled): boolean {
  if (outcome.kind === 'done') return false;
  const hasOtherSize = outcome.totalBytes !== null && outcome.totalBytes !== map.totalBytes && claims.get(mirrorId) === map.totalBytes;
  return outcome.code === 'changed' || hasOtherSize;
}

/** A segment's writer has drained: what is written counts, and what is left rests or is free. */
export function segmentSettled(context: CoordinatorContext, event: Settled): Ruling {
  const { segmentId, mirrorId, writtenEnd, outcome, atMs } = event;
  const holding = context.map.held.get(segmentId);
  if (holding === undefined) return { change: {}, orders: [] };
  const deliveredBytes = Math.max(0, Math.min(writtenEnd, holding.end) - holding.start);
  let map = drained(context.map, segmentId, writtenEnd);
  // What a refused mirror still had in flight counts no more than what it gave before.
  if (context.doubted.get(mirrorId) === 'refused') map = forgotten(map, mirrorId, context.pieces.proved);
  const orders: RulingOrder[] = [];
  const { strays } = context.trust;
  if (strays.has(segmentId) && writtenEnd > holding.start) {
    const range = { start: holding.start, end: writtenEnd };
    map = freed(map, range);
    orders.push({ to: 'outside', effect: { type: 'disk.forget', range } });
  }
  let claim: Ruling = { change: {}, orders: [] };

  // While nobody knows where the file ends, nothing rests: a server that only sends it whole needs all of it free.
  const isUnsized = !sizeKnown(map) && outcome.kind === 'failed';
  // Nor does the range of a lane that was one too many: joined with its neighbours it is one request less.
  const wasRefused = outcome.kind === 'failed' && !outcome.inBody && faultClassOf(outcome.code) === 'retry' && lanesAt(map, mirrorId) > 0;
  // A stream of unknown length has nothing to go on from: what came of it is forgotten.
  if (isUnsized && holding.manner === 'whole') map = forgotten(map, mirrorId);
  if (outcome.kind === 'done' || isUnsized || wasRefused || writtenEnd >= holding.end) {
    map = released(map, segmentId);
    if (isUnsized || wasRefused) orders.push({ to: 'segment', segmentId, event: { type: 'segment.release' } });
    orders.push({ to: 'gone segment', segmentId });
  } else {
    orders.push({ to: 'segment', segmentId, event: { type: 'segment.rest' } });
  }

  if (outcome.kind === 'done' && holding.manner === 'whole' && holding.end === UNKNOWN_TOTAL) {
    // Only a stream's own end tells its size, and not one where it was cut; no journal begins with it.
    const settled = settledAt(map, writtenEnd);
    claim = { change: { map: settled.map, claims: new Map(context.claims).set(mirrorId, writtenEnd) }, orders: settled.orders };
  } else if (outcome.kind === 'failed' && outcome.totalBytes !== null && !hasChanged(context, event)) {
    claim = withClaim({ ...context, map, nowMs: atMs }, mirrorId, outcome.totalBytes);
  }
  const after = { ...context, map, ...claim.change };
  let doubted = after.doubted;
  if (hasChanged(context, event) && doubted.get(mirrorId) !== 'refused' && doubted.get(mirrorId) !== 'moved') {
    doubted = new Map(doubted).set(mirrorId, 'changed');
    // Its other lanes may be of the new version too: nothing more of it is written until that is known.
    orders.push(...cancelWriters({ ...context, map }, 'changed', mirrorId));
  }
  const lanesLeft = lanesAt(after.map, mirrorId);
  const ending = diskEnding(outcome);
  return {
    change: { map: after.map, nowMs: atMs, claims: after.claims, doubted, trust: { ...context.trust, strays: new Set([...strays].filter((id) => id !== segmentId)) }, ...(deliveredBytes > 0 ? { deliveredAtMs: atMs } : {}) },
    orders: [
      ...orders,
      ...claim.orders,
      ...saidWholeOnly(context, event),
      { to: 'server', mirrorId, event: { type: 'server.settled', outcome, lanesLeft, deliveredBytes, writtenEnd, atMs } },
      ...(ending === null ? [] : [{ to: 'self', stopFor: ending } as const]),
    ],
  };
}
