import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BACKOFF_MAX_MS, BACKOFF_MIN_MS, LIES_FORGIVEN, QUICK_RETRY_MAX_MS, RATE_WINDOW_MS, REFUSED_MAX_MS, RETRY_AFTER_MAX_MS, STALL_TIMEOUT_MS } from '../../src/base/bounds.ts';
import { backoffMs, quickRetryMs } from '../../src/machines/plan/backoff.ts';
import { verdictOn } from '../../src/machines/plan/fault-verdict.ts';
import { blockBytesOf, blockCeil } from '../../src/machines/plan/grid.ts';
import { lanesAtStart, lanesBrokenOff, lanesNow, lanesRefused, reviewedLanes } from '../../src/machines/plan/lanes.ts';
import type { LaneBounds } from '../../src/machines/plan/lanes.ts';
import { nextRandom } from '../../src/machines/plan/random.ts';
import { measured, NO_SAMPLES, rateBytesPerSec } from '../../src/machines/plan/rate-meter.ts';
import { grant, layMap, opened } from '../../src/machines/plan/segment-map.ts';
import { stalledSegments } from '../../src/machines/plan/stall.ts';
import { countVotes } from '../../src/machines/plan/vote.ts';

describe('backing off', () => {
  test('a failing server is asked at most once a second, and found within five seconds of its return', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (strikes, random) => {
        const ms = backoffMs('unavailable', strikes, 0, random);
        expect(ms).toBeGreaterThanOrEqual(BACKOFF_MIN_MS);
        expect(ms).toBeLessThan(5_000);
      }),
    );
  });

  test('the pause doubles until its longest', () => {
    expect([1, 2, 3, 4].map((strikes) => backoffMs('unavailable', strikes, 0, 0))).toEqual([1_000, 2_000, BACKOFF_MAX_MS, BACKOFF_MAX_MS]);
  });

  test('where nobody listens it stays short', () => {
    expect([1, 2, 3, 4].map((strikes) => backoffMs('refused', strikes, 0, 0))).toEqual([1_000, REFUSED_MAX_MS, REFUSED_MAX_MS, REFUSED_MAX_MS]);
  });

  test('Retry-After is honoured, up to an hour', () => {
    expect(backoffMs('unavailable', 1, 7_000, 0)).toBe(7_000);
    expect(backoffMs('unavailable', 1, 10, 0)).toBe(1_000);
    expect(backoffMs('unavailable', 1, 1e12, 0)).toBe(RETRY_AFTER_MAX_MS);
  });

  test('the same seed gives the same jitter, and numbers in [0, 1)', () => {
    let seed = 42;
    for (let round = 0; round < 1_000; round += 1) {
      const next = nextRandom(seed);
      expect(next).toEqual(nextRandom(seed));
      expect(next.value).toBeGreaterThanOrEqual(0);
      expect(next.value).toBeLessThan(1);
      seed = next.seed;
    }
  });
});

describe('one that breaks off in the middle of a body', () => {
  test('is asked again at once', () => {
    expect(quickRetryMs(Infinity, 5, 0.99)).toBeLessThanOrEqual(QUICK_RETRY_MAX_MS);
  });

  test('and not more than once a second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: BACKOFF_MIN_MS }), fc.integer({ min: 0, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (sinceFailedMs, sinceAskedMs, random) => {
        expect(sinceAskedMs + quickRetryMs(sinceFailedMs, sinceAskedMs, random)).toBeGreaterThanOrEqual(BACKOFF_MIN_MS);
      }),
    );
  });
});

describe('a fault’s verdict', () => {
  test('a network fault is a strike only when no lane delivers', () => {
    expect(verdictOn('reset', false, 0, 0)).toBe('back-off');
    expect(verdictOn('reset', true, 0, 0)).toBe('back-off');
    expect(verdictOn('reset', false, 1, 0)).toBe('fewer-lanes');
    expect(verdictOn('too-many-requests', false, 3, 0)).toBe('fewer-lanes');
  });

  test('a lane that breaks off beside others was none too many', () => {
    expect(verdictOn('reset', true, 1, 0)).toBe('go-on');
  });

  test('wrong answers are forgiven a few times, then never', () => {
    expect(verdictOn('wrong-range', false, 0, 0)).toBe('back-off');
    expect(verdictOn('wrong-range', false, 0, LIES_FORGIVEN)).toBe('quarantine');
  });

  test.each([
    ['not-found', 'retire'],
    ['tls-failed', 'retire'],
    ['wrong-encoding', 'retire'],
    ['no-ranges', 'stand-by'],
    ['other-size', 'go-on'],
    ['cancelled', 'go-on'],
    ['disk-full', 'go-on'],
  ] as const)('%s leads to %s', (code, verdict) => {
    expect(verdictOn(code, false, 0, 0)).toBe(verdict);
  });
});

describe('the grid', () => {
  test('blocks are 64 KiB up to 4 GiB, and never more than 65,536', () => {
    expect(blockBytesOf(1)).toBe(65_536);
    expect(blockBytesOf(4 * 1024 ** 3)).toBe(65_536);
    expect(blockBytesOf(4 * 1024 ** 3 + 1)).toBe(131_072);
    expect(Number.MAX_SAFE_INTEGER / blockBytesOf(Number.MAX_SAFE_INTEGER)).toBeLessThanOrEqual(65_536);
    expect(blockCeil(65_537, 65_536)).toBe(131_072);
  });
});

