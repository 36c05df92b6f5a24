import { describe, expect, test } from 'vitest';
import { pipesOf } from '../../src/machines/plan/fleet.ts';
import type { ServerView } from '../../src/machines/plan/fleet.ts';
import { leaseBytes } from '../../src/machines/plan/lease-size.ts';
import { plan } from '../../src/machines/plan/planner.ts';
import { DEFAULT_POLICY } from '../../src/machines/plan/policy.ts';
import { advanced, grant, layMap, opened } from '../../src/machines/plan/segment-map.ts';
import type { SegmentMap } from '../../src/machines/plan/segment-map.ts';

const MIB = 1024 * 1024;

/** Servers of one lane each, that count how often their rates are looked at. */
function fleetOf(count: number): { readonly servers: readonly ServerView[]; readonly looks: () => number } {
  let looks = 0;
  const servers = Array.from({ length: count }, (_, index): ServerView => ({
    mirrorId: index + 1,
    laneCap: 1,
    manner: 'range',
    roundTripMs: 5,
    get rateBytesPerSec() {
      looks += 1;
      return MIB;
    },
  }));
  return { servers, looks: () => looks };
}

/** A file of which the first `busy` servers have a megabyte each, half of it written. */
function mapWith(busy: number, totalBytes: number): SegmentMap {
  let map = layMap(totalBytes);
  for (let id = 1; id <= busy; id += 1) {
    map = opened(grant(map, { segmentId: id, mirrorId: id, start: (id - 1) * MIB, end: id * MIB, manner: 'range', atMs: 0 }), id, 0);
    map = advanced(map, [{ segmentId: id, writtenEnd: (id - 0.5) * MIB }], 500);
  }
  return map;
}

describe('with many servers', () => {
  test('a plan in which no lane is idle looks at nobody’s rate', () => {
    const { servers, looks } = fleetOf(64);
    expect(plan(mapWith(64, 1_000 * MIB), servers, 65, 500).steps).toEqual([]);
    expect(looks()).toBe(0);
  });

  test.each([
    ['free bytes are left', 1_000 * MIB, 'grant'],
    ['everything is in somebody’s hands', null, 'shrink'],
  ] as const)('one freed lane costs four times as many looks where there are four times as many servers, and no more (%s)', (_, totalBytes, kind) => {
    const looksOf = (count: number): number => {
      const { servers, looks } = fleetOf(count);
      const { steps } = plan(mapWith(count - 1, totalBytes ?? (count - 1) * MIB), servers, count, 500);
      expect(steps.map((step) => step.kind)).toEqual([kind]);
      return looks();
    };
    expect(looksOf(64)).toBeLessThanOrEqual(4 * looksOf(16));
  });

  test('leases last longer the more lanes are at work', () => {
    const leaseOf = (lanes: number): number => {
      const fleet = pipesOf(mapWith(lanes, 1_000 * MIB), fleetOf(lanes + 1).servers.map((server) => ({ ...server, laneCap: 2 })));
      const idle = fleet.at(-1);
      return idle === undefined ? 0 : leaseBytes(idle, fleet, MIB, 500, DEFAULT_POLICY);
    };
    expect(leaseOf(64)).toBeGreaterThan(2 * leaseOf(8));
  });
});
