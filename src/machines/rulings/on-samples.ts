/** Samples come in: ballots for the vote on the content, and what a mirror’s changed validator is worth. */
import { RECHECKS_MAX } from '../../base/bounds.ts';
import type { FaultCode } from '../../base/faults.ts';
import { faultClassOf } from '../../base/faults.ts';
import { EMPTY, add } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { isOfDoubtfulVersion, rowsOf, withEntry, withoutEntry } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { SampleFact } from '../events.ts';
import { recheckPlaces } from '../plan/sample-places.ts';
import { isComplete, writtenBytes } from '../plan/segment-map.ts';
import type { SampleAim, Trust } from '../plan/trust.ts';
import { lanesAt } from '../plan/writers.ts';
import { asksForPause } from './candidates.ts';
import { opinionFailed, opinionGiven, unasked } from './on-search.ts';
import { isVouchedFor, vouched } from './on-vouching.ts';
import { cancelWriters, inTurn, NOTHING, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

type Answered = Extract<SampleFact, { type: 'sample.answered' }>;
type Failed = Extract<SampleFact, { type: 'sample.failed' }>;

/** Failures that say that nobody was there to be asked. */
const NOBODY_THERE: ReadonlySet<FaultCode> = new Set<FaultCode>(['refused', 'unreachable', 'no-such-host', 'connect-timeout']);

/** An answer to a question that nobody has any more (the download began again meanwhile) says nothing. */
const isAwaited = (context: CoordinatorContext, { mirrorId, aim }: SampleFact): boolean => context.trust.sampling.get(mirrorId) === aim;

const settled = (trust: Trust, mirrorId: number): Trust => ({ ...trust, sampling: withoutEntry(trust.sampling, mirrorId) });

/** A ballot: one hash a place. What the part file has there is kept from the first who asked. */
function withBallot(trust: Trust, { mirrorId, hashes, fileHashes }: Answered): Trust {
  const ballot = hashes.map((blocks) => blocks?.[0] ?? null);
  const file = fileHashes.map((blocks, index) => trust.fileBallot?.[index] ?? blocks?.[0] ?? null);
  const hasFile = file.some((hash) => hash !== null);
  return { ...trust, ballots: withEntry(trust.ballots, mirrorId, ballot), fileBallot: hasFile ? file : trust.fileBallot };
}

const areEqual = ({ hashes, fileHashes }: Answered): boolean =>
  hashes.every((blocks, range) => blocks !== null && blocks.length > 0 && blocks.every((hash, block) => hash === fileHashes[range]?.[block]));

/**
 * The mirror has another version now, for all that can be told: it gets no more work, and what it gave before stays. Where
 * it was let in only because nobody else was there, that counts no more: nobody can be compared with it any longer.
 */
function changedForSure(context: CoordinatorContext, trust: Trust, mirrorId: number): Ruling {
  const why = `${serverName(mirrorId)} has another version of the file now: it gets no more work, and what it gave before stays.`;
  const isCompared = trust.ballots.has(mirrorId) || isVouchedFor(trust, mirrorId);
  const admitted = isCompared ? context.admitted : new Set([...context.admitted].filter((each) => each !== mirrorId));
  return { change: { admitted, trust: { ...trust, changed: new Set([...trust.changed, mirrorId]) } }, orders: [said(context, 'mirror-refused', why, { mirrorId })] };
}

/**
 * A mirror has changed its validator. Where the new bytes equal the old ones at every place, and the old validator is
 * still given beside the new one, a balancer stands between: both validators are of one version. A new validator alone
 * is believed: a few equal samples do not show that nothing has changed.
 */
function rechecked(context: CoordinatorContext, event: Answered): Ruling {
  const { mirrorId, validators } = event;
  const trust = settled(context.trust, mirrorId);
  const before = context.servers.get(mirrorId)?.getSnapshot().context.head?.validator ?? null;
  // Tags of two servers say nothing of each other: of another address the bytes decide alone, as they do of any mirror.
  const isExplained = context.doubted.get(mirrorId) === 'moved' || (before !== null && validators.includes(before));
  if (!isExplained || !areEqual(event)) return changedForSure(context, trust, mirrorId);
  const tags = [...new Set([...(trust.tags.get(mirrorId) ?? []), ...validators])];
  const why = `${serverName(mirrorId)} goes on: it gives its file under several tags, and the bytes are the same.`;
  return {
    change: { trust: { ...trust, tags: withEntry(trust.tags, mirrorId, tags) }, doubted: withoutEntry(context.doubted, mirrorId) },
    orders: [{ to: 'outside', effect: { type: 'mirror.equate', mirrorId, validators } }, said(context, 'mirror-admitted', why, { mirrorId })],
  };
}

/**
 * A sample for the vote has come. Where it is of more versions than the one that the mirror’s leases are of, it is no
 * ballot: whether its tags stand for the same bytes is looked at first.
 */
function voted(context: CoordinatorContext, event: Answered): Ruling {
  const { mirrorId, validators } = event;
  const trust = settled(context.trust, mirrorId);
  const known = context.servers.get(mirrorId)?.getSnapshot().context.head?.validator ?? null;
  const ofOthers = known === null ? [] : validators.filter((validator) => validator !== known && trust.tags.get(mirrorId)?.includes(validator) !== true);
  if (ofOthers.length > 0 || isOfDoubtfulVersion(context.doubted.get(mirrorId))) {
    return { change: { trust, doubted: withEntry(context.doubted, mirrorId, context.doubted.get(mirrorId) ?? 'changed') }, orders: cancelWriters(context, 'changed', mirrorId) };
  }
  // The answers were checked against the size that holds: one that was never asked before has told it by this.
  const claims = withEntry(context.claims, mirrorId, context.claims.get(mirrorId) ?? context.map.totalBytes);
  return { change: { trust: withBallot(trust, event), claims }, orders: [] };
}

function rulingFor(context: CoordinatorContext, event: Answered, aim: SampleAim): Ruling {
  switch (aim) {
    case 'admission':
      return voted(context, event);
    case 'recheck':
      return rechecked(context, event);
    case 'vouching':
      return vouched(context, event);
    case 'search':
    case 'opinion':
      return inTurn(({ trust }) => ({ change: { trust: settled(trust, event.mirrorId) }, orders: [] }), (after) => opinionGiven(after, event))(context);
  }
}

export function sampleAnswered(context: CoordinatorContext, event: Answered): Ruling {
  if (!isAwaited(context, event)) return NOTHING;
  const { mirrorId, aim } = event;
  const gone: RulingOrder = { to: 'gone sample', mirrorId };
  const ruling = rulingFor(context, event, aim);
  return { change: { nowMs: event.atMs, ...ruling.change }, orders: [gone, ...ruling.orders] };
}

/** A server that delivers on other lanes and turns the sample away has enough to do: that says nothing of its bytes. */
const wasOneTooMany = ({ map }: CoordinatorContext, { mirrorId, code }: Failed): boolean =>
  lanesAt(map, mirrorId) > 0 && code !== 'stalled' && faultClassOf(code) === 'retry';

/**
 * A sample had a lane of its own: turned away with a Retry-After it binds its server as a lease would, and one that met
 * with silence tells of its server what no lease tells while none is under way.
 */
function laneTurnedAway({ map }: CoordinatorContext, { mirrorId, code, detail, retryAfterMs, atMs }: Failed): readonly RulingOrder[] {
  const lanesLeft = lanesAt(map, mirrorId);
  const tellsOfServer = retryAfterMs === null ? code === 'stalled' && lanesLeft === 0 : faultClassOf(code) === 'retry';
  if (!tellsOfServer) return [];
  const outcome = { kind: 'failed', code, detail, retryAfterMs, totalBytes: null, inBody: false } as const;
  return [{ to: 'server', mirrorId, event: { type: 'server.settled', outcome, lanesLeft, deliveredBytes: 0, writtenEnd: 0, atMs } }];
}

export function sampleFailed(context: CoordinatorContext, event: Failed): Ruling {
  if (!isAwaited(context, event)) return NOTHING;
  const { mirrorId, aim, code, atMs } = event;
  const gone: readonly RulingOrder[] = [{ to: 'gone sample', mirrorId }, ...laneTurnedAway(context, event)];
  const trust = settled(context.trust, mirrorId);
  if (aim === 'recheck') {
    const ruling = changedForSure(context, trust, mirrorId);
    return { change: { nowMs: atMs, ...ruling.change }, orders: [...gone, ...ruling.orders] };
  }
  const before = trust.failures.get(mirrorId)?.count ?? 0;
  // Of one that was not there nothing is known: its lane may not have noticed yet. Where nothing is left to lease no lane
  // ever will, and the tries are counted. One of which no part can be had gives none the next time either.
  const isGone = aim === 'admission' && NOBODY_THERE.has(code) && !isComplete(context.map);
  const lanesThen = wasOneTooMany(context, event) ? lanesAt(context.map, mirrorId) : 0;
  const count = isGone || lanesThen > 0 ? before : code === 'no-ranges' ? Infinity : before + 1;
  const failures = withEntry(trust.failures, mirrorId, { count, atMs, lanesThen });
  const search = aim === 'search' || aim === 'opinion' ? opinionFailed(context, event).change : {};
  return { change: { nowMs: atMs, trust: { ...trust, failures }, ...search }, orders: gone };
}

/** Every sample ends; what was asked is asked again when the download goes on. */
export function callOffSamples({ trust, search }: CoordinatorContext): Ruling {
  const orders: RulingOrder[] = [...trust.sampling.keys()].map((mirrorId) => ({ to: 'gone sample', mirrorId }));
  return { change: { trust: { ...trust, sampling: new Map() }, search: search === null ? null : unasked(search) }, orders };
}

const writtenSet = (context: CoordinatorContext): RangeSet => context.map.written.reduce((set, run) => add(set, run), EMPTY);

/** Mirrors with a new validator whose bytes have not been looked at yet. */
const newlyChanged = ({ doubted, trust }: CoordinatorContext): readonly number[] =>
  [...doubted].filter(([mirrorId, why]) => isOfDoubtfulVersion(why) && !trust.changed.has(mirrorId) && !trust.sampling.has(mirrorId)).map(([mirrorId]) => mirrorId);

/** Looks at the bytes of mirrors that have changed their validators, once their lanes have drained and they may be asked. */
export function recheckChanged(context: CoordinatorContext): Ruling {
  const rows = rowsOf(context);
  const due = newlyChanged(context).filter((mirrorId) => lanesAt(context.map, mirrorId) === 0 && rows.get(mirrorId)?.state !== 'failed' && !asksForPause(context, mirrorId));
  if (due.length === 0) return NOTHING;
  const { settings, map } = context;
  let { admitted, trust, doubted } = context;
  const orders: RulingOrder[] = [];
  for (const mirrorId of due) {
    const done = trust.rechecks.get(mirrorId) ?? 0;
    const isMoved = doubted.get(mirrorId) === 'moved';
    if (isMoved && map.written.length === 0) {
      // Nothing is there that it could be mixed with; or something is on its way, and is waited for.
      if (writtenBytes(map) === 0) doubted = withoutEntry(doubted, mirrorId);
      continue;
    }
    const ranges = recheckPlaces(writtenSet(context), map.totalBytes, settings.seed + done);
    const isKnown = isMoved || (rows.get(mirrorId)?.record.head?.validator ?? null) !== null;
    if (!isKnown || ranges.length === 0 || done >= RECHECKS_MAX || !context.servers.has(mirrorId)) {
      const sure = changedForSure({ ...context, admitted }, trust, mirrorId);
      trust = sure.change.trust ?? trust;
      admitted = sure.change.admitted ?? admitted;
      orders.push(...sure.orders);
      continue;
    }
    trust = { ...trust, sampling: withEntry(trust.sampling, mirrorId, 'recheck'), rechecks: withEntry(trust.rechecks, mirrorId, done + 1) };
    const input = { mirrorId, aim: 'recheck', ranges, blockBytes: map.totalBytes, inFile: ranges.map(() => true), totalBytes: map.totalBytes } as const;
    orders.push({ to: 'new sample', input });
  }
  return { change: { admitted, trust, doubted }, orders };
}