describe('a rate', () => {
  test('is the mean over the window, and falls to nothing within it', () => {
    let meter = NO_SAMPLES;
    for (let atMs = 0; atMs <= 10_000; atMs += 100) meter = measured(meter, { atMs, bytes: Math.min(atMs, 5_000) * 10 });
    expect(rateBytesPerSec(meter)).toBe(0);
    expect(meter.length).toBeLessThanOrEqual(RATE_WINDOW_MS / 100 + 2);
  });

  test('is unknown from one reading', () => {
    expect(rateBytesPerSec(measured(NO_SAMPLES, { atMs: 5, bytes: 5 }))).toBeNull();
  });
});

describe('lanes', () => {
  const few: LaneBounds = { maxLanes: 6, isOneOfMany: false };

  test('a long round trip gets more lanes at once, never more than allowed', () => {
    expect(lanesAtStart(1, few, 0).cap).toBe(2);
    expect(lanesAtStart(300, few, 0).cap).toBe(6);
    expect(lanesAtStart(300, { ...few, maxLanes: 1 }, 0).cap).toBe(1);
  });

  test('one of many servers begins with one lane where its round trip is hardly felt', () => {
    const many = { ...few, isOneOfMany: true };
    expect(lanesAtStart(1, many, 0).cap).toBe(1);
    expect(lanesAtStart(100, many, 0).cap).toBe(lanesAtStart(100, few, 0).cap);
  });

  test('two more lanes are tried, and as many kept as add 5 % each', () => {
    const full = { maxLanes: 6, measurableSinceMs: 0, mayTryMore: true };
    const trial = reviewedLanes(lanesAtStart(1, few, 0), { atMs: 5_000, rateBytesPerSec: 1_000, liveLanes: 2, ...full });
    expect(trial.cap).toBe(4);
    const after = (rateBytesPerSec: number): number => reviewedLanes(trial, { atMs: 10_000, rateBytesPerSec, liveLanes: 4, ...full }).cap;
    expect([1_010, 1_060, 1_110].map(after)).toEqual([2, 3, 6]);
  });

  test('none is tried where many are at work already', () => {
    const full = { maxLanes: 6, measurableSinceMs: 0, rateBytesPerSec: 1_000, liveLanes: 2, atMs: 5_000 };
    expect([true, false].map((mayTryMore) => reviewedLanes(lanesAtStart(1, few, 0), { ...full, mayTryMore }).cap)).toEqual([4, 2]);
  });

  test('nothing is concluded before all of them have been at work for a while', () => {
    const full = { maxLanes: 6, rateBytesPerSec: 1_000, measurableSinceMs: 5_000, mayTryMore: true };
    expect(reviewedLanes(lanesAtStart(1, few, 0), { atMs: 5_700, liveLanes: 2, ...full }).cap).toBe(2);
    expect(reviewedLanes(lanesAtStart(1, few, 0), { atMs: 9_000, liveLanes: 1, ...full }).cap).toBe(2);
  });

  test('a server that refuses a lane is left with those it has', () => {
    const refused = lanesRefused(lanesAtStart(300, few, 0), 1, null, 1_000);
    expect(refused.cap).toBe(1);
    expect(reviewedLanes(refused, { atMs: 10_000, measurableSinceMs: 0, rateBytesPerSec: 1_000, liveLanes: 1, maxLanes: 6, mayTryMore: true }).cap).toBe(1);
  });

  test('one that is refused for longer than a rest is not tried again before', () => {
    const refused = lanesRefused(lanesAtStart(1, few, 0), 1, 60_000, 1_000);
    const full = { measurableSinceMs: 0, rateBytesPerSec: 1_000, liveLanes: 1, maxLanes: 6, mayTryMore: true };
    expect(reviewedLanes(refused, { atMs: 60_900, ...full }).cap).toBe(1);
    expect(reviewedLanes(refused, { atMs: 61_100, ...full }).cap).toBe(3);
  });

  test('after one has broken off none is added for a second, and then there are as many as before', () => {
    const lanes = lanesBrokenOff(lanesAtStart(300, few, 0), 2, 5_000);
    expect(lanesNow(lanes, 5_999)).toBe(2);
    expect(lanesNow(lanes, 6_000)).toBe(6);
  });

  test('what the user allows holds at once', () => {
    expect(reviewedLanes(lanesAtStart(300, few, 0), { atMs: 1, measurableSinceMs: 0, rateBytesPerSec: null, liveLanes: 0, maxLanes: 2, mayTryMore: true }).cap).toBe(2);
  });
});

describe('the vote on the size', () => {
  test('a strict majority of those who have a vote decides', () => {
    expect(countVotes([5, 5, 7], 0)).toEqual({ kind: 'agreed', totalBytes: 5 });
    expect(countVotes([5], 0)).toEqual({ kind: 'agreed', totalBytes: 5 });
  });

  test('a tie is a tie', () => {
    expect(countVotes([5, 7], 0)).toEqual({ kind: 'tie', sizes: [5, 7] });
  });

  test('nothing is decided while a vote is out that could change it', () => {
    expect(countVotes([5], 1)).toEqual({ kind: 'open' });
    expect(countVotes([5, 5], 1)).toEqual({ kind: 'agreed', totalBytes: 5 });
    expect(countVotes([], 0)).toEqual({ kind: 'open' });
  });
});

describe('a stall', () => {
  const map = opened(grant(layMap(100), { segmentId: 1, mirrorId: 1, start: 0, end: 100, manner: 'range', atMs: 0 }), 1, 1_000);

  test('is a lane that has answered and then sent nothing for long', () => {
    expect(stalledSegments(map.held, 1_000 + STALL_TIMEOUT_MS - 1, null)).toEqual([]);
    expect(stalledSegments(map.held, 1_000 + STALL_TIMEOUT_MS, null).map((held) => held.segmentId)).toEqual([1]);
  });

  test('is not what our own limit does', () => {
    expect(stalledSegments(map.held, 1_000 + STALL_TIMEOUT_MS, 10_000)).toEqual([]);
  });
});
