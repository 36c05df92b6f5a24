import { expect, test } from 'vitest';
import { SlowStart } from '../../src/farm/slow-start.ts';

/** Sends as much as is allowed for `rounds` round trips; gives how much went out in each. */
function bytesByRound(slowStart: SlowStart, roundTripMs: number, rounds: number, lateMs: number): number[] {
  const sent: number[] = [];
  let nowMs = 1_000;
  for (let round = 0; round < rounds; round += 1) {
    const allowance = slowStart.allowanceBytes(nowMs);
    slowStart.sent(allowance);
    sent.push(allowance);
    expect(slowStart.allowanceBytes(nowMs)).toBe(0);
    expect(slowStart.waitMs(nowMs)).toBeLessThanOrEqual(roundTripMs);
    nowMs += slowStart.waitMs(nowMs) + lateMs;
  }
  return sent;
}

test('a connection begins with 14,600 bytes and doubles every round trip', () => {
  expect(bytesByRound(new SlowStart(100), 100, 6, 0)).toEqual([14_600, 29_200, 58_400, 116_800, 233_600, 467_200]);
});

test('late timers do not stretch the round trips', () => {
  const slowStart = new SlowStart(100);
  bytesByRound(slowStart, 100, 10, 7);
  // Ten rounds after 1,000 ms the eleventh begins at 2,000 ms, and not seven milliseconds later for each.
  expect(slowStart.allowanceBytes(1_999)).toBe(0);
  expect(slowStart.allowanceBytes(2_000)).toBe(14_600 * 2 ** 10);
});

test('the window stays as it was through a pause, and does not grow in it', () => {
  const slowStart = new SlowStart(100);
  bytesByRound(slowStart, 100, 3, 0);
  expect(slowStart.allowanceBytes(60_000)).toBe(116_800);
  expect(slowStart.allowanceBytes(120_000)).toBe(116_800);
});

test('without a round trip there is no window', () => {
  expect(new SlowStart(0).allowanceBytes(5)).toBe(Infinity);
});
