import { BLOCK_MIN_BYTES } from '../../base/bounds.ts';
import { EMPTY, add, bytesIn, subtract } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import { formatBytes } from '../../base/units.ts';
import type { CoordinatorContext, Proof } from '../coordinator-context.ts';
import { bug } from '../plan/ending.ts';
import type { EndReason } from '../plan/ending.ts';
import { freed, isComplete, layMap, writtenBytes } from '../plan/segment-map.ts';
import type { Run, SegmentMap } from '../plan/segment-map.ts';
import { callOffSamples } from './on-samples.ts';
import { convictedBySearch } from './on-search.ts';
import { cancelWriters, inTurn, NOTHING, said } from './ruling.ts';
import type { Ruling } from './ruling.ts';

/** What an earlier run left that still counts. */
export interface RecoveredWork {
  readonly totalBytes: number;
  /** Runs of a mirror that is not among today's have the number 0. */
  readonly runs: readonly Run[];
  /** What today’s mirrors gave then without having been let in: it counts when they are. */
  readonly provisional?: readonly Run[];
  /** What of all that is to be read back first, because the machine was restarted since. */
  readonly unread?: RangeSet;
}

/** What an IO actor resolves to: it never rejects, so that a rejection is a bug and is trapped as one. */
export type Outcome<Done> = ({ readonly kind: 'done' } & Done) | { readonly kind: 'failed'; readonly reason: EndReason };

/** The outcome of an actor that broke instead of answering. */
export const trapped = (event: object): Outcome<object> => ({ kind: 'failed', reason: bug('error' in event ? event.error : event) });

/** An effect could not be had: the download stops for its reason. */
export const failedFor = (outcome: Outcome<object>): Ruling =>
  outcome.kind === 'failed' ? { change: {}, orders: [{ to: 'self', stopFor: outcome.reason }] } : NOTHING;

/** The map that an earlier run left. Where it has no gap and some of it is provisional, a little is left to ask for. */
function layMapOf({ totalBytes, runs, provisional = [] }: RecoveredWork): SegmentMap {
  const map = layMap(totalBytes, [...runs, ...provisional].sort((a, b) => a.start - b.start));
  const last = provisional.at(-1);
  return isComplete(map) && last !== undefined ? freed(map, { start: Math.max(last.start, last.end - BLOCK_MIN_BYTES), end: last.end }) : map;
}

/** The part file is open; the map begins with what an earlier run left. */
export function storeOpened(context: CoordinatorContext, outcome: Outcome<{ readonly recovered: RecoveredWork | null }>): Ruling {
  if (outcome.kind === 'failed' || outcome.recovered === null) return NOTHING;
  const { recovered } = outcome;
  const map = layMapOf(recovered);
  const recoveredBytes = writtenBytes(map);
  const unread = recovered.unread ?? EMPTY;
  const counting = unread.reduce((set, range) => subtract(set, range), recovered.runs.reduce((set: RangeSet, run) => add(set, run), EMPTY));
  const reading = unread.length === 0 ? '' : ` The machine was restarted since: ${formatBytes(bytesIn(unread))} of it are read back meanwhile.`;
  const why = `Going on from an earlier run: ${formatBytes(recoveredBytes)} of ${formatBytes(recovered.totalBytes)} are there.${reading}`;
  return {
    change: { map, trust: { ...context.trust, earlier: counting, unread } },
    orders: [
      ...(unread.length === 0 ? [] : [{ to: 'outside', effect: { type: 'disk.readBack' } } as const]),
      { to: 'outside', effect: { type: 'disk.settle', totalBytes: recovered.totalBytes } },
      said(context, 'resumed', why),
    ],
  };
}

export const pause = inTurn(
  (context) => ({ change: {}, orders: [...cancelWriters(context, 'cancelled'), said(context, 'paused', 'Paused: everything received is kept.')] }),
  callOffSamples,
);

/** The disk is full, and somebody is there who can make room. What to do then is not what the reason says, which is meant for an end. */
export const waitForRoom = (context: CoordinatorContext): Ruling => ({
  change: {},
  orders: [said(context, 'disk-full', 'There is no room left for the file on its disk. Everything received is kept: make room, then let it go on.')],
});

export const goOn = (context: CoordinatorContext): Ruling => ({
  change: { deliveredAtMs: context.nowMs },
  orders: [said(context, 'went-on', 'Going on.')],
});

/** The first reason to end is the one that is told. */
export const stop = (context: CoordinatorContext, reason: EndReason): Ruling =>
  inTurn(
    ({ ending }) => ({ change: { ending: ending ?? reason }, orders: [...cancelWriters(context, 'cancelled'), said(context, 'stopping', ending?.message ?? reason.message)] }),
    callOffSamples,
  )(context);

/** The same, where nothing else may end it any more. */
export const stopFor = (context: CoordinatorContext, outcome: Outcome<object>): Ruling =>
  outcome.kind === 'failed' ? stop(context, outcome.reason) : NOTHING;

export const clearWriters = (context: CoordinatorContext): Ruling => ({ change: {}, orders: cancelWriters(context, 'changed') });

/** What was proved of the file; a ruling on the verifier's answer. Where nothing was, it counts that the mirrors agreed. */
export function proved(context: CoordinatorContext, outcome: Outcome<{ readonly proof: Proof }>): Ruling {
  if (outcome.kind === 'failed') return NOTHING;
  if (outcome.proof !== 'none') return { change: { proof: outcome.proof }, orders: convictedBySearch(context) };
  if (context.settings.pieces !== undefined) return { change: { proof: 'pieces' }, orders: [] };
  return { change: { proof: context.trust.crossCheckedBytes > 0 ? 'cross-checked' : 'none' }, orders: [] };
}

/** The end as it came out: the keeper may add to the reason where the bytes were put. */
export const endedFor = (reason: EndReason): Ruling => ({ change: { ending: reason }, orders: [] });

/** The file stands under its name: every server has done its part. */
export const finished = (context: CoordinatorContext, outcome: Outcome<{ readonly path: string }>): Ruling => ({
  change: outcome.kind === 'failed' ? {} : { path: outcome.path },
  orders: [...context.servers.keys()].map((mirrorId) => ({ to: 'server', mirrorId, event: { type: 'server.finish' } })),
});
