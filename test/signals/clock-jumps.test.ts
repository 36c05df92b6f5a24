import { expect, test } from 'vitest';
import { MIB, writeText } from '../support/oracle.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';

/** Every fifth look at the wall clock finds another year, for everybody in the process. */
const JUMPS = `
const YEAR_MS = 365 * 86_400_000;
const now = Date.now;
let looks = 0;
Date.now = () => now() + [0, YEAR_MS, -YEAR_MS][Math.floor(looks++ / 5) % 3];
setInterval(() => Date.now(), 50).unref();
`;

test('case 69: the wall clock jumps by a year, forth and back, and nothing comes of it', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [MIB], faults: '1:503=1,1:heal@1s' });
  await writeText(env.aside('jumps.mjs'), JUMPS);
  const ended = await env.run(['get', '--json', '-w', '20s', ...urlsOf(farm)], { env: { NODE_OPTIONS: `--import=${env.aside('jumps.mjs')}` } });
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  // Its own times go on evenly, and a pause of a second is still one.
  const times = ended.lines.map(({ t }) => t);
  expect(times.every((t, index) => t >= 0 && t < 60_000 && t >= (times[index - 1] ?? 0) - 1_000)).toBe(true);
  expect(Number(lastLine(ended)['seconds'])).toBeLessThan(60);
});
