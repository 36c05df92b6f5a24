/** Stories of the environment on real sockets: each ends with the exact file, by its hash. */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Farm } from '../../src/farm/farm.ts';
import { MIB } from '../support/oracle.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import type { SourceFile } from '../support/plait.ts';
import { isThorough } from '../support/thorough.ts';
import type { EnvironmentEvent } from './environment.ts';
import { EVENTS, pathsUpTo } from './environment.ts';
import { liveThrough } from './real/real-world.ts';
import { startFarm } from '../support/start-farm.ts';

const FILE_BYTES = 3 * MIB;
/** So many stories at once, each with a farm of its own. */
const AT_ONCE = 6;
const PATIENCE_MS = 300_000;

/** Each kind of fault with its end, and the pairs in which one is met by another of another kind. */
const CHOSEN: readonly (readonly EnvironmentEvent[])[] = [
  ['stall', 'goOn'],
  ['slow', 'recover'],
  ['turnAway', 'letIn'],
  ['pause', 'resume'],
  ['fillDisk', 'makeRoom'],
  ['drop', 'restore'],
  ['kill', 'revive'],
  ['kill', 'killClient'],
  ['stall', 'killClient'],
  ['reset', 'killClient'],
  ['corrupt', 'kill'],
  ['add', 'kill'],
  ['crash', 'abort'],
];

const canFillDisks = process.platform === 'linux' && spawnSync('prlimit', ['--version']).status === 0;
const tellable = (events: readonly EnvironmentEvent[]): boolean => canFillDisks || !events.includes('fillDisk');
const unlessFilled = canFillDisks ? '' : ' (without full disks: there is no prlimit here)';

let home: TestEnv;
let source: SourceFile;
const farms: Farm[] = [];

beforeAll(async () => {
  home = await TestEnv.createShared();
  source = await home.source(FILE_BYTES);
  farms.push(...(await Promise.all(Array.from({ length: AT_ONCE }, () => startFarm({ filePath: source.path, count: 4, rates: [3 * MIB, 1.5 * MIB, MIB, MIB] })))));
});

afterAll(async () => {
  await Promise.all(farms.map((farm) => farm.close()));
  await home.remove();
});

test('every kind of event is in one of the chosen stories, and the environment can tell each of them', () => {
  const all = new Set(pathsUpTo(2).map((path) => path.join(', ')));
  expect(CHOSEN.filter((events) => !all.has(events.join(', ')))).toEqual([]);
  expect(EVENTS.filter((event) => !CHOSEN.some((events) => events.includes(event)))).toEqual([]);
});

test(`${isThorough ? 'every story of up to two events' : 'each chosen story'} ends with the exact file on real sockets${unlessFilled}`, async () => {
  const open = (isThorough ? pathsUpTo(2) : CHOSEN).filter(tellable);
  const wrong: unknown[] = [];
  const lanes = farms.map(async (farm) => {
    for (let events = open.shift(); events !== undefined; events = open.shift()) {
      const lived = await liveThrough(events, farm, source).catch((error: unknown) => ({ end: String(error), verdict: null }));
      if (lived.end !== 'done' || lived.verdict?.sha256 !== exactly(source).sha256) wrong.push({ events: events.join(', '), ...lived });
    }
  });
  await Promise.all(lanes);
  expect(wrong).toEqual([]);
}, PATIENCE_MS);
