import { describe, expect, test } from 'vitest';
import { judgeHonest, judgeWild, percentile } from './judge.ts';
import type { Judged } from './judge.ts';
import { isThorough } from '../support/thorough.ts';
import { honestWorld, wildWorld } from './random-world.ts';

/** A smoke of each kind, of small worlds, more with PLAIT_SLOW=1; `npm run sim -- --seeds N` runs as many as one likes. */
const HONEST = isThorough ? 200 : 60;
const WILD = isThorough ? 300 : 100;
/** On a busy machine; alone it takes a fraction. */
const PATIENCE_MS = 300_000;

const failures = (all: readonly Judged[], world: string): readonly string[] =>
  all.flatMap(({ failure, scenario: { seed } }) => (failure === null ? [] : [`seed=${seed}: ${failure}; again: npm run sim -- --seed ${seed} --world ${world} --small`]));

describe('random worlds', () => {
  test('honest servers that fail and come back: every rule holds, and the file comes nearly as fast as it can', async () => {
    const all: Judged[] = [];
    for (let seed = 1; seed <= HONEST; seed += 1) all.push(await judgeHonest(honestWorld(seed, 'small')));
    expect(failures(all, 'honest')).toEqual([]);
    const efficiencies = all.flatMap(({ efficiency }) => (efficiency === null ? [] : [efficiency]));
    expect(percentile(efficiencies, 0.5)).toBeGreaterThanOrEqual(0.95);
  }, PATIENCE_MS);

  test('servers that lie, disks that fill, processes that are killed: never a wrong file, and an end', async () => {
    const all: Judged[] = [];
    for (let seed = 1; seed <= WILD; seed += 1) all.push(await judgeWild(wildWorld(seed, 'small')));
    expect(failures(all, 'wild')).toEqual([]);
  }, PATIENCE_MS);
});
