import { describe, expect, test } from 'vitest';
import { wildWorld } from './random-world.ts';
import { runScenario } from './world/world.ts';
import type { WorldOptions } from './world/world.ts';

/** Seeds that are tried until a broken rule shows. */
const SEEDS = 60;

async function firstFailure(options: WorldOptions): Promise<string> {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { failure } = await runScenario(wildWorld(seed, 'small'), options);
    if (failure !== null) return failure;
  }
  return 'none';
}

describe('a rule that is broken on purpose is caught', () => {
  test('a range handed out before its writer has drained', async () => {
    expect(await firstFailure({ planeRules: { endsBeforeItsDrain: true, shrinksBelowWritten: false } })).toMatch(/one writer per byte/u);
  });

  test('a steal below what is already written', async () => {
    expect(await firstFailure({ planeRules: { endsBeforeItsDrain: false, shrinksBelowWritten: true } })).toMatch(/reserved means reserved/u);
  });

  test('a journal record before its write', async () => {
    expect(await firstFailure({ diskRules: { recordsAhead: true } })).toMatch(/written before recorded/u);
  });
});
