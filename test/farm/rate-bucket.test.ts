import { describe, expect, test } from 'vitest';
import { RateBucket } from '../../src/farm/rate-bucket.ts';
import { seededRandom } from '../../src/farm/seeded-random.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/**
 * Runs a bucket on virtual time with connections that always want more, with timers as late as `lateMs` says, and
 * gives what each had at each moment.
 */
function run(rateBytesPerSec: number, connections: number, forMs: number, lateMs: () => number) {
  const bucket = new RateBucket<number>(rateBytesPerSec, 0);
  const sent = Array.from({ length: connections }, () => 0);
  const log: { atMs: number; bytes: number }[] = [];
  for (let index = 0; index < connections; index += 1) bucket.ask(index, 100 * MIB, 0);
  let nowMs = 0;
  while (nowMs < forMs) {
    nowMs += Math.max(1, bucket.waitMs()) + lateMs();
    let bytesNow = 0;
    for (const { asker, bytes } of bucket.grants(nowMs)) {
      sent[asker] = (sent[asker] ?? 0) + bytes;
      bytesNow += bytes;
      bucket.ask(asker, 100 * MIB, nowMs);
    }
    log.push({ atMs: nowMs, bytes: bytesNow });
  }
  return { sent, log, nowMs, total: sent.reduce((sum, bytes) => sum + bytes, 0) };
}

const never = (): number => 0;

describe('a shared rate', () => {
  const rates = [1, 1_000, 20 * KIB, 512 * KIB, 8 * MIB, 1024 * MIB];

  test.each(rates.flatMap((rate) => [1, 3, 16].map((connections) => [rate, connections] as const)))(
    '%d bytes a second over %d connections is kept to a hundredth over a minute, however late the timers are',
    (rate, connections) => {
      const random = seededRandom(rate + connections);
      for (const late of [never, () => random() * 30]) {
        const { total, nowMs } = run(rate, connections, 60_000, late);
        const due = (rate * nowMs) / 1_000;
        expect(total).toBeLessThanOrEqual(due + 1);
        // A quantum, and a whole byte for who waits for one, may still be owed.
        expect(total).toBeGreaterThanOrEqual(due * 0.99 - rate * 0.05 - 1);
      }
    },
  );

  test('every second by itself is kept to 1 %, a quantum aside', () => {
    const rate = 4 * MIB;
    const { log } = run(rate, 4, 30_000, never);
    for (let second = 1; second < 29; second += 1) {
      const inSecond = log.filter(({ atMs }) => atMs > second * 1_000 && atMs <= (second + 1) * 1_000).reduce((sum, { bytes }) => sum + bytes, 0);
      expect(Math.abs(inSecond / rate - 1)).toBeLessThanOrEqual(0.011);
    }
  });

  test('connections that want alike get alike', () => {
    for (const [rate, connections] of [[8 * MIB, 5], [20 * KIB, 7]] as const) {
      const { sent } = run(rate, connections, 20_000, never);
      expect(Math.max(...sent) / Math.min(...sent)).toBeLessThan(1.02);
    }
  });

  test('what one connection does not want goes to the others', () => {
    const bucket = new RateBucket<string>(1_000_000, 0);
    bucket.ask('small', 1_000, 0);
    bucket.ask('large', 1_000_000, 0);
    const grants = new Map(bucket.grants(10).map(({ asker, bytes }) => [asker, bytes]));
    expect(grants).toEqual(new Map([['small', 1_000], ['large', 9_000]]));
  });

  test('a long pause earns a quantum, and a short one what it lasted', () => {
    const bucket = new RateBucket<string>(1_000_000, 0);
    bucket.ask('a', MIB, 60_000);
    expect(bucket.grants(60_000)).toEqual([{ asker: 'a', bytes: 10_000 }]);
    bucket.ask('a', MIB, 60_040);
    expect(bucket.grants(60_040)).toEqual([{ asker: 'a', bytes: 40_000 }]);
  });

  test('a new rate holds at once', () => {
    const bucket = new RateBucket<string>(1_000_000, 0);
    bucket.ask('a', MIB, 0);
    bucket.setRate(1_000, 5);
    expect(bucket.grants(5)).toEqual([{ asker: 'a', bytes: 10 }]);
    bucket.ask('a', MIB, 5);
    expect(bucket.grants(1_005)).toEqual([{ asker: 'a', bytes: 1_000 }]);
  });
});
