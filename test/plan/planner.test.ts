import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROBE_BYTES } from '../../src/base/bounds.ts';
import type { ServerView } from '../../src/machines/plan/fleet.ts';
import { plan } from '../../src/machines/plan/planner.ts';
import { FOLLOWED_POLICY } from '../../src/machines/plan/policy.ts';
import type { PlanStep } from '../../src/machines/plan/planner.ts';
import { advanced, assertConserved, drained, grant, layMap, opened, UNKNOWN_TOTAL } from '../../src/machines/plan/segment-map.ts';
import type { SegmentMap } from '../../src/machines/plan/segment-map.ts';

const MIB = 1024 * 1024;

const server = (mirrorId: number, over: Partial<ServerView> = {}): ServerView => ({
  mirrorId,
  laneCap: 1,
  manner: 'range',
  rateBytesPerSec: MIB,
  roundTripMs: 20,
  ...over,
});

const kinds = (steps: readonly PlanStep[]): string[] => steps.map((step) => step.kind);

/** A map in which each server works on one segment at a known rate. */
function working(totalBytes: number, lanes: readonly { mirrorId: number; start: number; end: number; writtenEnd: number; rate: number }[]): SegmentMap {
  let map = layMap(totalBytes);
  for (const [index, lane] of lanes.entries()) {
    map = opened(grant(map, { segmentId: index + 1, manner: 'range', atMs: 0, ...lane }), index + 1, 1_000);
    map = advanced(map, [{ segmentId: index + 1, writtenEnd: lane.writtenEnd - lane.rate }], 2_000);
    map = advanced(map, [{ segmentId: index + 1, writtenEnd: lane.writtenEnd }], 3_000);
  }
  return map;
}

