import { cp, open, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Farm } from '../../src/farm/farm.ts';
import { MIB } from '../support/oracle.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import type { Ended, SourceFile } from '../support/plait.ts';
import { seededRandom, seedsOf } from '../support/seeded.ts';
import { hasWritten, healAll, urlsOf } from '../support/served.ts';
import { isThorough } from '../support/thorough.ts';
import { startFarm } from '../support/start-farm.ts';

const FILE_BYTES = 3 * MIB;
const PART = 'file.bin.plait';
const JOURNAL = 'file.bin.plait-journal';

let home: TestEnv;
let source: SourceFile;
let farm: Farm;
/** What a kill left: a part file of about half the file, and its journal. */
let journal: Buffer;

beforeAll(async () => {
  home = await TestEnv.createShared();
  source = await home.source(FILE_BYTES);
  farm = await startFarm({ filePath: source.path, count: 2, faults: '1:slow=4M,2:slow=4M' });
  const plait = home.start(['get', '--json', '-i', '20ms', ...urlsOf(farm)]);
  await hasWritten(plait, FILE_BYTES / 2);
  plait.kill('SIGTERM');
  await plait.ended;
  await healAll(farm);
  journal = await readFile(home.path(JOURNAL));
});

afterAll(async () => {
  await farm.close();
  await home.remove();
});

/** A folder in which a run was killed, as it was then. */
async function killedThere(): Promise<TestEnv> {
  const env = await TestEnv.create();
  await cp(home.path(PART), env.path(PART), { preserveTimestamps: true });
  await writeFile(env.path(JOURNAL), journal);
  return env;
}

const goOn = (env: TestEnv, ...more: readonly string[]): Promise<Ended> => env.run(['get', '--json', '-c', `sha-256=${source.sha256}`, ...more, ...urlsOf(farm)]);

async function expectExact(env: TestEnv, ended: Ended): Promise<void> {
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
}

test.each(seedsOf(isThorough ? 40 : 3))('case 73: a journal cut at some byte is gone on from exactly (seed %i)', async (seed) => {
  const env = await killedThere();
  await truncate(env.path(JOURNAL), Math.floor(seededRandom(seed)() * journal.length));
  await expectExact(env, await goOn(env));
});

test.each(seedsOf(isThorough ? 40 : 4))('case 74: a journal with a flipped bit is gone on from exactly, or refused (seed %i)', async (seed) => {
  const random = seededRandom(seed);
  const env = await killedThere();
  const spoilt = Buffer.from(journal);
  const at = Math.floor(random() * spoilt.length);
  spoilt.writeUInt8(spoilt.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
  await writeFile(env.path(JOURNAL), spoilt);
  const ended = await goOn(env);
  if (ended.status === 0) await expectExact(env, ended);
  else {
    // A flip in its first bytes makes it somebody else's: that is told, and nothing is touched.
    expect(lastLine(ended)).toMatchObject({ type: 'error', code: 'journal-foreign', exitCode: 6 });
    expect((await readFile(env.path(JOURNAL))).equals(spoilt)).toBe(true);
    await expectExact(env, await goOn(env, '--no-resume'));
  }
});

test('case 76: a journal of a newer version: exit 6, and not a byte of it is touched', async () => {
  const env = await killedThere();
  const newer = Buffer.from(journal);
  newer.writeUInt16BE(2, 8);
  await writeFile(env.path(JOURNAL), newer);
  const part = await readFile(env.path(PART));
  const ended = await goOn(env);
  expect(ended.status).toBe(6);
  expect(lastLine(ended)).toMatchObject({ code: 'journal-foreign', message: expect.stringMatching(/--no-resume/u) });
  expect((await readFile(env.path(JOURNAL))).equals(newer)).toBe(true);
  expect((await readFile(env.path(PART))).equals(part)).toBe(true);
});

const SPOILT: Readonly<Record<string, (env: TestEnv) => Promise<void>>> = {
  cut: (env) => truncate(env.path(PART), 300_000),
  'replaced by a copy': async (env) => {
    await cp(env.path(PART), env.aside('copy'));
    await rename(env.aside('copy'), env.path(PART));
  },
  'replaced by other bytes': async (env) => {
    await rm(env.path(PART));
    await writeFile(env.path(PART), Buffer.alloc(FILE_BYTES, 7));
  },
  removed: (env) => rm(env.path(PART)),
  'longer than the file': async (env) => {
    const file = await open(env.path(PART), 'r+');
    await file.write(Buffer.alloc(1_000, 1), 0, 1_000, FILE_BYTES + 5_000);
    await file.close();
  },
};

test.each(Object.keys(SPOILT))('case 77: a part file that was %s between two runs is checked, and the end is exact', async (how) => {
  const env = await killedThere();
  await SPOILT[how]?.(env);
  await expectExact(env, await goOn(env));
});
