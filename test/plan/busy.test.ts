import { describe, expect, test } from 'vitest';
import { BUSY_LANES_MAX, BUSY_SHARE, DISK_WAIT_MS, TICK_MS } from '../../src/base/bounds.ts';
import { newContext, policyOf } from '../../src/machines/coordinator-context.ts';
import type { CoordinatorContext } from '../../src/machines/coordinator-context.ts';
import type { ServerView } from '../../src/machines/plan/fleet.ts';
import { plan } from '../../src/machines/plan/planner.ts';
import { DEFAULT_POLICY, whenBusy } from '../../src/machines/plan/policy.ts';
import { grant, layMap } from '../../src/machines/plan/segment-map.ts';
import type { SegmentMap } from '../../src/machines/plan/segment-map.ts';
import { clockTicked } from '../../src/machines/rulings/on-clock.ts';
import { LoopLoad } from '../../src/wiring/loop-load.ts';

const MIB = 1024 * 1024;

const idle = (mirrorId: number): ServerView => ({ mirrorId, laneCap: 2, manner: 'range', rateBytesPerSec: MIB, roundTripMs: 20 });
const fleet = Array.from({ length: 8 }, (_, index) => idle(index + 1));

/** So many servers have a megabyte each. */
function mapWith(lanes: number): SegmentMap {
  let map = layMap(100 * MIB);
  for (let id = 1; id <= lanes; id += 1) map = grant(map, { segmentId: id, mirrorId: id, start: (id - 1) * MIB, end: id * MIB, manner: 'range', atMs: 0 });
  return map;
}

/** A download after ticks of which each says how busy the event loop was, and how often it was told that it is. */
function after(shares: readonly number[], lanes = 4): { readonly context: CoordinatorContext; readonly told: number } {
  let context: CoordinatorContext = { ...newContext({ mirrors: [], waitMs: 0, maxLanes: 2, seed: 1, atMs: 0 }), map: mapWith(lanes) };
  let told = 0;
  for (const [index, busyShare] of shares.entries()) {
    const { change, orders } = clockTicked(context, { type: 'clock.ticked', atMs: (index + 1) * TICK_MS, readings: [], busyShare });
    context = { ...context, ...change };
    told += orders.filter((order) => order.to === 'listeners' && order.decision.kind === 'machine-busy').length;
  }
  return { context, told };
}

describe('how busy our own event loop is', () => {
  /** A loop whose clock and times the test moves. */
  function loop(): { readonly load: LoopLoad; readonly work: (ms: number) => void; readonly wait: (ms: number) => void } {
    let nowMs = 0;
    let times = { active: 0, idle: 0 };
    const work = (ms: number): void => {
      nowMs += ms;
      times = { ...times, active: times.active + ms };
    };
    const wait = (ms: number): void => {
      nowMs += ms;
      times = { ...times, idle: times.idle + ms };
    };
    return { load: new LoopLoad(() => nowMs, () => times), work, wait };
  }

  test('is the share of the time since it was last asked that it was at work', () => {
    const { load, work, wait } = loop();
    work(30);
    wait(70);
    expect(load.shareSince()).toBeCloseTo(0.3);
    load.write(() => work(DISK_WAIT_MS - 1));
    expect(load.shareSince()).toBe(1);
    expect(load.shareSince()).toBe(0);
  });

  test('a write that waits for the disk is no work', () => {
    const { load, work } = loop();
    for (let count = 0; count < 4; count += 1) load.write(() => work(20));
    work(20);
    expect(load.shareSince()).toBeCloseTo(0.2);
    work(100);
    expect(load.shareSince()).toBe(1);
  });

  test('of a loop that waits it tells little, and of one that spins all', async () => {
    const load = new LoopLoad(() => performance.now());
    const untilMs = performance.now() + 20;
    while (performance.now() < untilMs);
    expect(load.shareSince()).toBeGreaterThan(BUSY_SHARE);
    await expect.poll(() => load.shareSince(), { interval: 50 }).toBeLessThan(BUSY_SHARE);
  });
});

describe('while our own event loop is what the download waits for', () => {
  test('no lane is added to those that fill it', () => {
    expect(plan(mapWith(BUSY_LANES_MAX), fleet, 9, 500, whenBusy(DEFAULT_POLICY)).steps).toEqual([]);
    expect(plan(mapWith(BUSY_LANES_MAX), fleet, 9, 500).steps.length).toBeGreaterThan(0);
  });

  test('a lane that ends makes room for another', () => {
    expect(plan(mapWith(BUSY_LANES_MAX - 1), fleet, 9, 500, whenBusy(DEFAULT_POLICY)).steps).toHaveLength(1);
  });

  test('one busy moment tells nothing, two in a row do, and one with time to spare ends it', () => {
    expect(policyOf(after([1]).context).lanesMax).toBe(DEFAULT_POLICY.lanesMax);
    expect(policyOf(after([1, 1]).context).lanesMax).toBe(BUSY_LANES_MAX);
    expect(policyOf(after([1, 0.5, 1]).context).lanesMax).toBe(DEFAULT_POLICY.lanesMax);
    expect(policyOf(after([1, 1, BUSY_SHARE - 0.01]).context).lanesMax).toBe(DEFAULT_POLICY.lanesMax);
  });

  test('that is told once, and only where somebody has to wait for it', () => {
    expect(after([1, 1, 1, 0, 1, 1, 1]).told).toBe(1);
    expect(after([1]).told).toBe(0);
    expect(after([1, 1, 1], BUSY_LANES_MAX).told).toBe(0);
  });
});
