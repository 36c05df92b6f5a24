/** How long the view rests between pictures. */
import { expect, test } from 'vitest';
import { TICK_MS, VIEW_REST_MAX_MS, VIEW_SHARE_MAX } from '../../src/base/bounds.ts';
import { restAfterMs } from '../../src/ui/frame-rest.ts';

test('a picture that is drawn quickly is followed by the next as soon as there is something new', () => {
  expect(4 + restAfterMs(4)).toBeLessThan(TICK_MS);
});

test('drawing takes no more than its share of a core, as long as the view does not seem to stand still', () => {
  for (const drawnMs of [1, 5, 8, 12]) expect(drawnMs / (drawnMs + restAfterMs(drawnMs))).toBeCloseTo(VIEW_SHARE_MAX);
  for (const drawnMs of [20, 100, 5_000]) expect(restAfterMs(drawnMs)).toBe(VIEW_REST_MAX_MS);
});
