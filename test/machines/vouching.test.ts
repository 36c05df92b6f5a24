import { expect, test } from 'vitest';
import { newContext } from '../../src/machines/coordinator-context.ts';
import { layMap } from '../../src/machines/plan/segment-map.ts';
import { NO_TRUST } from '../../src/machines/plan/trust.ts';
import type { SampleAim } from '../../src/machines/plan/trust.ts';
import { vouched } from '../../src/machines/rulings/on-vouching.ts';

test.each<readonly [SampleAim, number]>([
  ['search', 0],
  ['opinion', 0],
  ['recheck', 0],
  ['admission', 1],
])('a word for a mirror ends its own samples, and nothing else that it is asked for (%s)', (aim, ends) => {
  const ranges = [{ start: 0, end: 10 }];
  const context = {
    ...newContext({ mirrors: [], waitMs: 0, maxLanes: 1, seed: 1, atMs: 0 }),
    map: layMap(100, [{ start: 0, end: 100, mirrorId: 2 }]),
    admitted: new Set(aim === 'admission' ? [1] : [1, 2]),
    trust: { ...NO_TRUST, sampling: new Map<number, SampleAim>([[1, 'vouching'], [2, aim]]), vouchings: new Map([[2, { voucherId: 1, ranges, says: 'nothing yet' } as const]]) },
  };
  const { change, orders } = vouched(context, { type: 'sample.answered', mirrorId: 1, aim: 'vouching', ranges, hashes: [['the same']], fileHashes: [['the same']], differences: [], validators: [], atMs: 1 });
  expect(orders.filter(({ to }) => to === 'gone sample')).toHaveLength(ends);
  expect(change.trust?.sampling.get(2)).toBe(ends === 1 ? undefined : aim);
});
