import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  advanced,
  askedToShrink,
  assertConserved,
  drained,
  forgotten,
  freed,
  givenAnew,
  grant,
  isComplete,
  layMap,
  opened,
  regrant,
  released,
  settleTotal,
  shrunk,
  UNKNOWN_TOTAL,
  writtenBytes,
  writtenFront,
} from '../../src/machines/plan/segment-map.ts';
import type { SegmentMap } from '../../src/machines/plan/segment-map.ts';

const lease = (segmentId: number, mirrorId: number, start: number, end: number) => ({ segmentId, mirrorId, start, end, manner: 'range' as const, atMs: 0 });
const reading = (segmentId: number, writtenEnd: number) => [{ segmentId, writtenEnd }];

describe('the segment map', () => {
  test('a range goes from free to held to written, and each byte is in one place', () => {
    let map = layMap(100);
    map = grant(map, lease(1, 7, 0, 60));
    map = opened(map, 1, 1);
    map = advanced(map, reading(1, 40), 2);
    expect(writtenBytes(map)).toBe(40);
    map = released(drained(map, 1, 60), 1);
    expect(map.written).toEqual([{ start: 0, end: 60, mirrorId: 7 }]);
    expect(map.free).toEqual([{ start: 60, end: 100 }]);
    assertConserved(map);
  });

  test('a failed segment keeps what came of it and rests with the remainder', () => {
    let map = grant(layMap(100), lease(1, 7, 0, 100));
    map = drained(map, 1, 30);
    const resting = map.held.get(1);
    expect(resting).toMatchObject({ mirrorId: null, failedMirrorId: 7, start: 30, end: 100 });
    map = regrant(map, lease(1, 8, 30, 80));
    expect(map.free).toEqual([{ start: 80, end: 100 }]);
    assertConserved(map);
  });

  test('a shrink changes the map only when the lane has answered, and never below what is written', () => {
    let map = opened(grant(layMap(100), lease(1, 7, 0, 100)), 1, 1);
    map = advanced(map, reading(1, 50), 2);
    map = askedToShrink(map, 1, 20);
    expect(map.free).toEqual([]);
    map = shrunk(map, 1, 20);
    expect(map.held.get(1)?.end).toBe(50);
    expect(map.free).toEqual([{ start: 50, end: 100 }]);
    assertConserved(map);
  });

  test('a reading of a lease that has moved on changes nothing', () => {
    const map = grant(layMap(100), lease(1, 7, 0, 100));
    expect(advanced(map, reading(1, 50), 2).held.get(1)?.writtenEnd).toBe(0);
    expect(advanced(map, reading(9, 50), 2)).toEqual(map);
    const ahead = advanced(opened(map, 1, 1), reading(1, 50), 2);
    expect(advanced(ahead, reading(1, 40), 3).held.get(1)?.writtenEnd).toBe(50);
  });

  test('the size, once known, cuts off what lies beyond it', () => {
    let map = grant(grant(layMap(UNKNOWN_TOTAL), lease(1, 1, 0, 64)), lease(2, 2, 64, 128));
    map = settleTotal(map, 80);
    assertConserved(map);
    expect(map.held.get(2)).toMatchObject({ start: 64, end: 80 });
    map = settleTotal(grant(layMap(UNKNOWN_TOTAL), lease(1, 1, 64, 128)), 10);
    assertConserved(map);
    expect(map.held.get(1)).toMatchObject({ start: 10, end: 10 });
  });

  test('what a refused mirror gave is free again, and nothing of the others is', () => {
    let map = layMap(30, [
      { start: 0, end: 10, mirrorId: 1 },
      { start: 10, end: 20, mirrorId: 2 },
      { start: 20, end: 30, mirrorId: 1 },
    ]);
    expect(isComplete(map)).toBe(true);
    map = forgotten(map, 1);
    expect(map.written).toEqual([{ start: 10, end: 20, mirrorId: 2 }]);
    expect(bytesOf(map)).toBe(20);
    assertConserved(map);
  });

  test('what an earlier run left is so until it is free again or another’s', () => {
    let map = layMap(60, [
      { start: 0, end: 20, mirrorId: 1 },
      { start: 20, end: 40, mirrorId: 2 },
    ]);
    expect(map.recovered).toEqual([{ start: 0, end: 40 }]);
    map = freed(map, { start: 5, end: 10 });
    map = drained(grant(map, lease(1, 1, 5, 10)), 1, 10);
    expect(map.recovered).toEqual([{ start: 0, end: 5 }, { start: 10, end: 40 }]);
    map = givenAnew(map, { start: 0, end: 2 }, 3);
    expect(map.recovered).toEqual([{ start: 2, end: 5 }, { start: 10, end: 40 }]);
    map = givenAnew(map, { start: 0, end: 1 }, 0);
    expect(map.recovered).toEqual([{ start: 0, end: 1 }, { start: 2, end: 5 }, { start: 10, end: 40 }]);
    map = forgotten(map, 2, [{ start: 25, end: 30 }]);
    expect(map.recovered).toEqual([{ start: 0, end: 1 }, { start: 2, end: 5 }, { start: 10, end: 20 }, { start: 25, end: 30 }]);
    assertConserved(map);
  });

  test('the written front is up to where a digest can follow', () => {
    let map = layMap(100, [{ start: 0, end: 10, mirrorId: 0 }]);
    map = opened(grant(map, lease(1, 7, 10, 50)), 1, 1);
    map = advanced(map, reading(1, 25), 2);
    expect(writtenFront(map)).toBe(25);
  });

  test('a map that has lost a byte is found out', () => {
    const map = grant(layMap(100), lease(1, 7, 0, 60));
    expect(() => assertConserved({ ...map, free: [{ start: 61, end: 100 }] })).toThrow('lost its balance');
  });
});

