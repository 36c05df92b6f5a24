import { expect, test } from 'vitest';
import type { ServerView } from '../../src/machines/plan/fleet.ts';
import { plan } from '../../src/machines/plan/planner.ts';
import type { PlanStep } from '../../src/machines/plan/planner.ts';
import { DEFAULT_POLICY } from '../../src/machines/plan/policy.ts';
import { advanced, drained, grant, layMap, opened, released } from '../../src/machines/plan/segment-map.ts';
import type { SegmentMap } from '../../src/machines/plan/segment-map.ts';

const MIB = 1024 * 1024;
const NOW_MS = 2_000;

const server = (mirrorId: number, rateBytesPerSec: number, over: Partial<ServerView> = {}): ServerView => ({
  mirrorId,
  laneCap: 3,
  manner: 'range',
  rateBytesPerSec,
  roundTripMs: 20,
  askedAtMs: 0,
  ...over,
});

/** A slow server has three leases of 1 MiB, of which 100, 200 and 300 KiB have come, and a fast one works beside it. */
function slowBesideFast(): SegmentMap {
  let map = layMap(100 * MIB);
  for (const segmentId of [1, 2, 3]) {
    map = opened(grant(map, { segmentId, mirrorId: 1, start: (segmentId - 1) * MIB, end: segmentId * MIB, manner: 'range', atMs: 0 }), segmentId, 20);
    map = advanced(map, [{ segmentId, writtenEnd: (segmentId - 1) * MIB + segmentId * 100 * 1024 }], NOW_MS);
  }
  return opened(grant(map, { segmentId: 4, mirrorId: 2, start: 3 * MIB, end: 40 * MIB, manner: 'range', atMs: 0 }), 4, 20);
}

const shrinks = (steps: readonly PlanStep[]): PlanStep[] => steps.filter(({ kind }) => kind === 'shrink');

test('a server that has more in hand than it can give gives back, as a whole, what is furthest from its end', () => {
  const { steps } = plan(slowBesideFast(), [server(1, 100 * 1024), server(2, 10 * MIB)], 5, NOW_MS);
  expect(shrinks(steps)).toEqual([
    { kind: 'shrink', segmentId: 1, end: 100 * 1024, fromMirrorId: 1, forMirrorId: null },
  ]);
  // What it has given back it is not given again.
  expect(steps.filter((step) => step.kind === 'grant' && step.mirrorId === 1)).toEqual([]);
});

test('…but nothing that it was given when it was known, for it may be as fast again; nothing while its connections may still be starting, nor where it is no slower than the rest', () => {
  expect(shrinks(plan(slowBesideFast(), [server(1, 100 * 1024, { roundTripMs: 600 }), server(2, 10 * MIB)], 5, NOW_MS).steps)).toEqual([]);
  expect(shrinks(plan(slowBesideFast(), [server(1, 100 * 1024, { askedAtMs: -3_000 }), server(2, 10 * MIB)], 5, NOW_MS).steps)).toEqual([]);
  expect(shrinks(plan(slowBesideFast(), [server(1, MIB), server(2, MIB)], 5, NOW_MS).steps)).toEqual([]);
});

/** A gap of 128 KiB, and most of the file behind it. */
function withSmallGap(): SegmentMap {
  const leased = grant(layMap(100 * MIB), { segmentId: 1, mirrorId: 9, start: 128 * 1024, end: MIB, manner: 'range', atMs: 0 });
  return released(drained(leased, 1, MIB), 1);
}

test('the only lane of a far server leaves a small gap to others, who take the lowest', () => {
  const [far, near] = [server(1, 8 * MIB, { laneCap: 1, roundTripMs: 200 }), server(2, MIB, { laneCap: 1, roundTripMs: 5 })];
  expect(plan(withSmallGap(), [far], 2, NOW_MS).steps[0]).toMatchObject({ kind: 'grant', start: MIB });
  expect(plan(withSmallGap(), [near], 2, NOW_MS).steps[0]).toMatchObject({ kind: 'grant', start: 0 });
  expect(plan(withSmallGap(), [far], 2, NOW_MS, { ...DEFAULT_POLICY, aheadMaxBytes: 256 * MIB }).steps[0]).toMatchObject({ kind: 'grant', start: 0 });
});

test('while a server may still be starting, nobody is given more than two seconds’ work', () => {
  const starting = grant(layMap(400 * MIB), { segmentId: 1, mirrorId: 1, start: 0, end: MIB, manner: 'range', atMs: NOW_MS - 50 });
  const fleet = (askedAtMs: number): readonly ServerView[] => [server(1, MIB, { laneCap: 1, roundTripMs: 300, askedAtMs }), server(2, 4 * MIB, { laneCap: 1 })];
  const given = (askedAtMs: number): number => plan(starting, fleet(askedAtMs), 2, NOW_MS).steps.reduce((sum, step) => (step.kind === 'grant' ? sum + step.end - step.start : sum), 0);
  expect(given(NOW_MS - 900)).toBeLessThanOrEqual(8 * MIB);
  expect(given(0)).toBeGreaterThan(100 * MIB);
});
