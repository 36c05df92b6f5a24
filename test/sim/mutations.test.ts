import { describe, expect, test } from 'vitest';
import { SPECIAL_STORIES } from '../paths/stories.ts';
import { wildWorld } from './random-world.ts';
import { SOUND } from './world/sim-lease.ts';
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
    expect(await firstFailure({ planeRules: { ...SOUND, endsBeforeItsDrain: true } })).toMatch(/one writer per byte/u);
  });

  test('a steal below what is already written', async () => {
    expect(await firstFailure({ planeRules: { ...SOUND, shrinksBelowWritten: true } })).toMatch(/reserved means reserved/u);
  });

  const turnedAway = SPECIAL_STORIES.filter(({ faults }) => faults.some((fault) => fault.kind === 'gate' && fault.retryAfterMs !== null));

  test('a request before the Retry-After of a sample is over', async () => {
    const options = { planeRules: { ...SOUND, hidesSamplesPause: true } };
    const failures = await Promise.all(turnedAway.map(async (story) => (await runScenario(story, options)).failure));
    expect(failures.join()).toMatch(/politeness/u);
  });

  test('a journal record before its write', async () => {
    expect(await firstFailure({ diskRules: { recordsAhead: true } })).toMatch(/written before recorded/u);
  });
});