const bytesOf = (map: SegmentMap): number => map.free.reduce((sum, range) => sum + range.end - range.start, 0);

test('whatever happens to segments, no byte is lost and none is in two places', () => {
  const step = fc.record({
    kind: fc.constantFrom('grant', 'open', 'advance', 'shrink', 'drain', 'release', 'regrant', 'forget'),
    segmentId: fc.integer({ min: 1, max: 6 }),
    mirrorId: fc.integer({ min: 1, max: 3 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let map = layMap(1_000);
      for (const { kind, segmentId, mirrorId, share } of steps) {
        const held = map.held.get(segmentId);
        const at = (from: number, to: number): number => from + Math.floor((to - from) * share);
        const gap = map.free[0];
        if (kind === 'grant' && held === undefined && gap !== undefined) map = grant(map, lease(segmentId, mirrorId, gap.start, Math.max(gap.start + 1, at(gap.start, gap.end))));
        if (kind === 'open') map = opened(map, segmentId, 1);
        if (kind === 'advance' && held !== undefined) map = advanced(map, reading(segmentId, at(held.writtenEnd, held.end)), 2);
        if (kind === 'shrink' && held !== undefined) map = shrunk(map, segmentId, at(held.start, held.end));
        if (kind === 'drain' && held !== undefined) map = drained(map, segmentId, at(held.writtenEnd, held.end));
        if (kind === 'release' && held?.mirrorId === null) map = released(map, segmentId);
        if (kind === 'regrant' && held?.mirrorId === null) map = regrant(map, lease(segmentId, mirrorId, held.start, at(held.start, held.end)));
        if (kind === 'forget') map = forgotten(map, mirrorId);
        assertConserved(map);
        expectDisjoint(map);
      }
    }),
  );
});

function expectDisjoint(map: SegmentMap): void {
  const all = [...map.free, ...map.written, ...map.held.values()].filter((range) => range.start < range.end).sort((a, b) => a.start - b.start);
  for (const [index, range] of all.entries()) expect(range.end).toBeLessThanOrEqual(all[index + 1]?.start ?? Infinity);
}
