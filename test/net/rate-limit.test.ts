import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { READ_BUFFER_BYTES } from '../../src/base/bounds.ts';
import { RateLimit } from '../../src/net/rate-limit.ts';
import { good } from './support/answers.ts';
import { startFaultServer } from './support/fault-server.ts';
import { patternBytes } from './support/pattern.ts';
import { planeBench } from './support/plane-bench.ts';

describe('the bucket, on a clock of its own', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Lanes that read whenever they may, as fast as they may; gives what each read by the end of `forMs`. */
  function readFor(limit: RateLimit, lanes: number, forMs: number): number[] {
    const got = Array.from({ length: lanes }, () => 0);
    const read = (lane: number): void => {
      const bytes = limit.readBytes();
      got[lane] = (got[lane] ?? 0) + bytes;
      // The next read comes in a later turn, as a socket's does.
      if (limit.charge(bytes, () => read(lane))) setTimeout(() => read(lane), 0);
    };
    for (let lane = 0; lane < lanes; lane += 1) read(lane);
    vi.advanceTimersByTime(forMs);
    return got;
  }

  test.each([[100_000, 1], [100_000, 8], [1_000_000, 3], [50_000_000, 16], [1_000_000_000, 4]])('%i bytes/s over %i lanes are kept within a burst', (rate, lanes) => {
    const limit = new RateLimit(rate, () => Date.now());
    const got = readFor(limit, lanes, 10_000);
    const sum = got.reduce((total, bytes) => total + bytes, 0);
    const ideal = rate * 10;
    // What lanes take before they first learn of the limit is one read each.
    expect(sum).toBeLessThanOrEqual(ideal * 1.02 + lanes * limit.readBytes());
    // A timer is good to a millisecond, of which a full read at 1 GB/s takes one.
    expect(sum).toBeGreaterThan(ideal * (rate > 500_000_000 ? 0.4 : 0.97));
    expect(Math.min(...got)).toBeGreaterThan(sum / lanes / 2);
  });

  test('no limit lets everything through in full reads', () => {
    const limit = new RateLimit(null, () => Date.now());
    expect(limit.readBytes()).toBe(READ_BUFFER_BYTES);
    expect(limit.charge(1e12, () => undefined)).toBe(true);
  });

  test('lifting the limit lets every waiting lane go at once', () => {
    const limit = new RateLimit(1_000, () => Date.now());
    let resumed = 0;
    for (let lane = 0; lane < 5; lane += 1) expect(limit.charge(100_000, () => (resumed += 1))).toBe(false);
    limit.set(null);
    expect(resumed).toBe(5);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('a debt made under a high limit does not freeze a low one', () => {
    const limit = new RateLimit(100_000_000, () => Date.now());
    let resumed = false;
    limit.charge(20_000_000, () => (resumed = true));
    limit.set(10_000);
    vi.advanceTimersByTime(1_000);
    expect(resumed).toBe(true);
  });
});

test('limited lanes lose no byte, and a lifted limit lets them finish', async () => {
  const total = 3_000_000;
  const server = await startFaultServer(good(total));
  const net = planeBench({ limitBytesPerSec: 200_000 });
  const mirror = net.addMirror(server.url);
  const leases = [0, 1, 2].map((index) => net.open(mirror, index * 1_000_000, (index + 1) * 1_000_000));
  await net.until(() => net.plane.readings().length === 3 && net.plane.readings().every((reading, index) => reading.writtenEnd > index * 1_000_000 + 8_192));
  // At 200 kB/s the limit holds everything far from the end by now, or the lanes would be done.
  expect(net.facts.some((fact) => fact.type === 'lease.ended')).toBe(false);
  net.plane.post({ type: 'limit.set', rateBytesPerSec: null });
  for (const lease of leases) expect(await net.ended(lease)).toMatchObject({ outcome: { kind: 'done' } });
  expect(net.file.subarray(0, total).equals(patternBytes(0, total))).toBe(true);
  expect(net.written.reduce((sum, times) => sum + times, 0)).toBe(total);
  await net.close();
  await server.close();
});
