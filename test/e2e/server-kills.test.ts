import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Farm } from '../../src/farm/farm.ts';
import { MIB } from '../support/oracle.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import type { SourceFile } from '../support/plait.ts';
import { seededRandom, seedsOf } from '../support/seeded.ts';
import { hasWrittenOrEnded, healAll, urlsOf } from '../support/served.ts';
import { isThorough } from '../support/thorough.ts';
import { startFarm } from '../support/start-farm.ts';

const FILE_BYTES = 3 * MIB;

let home: TestEnv;
let source: SourceFile;
let farm: Farm;

beforeAll(async () => {
  home = await TestEnv.createShared();
  source = await home.source(FILE_BYTES);
  farm = await startFarm({ filePath: source.path, count: 3, rates: [4 * MIB, 2 * MIB, MIB] });
});

afterAll(async () => {
  await farm.close();
  await home.remove();
});

// Each run is a row of chance: which server dies when, whether a second one does, and whether the first comes back.
test.each(seedsOf(isThorough ? 40 : 8))('a server killed at any moment leaves an exact file and nothing else (seed %i)', async (seed) => {
  const random = seededRandom(seed);
  const env = await TestEnv.create();
  const first = 1 + Math.floor(random() * 3);
  const second = 1 + ((first + Math.floor(random() * 2)) % 3);
  const momentBytes = Math.floor(random() * 0.9 * FILE_BYTES);
  const plait = env.start(['get', '--json', '-i', '10ms', ...urlsOf(farm)]);
  await hasWrittenOrEnded(plait, momentBytes);
  await farm.kill(first);
  if (random() < 0.5) await farm.kill(second);
  if (random() < 0.5) await farm.revive(first);
  const ended = await plait.ended;
  await healAll(farm);
  expect({ seed, status: ended.status, stderr: ended.stderr }).toEqual({ seed, status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
});
