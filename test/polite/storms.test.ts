import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { LANES_PER_SERVER_MAX } from '../../src/base/bounds.ts';
import { startOrigin } from '../support/origin.ts';
import { TestEnv } from '../support/plait.ts';
import { seededRandom } from '../support/seeded.ts';

/** Answers that come late and unevenly, so that several lanes are out when the first of them fails. */
const LATE: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'a 503': (response) => void response.writeHead(503).end(),
  'a cut': (response) => void response.destroy(),
  'a range that is off by one': (response) => void response.writeHead(206, { 'Content-Range': 'bytes 1-2/1000000', 'Content-Length': 2 }).end('xx'),
};

test.each(Object.keys(LATE))('a server whose every answer is %s, late, gets a first burst and then at most a request a second', async (name) => {
  const env = await TestEnv.create();
  const random = seededRandom(7);
  const origin = await startOrigin((_, response) => {
    setTimeout(() => LATE[name]?.(response), 50 + random() * 350);
  });
  const ended = await env.run(['get', '--quiet', '-w', '3s', `${origin.url}/f.bin`]);
  expect(ended.status).toBe(3);
  const times = origin.requests.map(({ atMs }) => atMs);
  const firstFailureMs = (times[0] ?? 0) + 400;
  const later = times.filter((atMs) => atMs > firstFailureMs);
  expect(times.length - later.length).toBeLessThanOrEqual(LANES_PER_SERVER_MAX);
  for (const [index, atMs] of later.entries()) expect(atMs - (later[index - 1] ?? -Infinity)).toBeGreaterThanOrEqual(900);
});
