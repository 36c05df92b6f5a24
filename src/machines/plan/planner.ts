/**
 * Who gets what next. A plan is a list of steps, each taken in the map before the next is thought of; the same map and
 * the same fleet give the same plan.
 */
import { lengthOf } from '../../base/range.ts';
import type { ByteRange } from '../../base/range.ts';
import { bytesIn } from '../../base/range-set.ts';
import { blockBytesOf, blockCeil } from './grid.ts';
import { byFinish, hasIdleLane, isAlone, lanesOf, pipesOf } from './fleet.ts';
import type { Pipe, ServerView } from './fleet.ts';
import { tooMuchInHand } from './hand-back.ts';
import { isWorthAsking, leaseBytes } from './lease-size.ts';
import { DEFAULT_POLICY } from './policy.ts';
import type { PlanPolicy } from './policy.ts';
import { askedToShrink, grant, regrant, sizeKnown, writtenFront } from './segment-map.ts';
import type { Holding, LeaseGrant, SegmentMap } from './segment-map.ts';
import { bestSteal, preyIn } from './steal.ts';
import type { Prey } from './steal.ts';
import { lanesAt } from './writers.ts';

export type PlanStep =
  /** A new segment of free bytes. */
  | ({ readonly kind: 'grant' } & LeaseGrant)
  /** A resting segment finds its new server. */
  | ({ readonly kind: 'regrant'; readonly fromMirrorId: number | null } & LeaseGrant)
  /** A segment is asked to end sooner, for a server or because its own has too much; its tail is given out when the lane has answered. */
  | { readonly kind: 'shrink'; readonly segmentId: number; readonly end: number; readonly fromMirrorId: number; readonly forMirrorId: number | null };

export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly map: SegmentMap;
  readonly nextSegmentId: number;
}

const leftInAll = (map: SegmentMap): number => {
  let sum = bytesIn(map.free);
  for (const holding of map.held.values()) sum += holding.end - holding.writtenEnd;
  return sum;
};

/** Where a lease that begins at `start` and may have `bytes` ends: on the grid, and never leaving a crumb behind. */
function leaseEnd(start: number, bytes: number, limit: number, blockBytes: number): number {
  const end = blockCeil(start + bytes, blockBytes);
  return end + blockBytes / 2 >= limit ? limit : end;
}

/** What a plan is drawn from. */
interface Desk {
  readonly servers: readonly ServerView[];
  readonly nowMs: number;
  readonly policy: PlanPolicy;
}

/** What could be given to a server next. */
interface Gap extends ByteRange {
  /** The segment that rests there; null where the bytes are free. */
  readonly resting: Holding | null;
}

const restingIn = (map: SegmentMap): readonly Holding[] => [...map.held.values()].filter((holding) => holding.mirrorId === null && holding.start < holding.end);

const restGap = (resting: Holding): Gap => ({ start: resting.start, end: resting.end, resting });
const freeGap = ({ start, end }: ByteRange): Gap => ({ start, end, resting: null });

/** A resting segment with something left goes first, and then the lowest free bytes. */
function gapIn(map: SegmentMap): Gap | undefined {
  const [resting] = restingIn(map);
  const [free] = map.free;
  return resting === undefined ? free && freeGap(free) : restGap(resting);
}

/**
 * A server without ranges sends the file from its start when it is asked: the next gap behind where its body stands costs
 * no more than what lies between, and what lies before is for the next pass, which begins with the lowest.
 */
function gapInPass(map: SegmentMap, bodyAt: number): Gap | undefined {
  const gaps = [...restingIn(map).map(restGap), ...map.free.map(freeGap)].sort((a, b) => a.start - b.start);
  for (const gap of gaps) {
    if (gap.start >= bodyAt) return gap;
    if (gap.resting === null && gap.end > bodyAt) return { ...gap, start: bodyAt };
  }
  return gaps[0];
}

/** A gap that takes a lane less than so many round trips is hardly worth one. */
const WORTH_ASKING_ROUND_TRIPS = 4;

/**
 * What a lane goes on with: a resting segment, or the lowest free bytes. But while a server's only lane asks, nobody
 * delivers: it leaves small free gaps to others as long as there is anything longer.
 */
function gapFor(pipe: Pipe, map: SegmentMap, bytes: number, { aheadMaxBytes, sparesLoneLanes }: PlanPolicy): Gap | undefined {
  const first = gapIn(map);
  const { laneCap, rateBytesPerSec: rate, roundTripMs } = pipe;
  const isAnyGood = laneCap > 1 || rate === null || aheadMaxBytes < Infinity || !sparesLoneLanes;
  if (first === undefined || first.resting !== null || isAnyGood) return first;
  const worthBytes = Math.min(bytes, (rate * WORTH_ASKING_ROUND_TRIPS * (roundTripMs ?? 0)) / 1_000);
  return freeGap(map.free.find((gap) => lengthOf(gap) >= worthBytes) ?? map.free.reduce((longest, gap) => (lengthOf(gap) > lengthOf(longest) ? gap : longest)));
}

