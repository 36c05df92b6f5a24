/** kill -9 at moments of chance in larger downloads: what it costs, by what was told before and what was resumed after. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Farm } from '../../src/farm/farm.ts';
import { MIB } from '../support/oracle.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import type { Ended, SourceFile } from '../support/plait.ts';
import { seededRandom, seedsOf } from '../support/seeded.ts';
import { hasWrittenOrEnded, urlsOf } from '../support/served.ts';
import { isThorough } from '../support/thorough.ts';
import { startFarm } from '../support/start-farm.ts';

const FILE_BYTES = 32 * MIB;
const RATE_BYTES_PER_SEC = 8 * MIB;
/** Promise 4: the lesser of this and a second's traffic. */
const COST_MAX_BYTES = 8 * MIB;
/** Progress is told so often; what a kill costs is known no better. */
const TOLD_EVERY_MS = 20;

let home: TestEnv;
let source: SourceFile;
let farm: Farm;
let dearestBytes = 0;

beforeAll(async () => {
  home = await TestEnv.createShared();
  source = await home.source(FILE_BYTES);
  farm = await startFarm({ filePath: source.path, count: 3, rates: [RATE_BYTES_PER_SEC] });
});

afterAll(async () => {
  process.stdout.write(`the dearest of these kills cost ${(dearestBytes / MIB).toFixed(2)} MiB\n`);
  await farm.close();
  await home.remove();
});

/** Bytes told up to `beforeEndMs` before the last line. */
function toldBytes({ lines }: Ended, beforeEndMs: number): number {
  const endMs = lines.at(-1)?.t ?? 0;
  return Math.max(0, ...lines.filter(({ type, t }) => type === 'progress' && t <= endMs - beforeEndMs).map(({ bytes }) => Number(bytes)));
}

test.each(seedsOf(isThorough ? 40 : 4))('kill -9 costs at most a second or 8 MiB, and the rest is exact (seed %i; 40 seeds with PLAIT_SLOW=1)', async (seed) => {
  const random = seededRandom(seed);
  const env = await TestEnv.create();
  const started = (args: readonly string[] = []): readonly string[] => ['get', '--json', '-i', `${TOLD_EVERY_MS}ms`, ...args, ...urlsOf(farm)];
  const plait = env.start(started());
  await hasWrittenOrEnded(plait, Math.floor(random() * 0.8 * FILE_BYTES));
  plait.kill('SIGKILL');
  const killed = await plait.ended;
  const ended = await env.run(started(['-c', `sha-256=${source.sha256}`]));
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(lastLine(ended)).toMatchObject({ type: 'done', verified: 'checksum' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
  const resumedBytes = Number(lastLine(ended)['resumedBytes']);
  const costBytes = toldBytes(killed, 0) - resumedBytes;
  dearestBytes = Math.max(dearestBytes, costBytes);
  expect(resumedBytes).toBeGreaterThanOrEqual(toldBytes(killed, 1_000));
  expect(costBytes).toBeLessThanOrEqual(COST_MAX_BYTES);
});
