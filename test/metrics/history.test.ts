/** What views tell of the past. */
import { expect, test } from 'vitest';
import { newContext } from '../../src/machines/coordinator-context.ts';
import type { CoordinatorContext } from '../../src/machines/coordinator-context.ts';
import { rateBytesPerSec } from '../../src/machines/plan/rate-meter.ts';
import { rangeSetOf } from '../../src/base/range-set.ts';
import { layMap } from '../../src/machines/plan/segment-map.ts';
import { looked, newHistory } from '../../src/metrics/history.ts';

const MIB = 1024 * 1024;

/** A download of which so much is written, and so much of that was there before. */
const at = (writtenBytes: number, recoveredBytes = 0): CoordinatorContext => ({
  ...newContext({ mirrors: [], waitMs: 0, maxLanes: 2, seed: 1, atMs: 0 }),
  map: { ...layMap(100 * MIB, [{ start: 0, end: writtenBytes, mirrorId: 1 }]), recovered: rangeSetOf({ start: 0, end: recoveredBytes }) },
});

/** The rates that are shown when a download is looked at ten times a second. */
function ratesOver(contexts: readonly CoordinatorContext[]): readonly number[] {
  let history = newHistory(0);
  return contexts.map((context, index) => {
    history = looked(history, context, (index + 1) * 100);
    return rateBytesPerSec(history.meter) ?? 0;
  });
}

test('what an earlier run left is not taken for what comes now', () => {
  const rates = ratesOver([at(0), at(30 * MIB, 30 * MIB), at(31 * MIB, 30 * MIB), at(32 * MIB, 30 * MIB)]);
  expect(Math.max(...rates)).toBeLessThanOrEqual(10 * MIB);
  expect(rates.at(-1)).toBeCloseTo((2 * MIB) / 0.3, 0);
});

test('what is thrown away makes no rate below zero', () => {
  const rates = ratesOver([at(10 * MIB), at(20 * MIB), at(5 * MIB), at(6 * MIB)]);
  expect(Math.min(...rates)).toBeGreaterThanOrEqual(0);
  expect(rates.at(-1)).toBeCloseTo(10 * MIB, 0);
});
