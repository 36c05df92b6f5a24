import { describe, expect, test } from 'vitest';
import { NAMED_SCENARIOS } from './named-scenarios.ts';
import { namedRows } from './table.ts';
import { clairvoyantMs } from './world/clairvoyant.ts';

describe('the named scenarios', async () => {
  const rows = await namedRows();

  test.each(rows)('$name reach their share of the ideal, with hardly a byte in vain', ({ efficiency, target, reached, vain, failure }) => {
    expect(failure).toBe(null);
    expect(efficiency).toBeGreaterThanOrEqual(Math.max(target, reached));
    expect(vain).toBeLessThan(0.02);
  });

  test('nobody is faster than the clairvoyant', () => {
    for (const { efficiency, clairvoyant } of rows) expect(efficiency).toBeLessThanOrEqual(clairvoyant);
  });

  test('the clairvoyant needs with slow start what was worked out for six lanes a server', () => {
    const slow = NAMED_SCENARIOS.at(-1);
    expect(slow === undefined ? 0 : slow.idealMs / clairvoyantMs(slow)).toBeCloseTo(0.74, 2);
  });
});
