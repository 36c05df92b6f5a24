import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { LANES_MAX, LIVE_SERVERS_MAX } from '../../src/base/bounds.ts';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { TestEnv } from '../support/plait.ts';
import { isThorough } from '../support/thorough.ts';

const MIRRORS = 10_000;
/** PLAIT_SLOW=1 tries the dead ones by the ten thousand, too, which takes the better part of a minute. */
const DEAD_MIRRORS = isThorough ? MIRRORS : 500;
const SIZE_BYTES = 2 * MIB;

/** The memory of a live process in MiB, or the most that was seen before. */
function peakMib(pid: number, before: number): number {
  try {
    return Math.max(before, Number(/VmRSS:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024);
  } catch {
    return before;
  }
}

test.skipIf(process.platform !== 'linux').each([
  ['all of them good', MIRRORS, (): boolean => true],
  ['all but the last gone', DEAD_MIRRORS, (path: string): boolean => path === `/m/${DEAD_MIRRORS}/f.bin`],
] as const)('case 84: ten thousand mirrors: few are live, few sockets are open, and memory is bounded (%s: %i)', async (_, mirrors, isGood) => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response) => {
    if (isGood(request.url ?? '')) answerOracle(request, response, { sizeBytes: SIZE_BYTES });
    else response.writeHead(404, { 'Content-Length': 0 }).end();
  });
  const urls = Array.from({ length: mirrors }, (_, index) => `${origin.url}/m/${index + 1}/f.bin`);
  const plait = env.start(['get', '--quiet', '-w', '5m', ...urls]);
  let mib = 0;
  const watching = setInterval(() => (mib = peakMib(plait.pid, mib)), 20);
  const ended = await plait.ended;
  clearInterval(watching);
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(await env.verdict('f.bin')).toMatchObject({ sizeBytes: SIZE_BYTES, firstWrongByte: null });
  // A sample of each live server may be under way beside the lanes.
  expect(origin.peakSockets()).toBeLessThanOrEqual(LANES_MAX + LIVE_SERVERS_MAX);
  const asked = new Map<string, number>();
  for (const { path } of origin.requests) asked.set(path, (asked.get(path) ?? 0) + 1);
  if (isGood('')) expect(asked.size).toBeLessThanOrEqual(LIVE_SERVERS_MAX);
  // Nobody who is gone is asked twice, but for those who did not answer in time.
  const again = [...asked].filter(([path, times]) => !isGood(path) && times > 1).length;
  expect(again).toBeLessThanOrEqual(mirrors / 20);
  process.stdout.write(`${mirrors} mirrors: ${origin.requests.length} requests, ${origin.peakSockets()} sockets at once, ${Math.round(mib)} MiB\n`);
  expect(mib).toBeGreaterThan(0);
  expect(mib).toBeLessThan(500);
}, 300_000);
