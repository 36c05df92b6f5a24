import { describe, expect, test } from 'vitest';
import { PlaitError } from '../../src/base/errors.ts';
import { coordinatorMachine } from '../../src/machines/coordinator.ts';
import { segmentMachine } from '../../src/machines/segment.ts';
import { serverMachine } from '../../src/machines/server.ts';
import { wildWorld } from '../sim/random-world.ts';
import type { EffectName } from '../sim/world/process.ts';
import { runScenario } from '../sim/world/world.ts';
import { Coverage } from './coverage.ts';
import { pathsUpTo, SPECIAL_STORIES, storyOf } from './environment.ts';

/** Random worlds that walk the machines beside the stories. */
const WORLDS = 60;
/** On a busy machine; alone it takes a fraction. */
const PATIENCE_MS = 300_000;

describe('paths', () => {
  const coverage = new Coverage();
  for (const machine of [coordinatorMachine, segmentMachine, serverMachine]) coverage.add(machine);

  test('every story of up to two faults comes to its end, and no rule is broken on the way', async () => {
    const broken: string[] = [];
    for (const events of pathsUpTo(2)) {
      const { failure } = await runScenario(storyOf(events), { inspect: coverage.inspect });
      if (failure !== null) broken.push(`${events.join(', ')}: ${failure}`);
    }
    expect(broken).toEqual([]);
  }, PATIENCE_MS);

  test.each(SPECIAL_STORIES)('$name', async (story) => {
    expect((await runScenario(story, { inspect: coverage.inspect })).failure).toBe(null);
  });

  test.each<EffectName>(['nameTarget', 'openStore', 'verify', 'publish', 'keep'])('an effect that fails or throws (%s) is told as a reason, and the next run finishes', async (effect) => {
    for (const thrown of [new PlaitError('disk-failed', 'The disk failed.'), new Error('a bug')]) {
      let isFirst = true;
      const trap = (name: EffectName): void => {
        if (name !== effect || !isFirst) return;
        isFirst = false;
        throw thrown;
      };
      const { failure, end } = await runScenario({ ...storyOf(effect === 'keep' ? ['abort'] : []) }, { inspect: coverage.inspect, trap });
      // A bug is reported as one, and that is what the witness says then.
      if (thrown instanceof PlaitError) expect([failure, end]).toEqual([null, 'done']);
      else expect(failure).toMatch(/^a bug was reported/u);
    }
  });

  test('every state of every machine has been in, and what has not been walked is named', async () => {
    for (let seed = 1; seed <= WORLDS; seed += 1) await runScenario(wildWorld(seed, 'small'), { inspect: coverage.inspect });
    const missing = coverage.missing();
    process.stdout.write(`\nwalked: ${coverage.counts()}\n${missing.map((name) => `  not yet: ${name}\n`).join('')}`);
    expect(missing.filter((name) => name.startsWith('state '))).toEqual([]);
  }, PATIENCE_MS);
});
