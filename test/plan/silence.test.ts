import { expect, test } from 'vitest';
import { STALL_TIMEOUT_MS } from '../../src/base/bounds.ts';
import { grant, layMap, opened } from '../../src/machines/plan/segment-map.ts';
import { forgivenSilence, stalledSegments } from '../../src/machines/plan/stall.ts';

test('a time in which nothing ran makes no lane a stalled one', () => {
  const lease = { segmentId: 1, mirrorId: 1, start: 0, end: 1_000, manner: 'range', atMs: 0 } as const;
  const map = opened(grant(layMap(1_000_000), lease), 1, 0);
  const afterMs = 3 * STALL_TIMEOUT_MS;
  expect(stalledSegments(map.held, afterMs, null)).toHaveLength(1);
  const forgiven = forgivenSilence(map, afterMs);
  expect(stalledSegments(forgiven.held, afterMs, null)).toEqual([]);
  // From then on its silence counts again.
  expect(stalledSegments(forgiven.held, afterMs + STALL_TIMEOUT_MS, null)).toHaveLength(1);
});