function workFor(pipe: Pipe, fleet: readonly Pipe[], map: SegmentMap, nextSegmentId: number, { nowMs, policy }: Desk): PlanStep | null {
  const leftBytes = Math.min(leftInAll(map), policy.aheadMaxBytes);
  const bytes = leaseBytes(pipe, fleet, sizeKnown(map) ? leftBytes : null, nowMs, policy);
  const gap = pipe.manner === 'range' ? gapFor(pipe, map, bytes, policy) : gapInPass(map, pipe.bodyAt ?? 0);
  if (gap === undefined) return null;
  // Cut off at another's range, a stream of unknown length would look as if the file ended there.
  if (pipe.manner === 'whole' && !sizeKnown(map) && (gap.start > 0 || gap.end < map.totalBytes)) return null;
  const blockBytes = blockBytesOf(sizeKnown(map) ? map.totalBytes : 0);
  if (policy.sparesTheSlow && sizeKnown(map) && !isWorthAsking(pipe, fleet, leftBytes, Math.min(blockBytes, lengthOf(gap)), nowMs)) return null;
  const end = pipe.manner === 'whole' ? gap.end : leaseEnd(gap.start, bytes, gap.end, blockBytes);
  const lease = { mirrorId: pipe.mirrorId, start: gap.start, end, manner: pipe.manner, atMs: nowMs };
  const { resting } = gap;
  return resting === null
    ? { kind: 'grant', segmentId: nextSegmentId, ...lease }
    : { kind: 'regrant', segmentId: resting.segmentId, fromMirrorId: resting.failedMirrorId, ...lease };
}

/** Whether a place lies further ahead of the written front than is wanted. */
const isBeyond = (start: number, map: SegmentMap, aheadMaxBytes: number): boolean => aheadMaxBytes < Infinity && start - writtenFront(map) > aheadMaxBytes;

function nextStep(map: SegmentMap, nextSegmentId: number, desk: Desk): PlanStep | null {
  if (!desk.servers.some(({ mirrorId, laneCap }) => lanesAt(map, mirrorId) < laneCap)) return null;
  const fleet = pipesOf(map, desk.servers);
  const laneCount = lanesOf(fleet);
  // While nobody knows where the file ends, a server that sends it whole has it to itself.
  const aloneOnStream = !sizeKnown(map) && [...map.held.values()].some((each) => each.manner === 'whole' && each.mirrorId !== null);
  if (laneCount >= desk.policy.lanesMax || aloneOnStream) return null;
  const tooMuch = desk.policy.handsBack && sizeKnown(map) ? tooMuchInHand(fleet, leftInAll(map), desk.nowMs) : null;
  if (tooMuch !== null && tooMuch.mirrorId !== null) return { kind: 'shrink', segmentId: tooMuch.segmentId, end: tooMuch.writtenEnd, fromMirrorId: tooMuch.mirrorId, forMirrorId: null };
  const blockBytes = blockBytesOf(sizeKnown(map) ? map.totalBytes : 0);
  const next = gapIn(map);
  const idle = fleet.filter(hasIdleLane).sort(byFinish(next === undefined ? blockBytes : Math.min(blockBytes, lengthOf(next))));
  // A tail that is on its way to an idle server is enough for it: it need not ask for two.
  let tailsOnTheWay = [...map.held.values()].filter((holding) => holding.askedEnd !== null).length;
  const isFarAhead = next !== undefined && isBeyond(next.start, map, desk.policy.aheadMaxBytes);
  let prey: readonly Prey[] | null = null;
  for (const pipe of idle) {
    const work = workFor(pipe, fleet, map, nextSegmentId, desk);
    // One that is alone has nobody else's range to bring the front on with.
    if (work !== null && (!isFarAhead || isAlone(pipe, fleet))) return work;
    if (tailsOnTheWay > 0) {
      tailsOnTheWay -= 1;
      continue;
    }
    // What is cut off is free for all. Cut to the measure of a slow server, it would come to a fast one in many small parts.
    const isSpared = desk.policy.sparesTheSlow && !isWorthAsking(pipe, fleet, leftInAll(map), blockBytes, desk.nowMs);
    const maySteal = desk.policy.steals && sizeKnown(map) && pipe.manner === 'range' && !isSpared;
    if (maySteal) prey ??= preyIn(fleet, desk.nowMs);
    const steal = maySteal && prey !== null ? bestSteal(pipe, prey, blockBytes, Math.max(desk.policy.stealGainMinMs, desk.policy.stealGainMinMsPerLane * laneCount)) : null;
    // What is free and was not worth taking waits for a better server: no single block is taken from others beside it, or
    // they would be cut off one by one without end.
    const tailBytes = steal === null ? 0 : (map.held.get(steal.segmentId)?.end ?? steal.end) - steal.end;
    if (steal !== null && (work !== null || next === undefined || tailBytes > blockBytes)) return { kind: 'shrink', ...steal, forMirrorId: pipe.mirrorId };
    if (work !== null) return work;
  }
  return null;
}

function taken(map: SegmentMap, step: PlanStep): SegmentMap {
  switch (step.kind) {
    case 'grant':
      return grant(map, step);
    case 'regrant':
      return regrant(map, step);
    case 'shrink':
      return askedToShrink(map, step.segmentId, step.end);
  }
}

/** All the steps that are worth taking now, and the map after them. */
export function plan(map: SegmentMap, servers: readonly ServerView[], nextSegmentId: number, nowMs: number, policy: PlanPolicy = DEFAULT_POLICY): Plan {
  const desk: Desk = { servers, nowMs, policy };
  const steps: PlanStep[] = [];
  let planned = map;
  let nextId = nextSegmentId;
  for (let step = nextStep(planned, nextId, desk); step !== null; step = nextStep(planned, nextId, desk)) {
    steps.push(step);
    planned = taken(planned, step);
    if (step.kind === 'grant') nextId += 1;
  }
  return { steps, map: planned, nextSegmentId: nextId };
}
