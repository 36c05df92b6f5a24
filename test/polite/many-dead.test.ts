import { expect, test } from 'vitest';
import { LIVE_SERVERS_MAX } from '../../src/base/bounds.ts';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { TestEnv } from '../support/plait.ts';

const DEAD = 2 * LIVE_SERVERS_MAX;

test('one good mirror behind more dead ones than can be live has its turn, and none of the dead is asked more than once a second', async () => {
  const env = await TestEnv.create();
  const dead = await startOrigin((_, response) => response.destroy());
  const good = await startOrigin((request, response, nth) => {
    // It comes up late, so that the dead ones are asked again and again meanwhile.
    if (nth < 3) response.writeHead(503).end();
    else answerOracle(request, response, { sizeBytes: MIB });
  });
  const urls = [...Array.from({ length: DEAD }, (_, index) => `${dead.url}/m/${index + 1}/f.bin`), `${good.url}/f.bin`];
  const ended = await env.run(['get', '--quiet', ...urls]);
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(await env.verdict('f.bin')).toMatchObject({ sizeBytes: MIB, firstWrongByte: null });
  const lastAsked = new Map<string, number>();
  for (const { path, atMs } of dead.requests) {
    expect(atMs - (lastAsked.get(path) ?? -Infinity)).toBeGreaterThanOrEqual(900);
    lastAsked.set(path, atMs);
  }
  expect(lastAsked.size).toBe(DEAD);
});

test('where all of very many are dead, it gives up after --wait', async () => {
  const env = await TestEnv.create();
  const urls = Array.from({ length: DEAD }, (_, index) => `http://127.0.0.1:1/m/${index + 1}/f.bin`);
  const ended = await env.run(['get', '-w', '2s', ...urls]);
  expect(ended.status).toBe(3);
  expect(ended.stderr).toMatch(/^plait: No server could deliver the file: .* and \d+ more\. .*\n$/u);
  expect(await env.left()).toEqual([]);
});
