import { expect, test } from 'vitest';
import type { ServerView } from '../../src/machines/plan/fleet.ts';
import { plan } from '../../src/machines/plan/planner.ts';
import { advanced, drained, grant, layMap, opened, released, shrunk } from '../../src/machines/plan/segment-map.ts';
import type { SegmentMap } from '../../src/machines/plan/segment-map.ts';

const MIB = 1024 * 1024;

const server = (mirrorId: number, rateBytesPerSec: number | null): ServerView => ({ mirrorId, laneCap: 1, manner: 'range', rateBytesPerSec, roundTripMs: 2 });

/** Plans, and answers every shrink at once as a lane does that has not written a byte, until nothing more is planned. */
function turnsUntilQuiet(map: SegmentMap, fleet: readonly ServerView[], nowMs: number): number {
  let now = map;
  let nextSegmentId = 10;
  for (let turn = 1; turn < 100; turn += 1) {
    const drawn = plan(now, fleet, nextSegmentId, nowMs);
    if (drawn.steps.length === 0) return turn;
    ({ map: now, nextSegmentId } = drawn);
    for (const step of drawn.steps) {
      if (step.kind !== 'shrink') continue;
      now = shrunk(now, step.segmentId, step.end);
      const holding = now.held.get(step.segmentId);
      if (holding !== undefined && holding.start === holding.end) now = released(drained(now, step.segmentId, step.end), step.segmentId);
    }
  }
  return Infinity;
}

test('servers that nobody has measured do not take one range from each other for ever', () => {
  // Server 3 is known and at work; 1 has the range that 2, idle, might want.
  let map = layMap(2 * MIB);
  map = grant(map, { segmentId: 1, mirrorId: 1, start: 0, end: MIB, manner: 'range', atMs: 0 });
  map = opened(grant(map, { segmentId: 2, mirrorId: 3, start: MIB, end: 2 * MIB, manner: 'range', atMs: 0 }), 2, 2);
  expect(turnsUntilQuiet(map, [server(1, null), server(2, null), server(3, 8 * MIB)], 5)).toBeLessThan(10);
});

test('what was given out this moment is not taken back in it, however busy its server is', () => {
  // Server 1 is the faster, with a long backlog on its other lane: both rules would have the small range, each its way.
  let map = layMap(20 * MIB + 70_000);
  map = opened(grant(map, { segmentId: 1, mirrorId: 1, start: 0, end: 20 * MIB, manner: 'range', atMs: 0 }), 1, 2);
  const fleet = [{ ...server(1, 2 * MIB), laneCap: 2 }, { ...server(2, MIB), laneCap: 2 }];
  expect(turnsUntilQuiet(map, fleet, 1_000)).toBeLessThan(10);
});

test('a range whose server does not answer goes to one that does', () => {
  const map = grant(layMap(MIB), { segmentId: 1, mirrorId: 1, start: 0, end: MIB, manner: 'range', atMs: 0 });
  const fleet = [server(1, null), server(2, 8 * MIB)];
  // At first it may well answer.
  expect(plan(map, fleet, 2, 1).steps).toEqual([]);
  expect(plan(map, fleet, 2, 1_000).steps).toMatchObject([{ kind: 'shrink', segmentId: 1, end: 0, forMirrorId: 2 }]);
});

test('what little a lane has left goes to another server when the lane has fallen silent, however fast it was', () => {
  let map = opened(grant(layMap(MIB), { segmentId: 1, mirrorId: 1, start: 0, end: MIB, manner: 'range', atMs: 0 }), 1, 2);
  map = advanced(map, [{ segmentId: 1, writtenEnd: MIB - 10_000 }], 1_000);
  const fleet = [server(1, MIB), server(2, MIB)];
  expect(plan(map, fleet, 2, 1_200).steps).toEqual([]);
  expect(plan(map, fleet, 2, 1_400).steps).toMatchObject([{ kind: 'shrink', segmentId: 1, end: MIB - 10_000, forMirrorId: 2 }]);
});

/** One lane of two is at work on all of the file, at 4 MiB/s. */
function loneLane(leftBytes: number): SegmentMap {
  const map = opened(grant(layMap(8 * MIB + leftBytes), { segmentId: 1, mirrorId: 1, start: 0, end: 8 * MIB + leftBytes, manner: 'range', atMs: 0 }), 1, 0);
  return advanced(map, [{ segmentId: 1, writtenEnd: 8 * MIB }], 2_000);
}

/** A second server, with nothing to do and too slow to be of use. */
const other = { ...server(2, 1), laneCap: 1 };

test('where each lane gets only so much, an idle one of the same server takes half of what another has left', () => {
  const slowLanes = [{ ...server(1, 4 * MIB), laneCap: 2, payingLanes: 2 }, other];
  expect(plan(loneLane(40 * MIB), slowLanes, 2, 2_000).steps).toMatchObject([{ kind: 'shrink', segmentId: 1, end: 28 * MIB, fromMirrorId: 1, forMirrorId: 1 }]);
});

test('and not where hardly anything is left', () => {
  expect(plan(loneLane(2 * MIB), [{ ...server(1, 4 * MIB), laneCap: 2, payingLanes: 2 }, other], 2, 2_000).steps).toEqual([]);
});

test('where that is not known, a lane that would go on for long is shared to find it out, beside other servers or not', () => {
  const untried = { ...server(1, 4 * MIB), laneCap: 2, payingLanes: 1 };
  for (const fleet of [[untried], [untried, other]]) {
    expect(plan(loneLane(40 * MIB), fleet, 2, 2_000).steps).toMatchObject([{ kind: 'shrink', end: 28 * MIB, forMirrorId: 1 }]);
    expect(plan(loneLane(4 * MIB), fleet.map((each) => ({ ...each, roundTripMs: 50 })), 2, 2_000).steps).toEqual([]);
  }
});