describe('the planner', () => {
  test('while the size is unknown, every server gets a probe of its own place', () => {
    const { steps } = plan(layMap(UNKNOWN_TOTAL), [server(1, { rateBytesPerSec: null }), server(2, { rateBytesPerSec: null })], 1, 0);
    expect(steps.map((step) => (step.kind === 'grant' ? [step.start, step.end] : null))).toEqual([
      [0, PROBE_BYTES],
      [PROBE_BYTES, 2 * PROBE_BYTES],
    ]);
  });

  test('a fast server gets more at a time than a slow one, and nobody gets all', () => {
    const { steps } = plan(layMap(100 * MIB), [server(1, { rateBytesPerSec: 8 * MIB }), server(2, { rateBytesPerSec: MIB })], 1, 0);
    const [fast, slow] = steps.map((step) => (step.kind === 'grant' ? step.end - step.start : 0));
    expect(fast).toBeGreaterThan(4 * (slow ?? 0));
    expect(fast).toBeLessThan(90 * MIB);
  });

  test('a server of several lanes gets half its share a lane, so that its next leases can be smaller; one that is alone gets more', () => {
    const first = (fleet: readonly ServerView[]): number => {
      const [step] = plan(layMap(100 * MIB), fleet, 1, 0).steps;
      return step?.kind === 'grant' ? step.end - step.start : 0;
    };
    expect(first([server(1, { rateBytesPerSec: 8 * MIB, laneCap: 2 }), server(2, { rateBytesPerSec: MIB })])).toBeLessThanOrEqual(25 * MIB);
    expect(first([server(1, { rateBytesPerSec: 8 * MIB, laneCap: 2 })])).toBe(37.5 * MIB);
  });

  test('a server that sends only the whole goes on with the next gap behind where its body stands, and begins anew with the lowest', () => {
    // Gaps at 0, 4 and 8 MiB, of a MiB each; the one at 4 MiB is what a failed server has left.
    let map = layMap(9 * MIB, [{ start: MIB, end: 4 * MIB, mirrorId: 9 }, { start: 5 * MIB, end: 8 * MIB, mirrorId: 9 }]);
    map = drained(grant(map, { segmentId: 1, mirrorId: 9, start: 4 * MIB, end: 5 * MIB, manner: 'range', atMs: 0 }), 1, 4 * MIB);
    const next = (bodyAt?: number): unknown => plan(map, [server(1, { manner: 'whole', ...(bodyAt === undefined ? {} : { bodyAt }) })], 2, 0).steps[0];
    expect(next()).toMatchObject({ kind: 'grant', start: 0, end: MIB });
    expect(next(MIB)).toMatchObject({ kind: 'regrant', segmentId: 1, start: 4 * MIB, end: 5 * MIB });
    // What rests begins before it: the free bytes behind come first.
    expect(next(4.5 * MIB)).toMatchObject({ kind: 'grant', start: 8 * MIB, end: 9 * MIB });
    expect(next(8.5 * MIB)).toMatchObject({ kind: 'grant', start: 8.5 * MIB, end: 9 * MIB });
    expect(next(9 * MIB)).toMatchObject({ kind: 'grant', start: 0, end: MIB });
  });

  test('what a failed server left is given out before anything new', () => {
    const map = drained(grant(layMap(100 * MIB), { segmentId: 1, mirrorId: 9, start: 0, end: 10 * MIB, manner: 'range', atMs: 0 }), 1, MIB);
    const { steps } = plan(map, [server(1)], 2, 0);
    expect(steps[0]).toMatchObject({ kind: 'regrant', segmentId: 1, mirrorId: 1, fromMirrorId: 9, start: MIB });
  });

  test('an idle server takes the tail of the segment that would finish last, so that both finish together', () => {
    const map = working(20 * MIB, [
      { mirrorId: 1, start: 0, end: 16 * MIB, writtenEnd: 6 * MIB, rate: MIB },
      { mirrorId: 2, start: 16 * MIB, end: 20 * MIB, writtenEnd: 19 * MIB, rate: MIB },
    ]);
    const { steps } = plan(map, [server(1), server(2), server(3, { rateBytesPerSec: 3 * MIB })], 3, 3_000);
    expect(kinds(steps)).toEqual(['shrink']);
    const cut = steps[0]?.kind === 'shrink' ? steps[0] : null;
    expect(cut?.segmentId).toBe(1);
    // 10 MiB are left at 1 and 3 MiB/s: a quarter stays, less what the thief's round trip costs.
    expect(16 * MIB - (cut?.end ?? 0)).toBeGreaterThan(7 * MIB);
    expect(16 * MIB - (cut?.end ?? 0)).toBeLessThan(8 * MIB);
  });

  test('where a digest follows, what holds the front up is taken before bytes far ahead are asked for', () => {
    const lanes = [{ mirrorId: 1, start: 0, end: 16 * MIB, writtenEnd: 6 * MIB, rate: MIB }];
    const far = working(1_024 * MIB, [...lanes, { mirrorId: 2, start: 16 * MIB, end: 300 * MIB, writtenEnd: 280 * MIB, rate: MIB }]);
    const near = working(1_024 * MIB, [...lanes, { mirrorId: 2, start: 16 * MIB, end: 200 * MIB, writtenEnd: 180 * MIB, rate: MIB }]);
    const fleet = [server(1), server(2), server(3, { rateBytesPerSec: 30 * MIB })];
    expect(kinds(plan(far, fleet, 3, 3_000, FOLLOWED_POLICY).steps)).toEqual(['shrink']);
    expect(kinds(plan(near, fleet, 3, 3_000, FOLLOWED_POLICY).steps)).toEqual(['grant']);
    expect(kinds(plan(far, fleet, 3, 3_000).steps)).toEqual(['grant']);
  });

  test('a lane with nobody to take from goes on, however far ahead that is', () => {
    const map = working(1_024 * MIB, [{ mirrorId: 1, start: 0, end: 300 * MIB, writtenEnd: 6 * MIB, rate: MIB }]);
    const { steps } = plan(map, [server(1, { laneCap: 2 }), server(2, { laneCap: 0 })], 2, 3_000, FOLLOWED_POLICY);
    expect(kinds(steps)).toEqual(['grant']);
  });

  test('all of a stalled lane’s rest is taken', () => {
    const map = working(8 * MIB, [{ mirrorId: 1, start: 0, end: 8 * MIB, writtenEnd: 5 * MIB + 123, rate: 0 }]);
    const { steps } = plan(map, [server(1, { rateBytesPerSec: 0 }), server(2)], 2, 3_000);
    expect(steps).toMatchObject([{ kind: 'shrink', segmentId: 1, fromMirrorId: 1, forMirrorId: 2, end: 5 * MIB + 123 }]);
  });

  test('where the only server that was measured trickles, one that nobody has measured is tried', () => {
    const map = working(3 * MIB, [{ mirrorId: 1, start: 0, end: 3 * MIB, writtenEnd: 3 * MIB - 65_000, rate: 1 }]);
    const { steps } = plan(map, [server(1, { rateBytesPerSec: 1 }), server(2, { rateBytesPerSec: null, roundTripMs: null })], 2, 3_000);
    expect(steps).toMatchObject([{ kind: 'shrink', segmentId: 1, forMirrorId: 2, end: 3 * MIB - 65_000 }]);
  });

  test('nothing is taken where a round trip costs more than it gains', () => {
    const map = working(MIB, [{ mirrorId: 1, start: 0, end: MIB, writtenEnd: MIB - 65_536, rate: MIB / 2 }]);
    expect(plan(map, [server(1), server(2, { roundTripMs: 200 })], 2, 3_000).steps).toEqual([]);
  });

  test('a slow server takes nothing where a faster one would be through with all that is left', () => {
    const lanes = [
      { mirrorId: 1, start: 0, end: 8 * MIB, writtenEnd: 6 * MIB, rate: MIB / 16 },
      { mirrorId: 2, start: 8 * MIB, end: 16 * MIB, writtenEnd: 14 * MIB, rate: 4 * MIB },
    ];
    const fleet = [server(1, { rateBytesPerSec: MIB / 16 }), server(2, { rateBytesPerSec: 4 * MIB })];
    expect(plan(working(16 * MIB, lanes), [...fleet, server(3, { rateBytesPerSec: MIB / 16 })], 3, 3_000).steps).toEqual([]);
    expect(kinds(plan(working(16 * MIB, lanes), [...fleet, server(3, { rateBytesPerSec: 2 * MIB })], 3, 3_000).steps)).toEqual(['shrink']);
  });

  test('a server that has delivered nothing is tried again, but not where the end would wait for its answer', () => {
    const silent = server(2, { rateBytesPerSec: 0, roundTripMs: 400, idleSinceMs: 0 });
    const busy = (leftBytes: number): SegmentMap => working(8 * MIB + leftBytes, [{ mirrorId: 1, start: 0, end: 8 * MIB, writtenEnd: 8 * MIB - 65_536, rate: MIB }]);
    expect(plan(busy(4 * MIB), [server(1), silent], 2, 3_000).steps).toMatchObject([{ kind: 'grant', mirrorId: 2 }]);
    expect(plan(busy(MIB / 4), [server(1), silent], 2, 3_000).steps).toEqual([]);
  });

  test('a server whose lanes all wait for their answers is no reason to spare another', () => {
    const map = grant(layMap(2 * MIB), { segmentId: 1, mirrorId: 1, start: MIB, end: 2 * MIB, manner: 'range', atMs: 0 });
    const fleet = [server(1, { rateBytesPerSec: null, roundTripMs: 8 }), server(2, { rateBytesPerSec: MIB, roundTripMs: 120 })];
    expect(plan(map, fleet, 2, 3_000).steps[0]).toMatchObject({ kind: 'grant', mirrorId: 2, start: 0 });
  });

  test('a server of one lane that is alone gets all there is', () => {
    expect(plan(layMap(100 * MIB), [server(1)], 1, 0).steps).toMatchObject([{ kind: 'grant', start: 0, end: 100 * MIB }]);
    const { steps } = plan(layMap(100 * MIB), [server(1), server(2)], 1, 0);
    expect(steps[0]?.kind === 'grant' ? steps[0].end : 0).toBeLessThan(50 * MIB);
  });

  test('a server that backs off gets nothing', () => {
    expect(plan(layMap(100 * MIB), [server(1, { laneCap: 0 })], 1, 0).steps).toEqual([]);
  });

  test('a server without ranges gets a gap whole, and alone while the size is unknown', () => {
    const { steps, map } = plan(layMap(UNKNOWN_TOTAL), [server(1, { manner: 'whole' })], 1, 0);
    expect(steps).toMatchObject([{ kind: 'grant', start: 0, end: UNKNOWN_TOTAL, manner: 'whole' }]);
    expect(plan(map, [server(1, { manner: 'whole' }), server(2)], 2, 0).steps).toEqual([]);
  });

  test('the same map and fleet give the same plan, every byte stays in one place, and no lane too many is used', () => {
    const views = fc.array(
      fc.record({ laneCap: fc.integer({ min: 0, max: 6 }), rate: fc.option(fc.integer({ min: 0, max: 50 * MIB })), roundTripMs: fc.integer({ min: 1, max: 500 }) }),
      { minLength: 1, maxLength: 20 },
    );
    fc.assert(
      fc.property(views, fc.integer({ min: 0, max: 2 ** 40 }), (list, totalBytes) => {
        const fleet = list.map(({ laneCap, rate, roundTripMs }, index) => server(index + 1, { laneCap, rateBytesPerSec: rate, roundTripMs }));
        const first = plan(layMap(totalBytes), fleet, 1, 0);
        expect(first).toEqual(plan(layMap(totalBytes), fleet, 1, 0));
        assertConserved(first.map);
        for (const { mirrorId, laneCap } of fleet) {
          expect([...first.map.held.values()].filter((held) => held.mirrorId === mirrorId).length).toBeLessThanOrEqual(laneCap);
        }
      }),
    );
  });
});
