import { expect, test } from 'vitest';
import { SAMPLE_TRIES_MAX } from '../../src/base/bounds.ts';
import type { FaultCode } from '../../src/base/faults.ts';
import { newContext } from '../../src/machines/coordinator-context.ts';
import type { CoordinatorContext } from '../../src/machines/coordinator-context.ts';
import { NO_TRUST } from '../../src/machines/plan/trust.ts';
import { sampleFailed } from '../../src/machines/rulings/on-samples.ts';

/** How many failures are held against a mirror whose samples failed so often as a mirror is asked. */
function failuresAfter(code: FaultCode): number {
  const context = newContext({ mirrors: [{ mirrorId: 1, url: 'http://127.0.0.1:1/' }], waitMs: 1_000, maxLanes: 6, seed: 1, atMs: 0, waitsForRoom: false });
  const asked: CoordinatorContext = { ...context, trust: { ...NO_TRUST, sampling: new Map([[1, 'admission']]) } };
  let trust = asked.trust;
  for (let time = 1; time <= SAMPLE_TRIES_MAX; time += 1) {
    const ruling = sampleFailed({ ...asked, trust: { ...trust, sampling: asked.trust.sampling } }, { type: 'sample.failed', mirrorId: 1, aim: 'admission', ranges: [], code, detail: '', retryAfterMs: null, receivedBytes: 0, atMs: time * 1_000 });
    trust = ruling.change.trust ?? trust;
  }
  return trust.failures.get(1)?.count ?? 0;
}

test('a mirror that was not there when its samples were asked for is not refused for that', () => {
  expect(failuresAfter('refused')).toBeLessThan(SAMPLE_TRIES_MAX);
  expect(failuresAfter('connect-timeout')).toBeLessThan(SAMPLE_TRIES_MAX);
});

test('a mirror that was there and did not give its samples is not asked for ever', () => {
  expect(failuresAfter('stalled')).toBe(SAMPLE_TRIES_MAX);
  expect(failuresAfter('no-ranges')).toBeGreaterThanOrEqual(SAMPLE_TRIES_MAX);
});
