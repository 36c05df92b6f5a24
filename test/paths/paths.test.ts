import { describe, expect, test } from 'vitest';
import { PlaitError } from '../../src/base/errors.ts';
import { coordinatorMachine } from '../../src/machines/coordinator.ts';
import { segmentMachine } from '../../src/machines/segment.ts';
import { serverMachine } from '../../src/machines/server.ts';
import type { EffectName } from '../sim/world/sim-io.ts';
import { runScenario } from '../sim/world/world.ts';
import { isThorough } from '../support/thorough.ts';
import { Coverage } from './coverage.ts';
import { pathsUpTo, storyOf } from './environment.ts';
import { SPECIAL_STORIES } from './stories.ts';

/** How many things happen in a story at most. */
const DEPTH = isThorough ? 3 : 2;
/** On a busy machine; alone it takes a fraction. */
const PATIENCE_MS = 300_000;

describe('paths', () => {
  const coverage = new Coverage(coordinatorMachine, segmentMachine, serverMachine);

  test(`every story of up to ${DEPTH} faults comes to its end, and no rule is broken on the way`, async () => {
    const broken: string[] = [];
    for (const events of pathsUpTo(DEPTH)) {
      const { failure } = await runScenario(storyOf(events), { inspect: coverage.inspect });
      if (failure !== null) broken.push(`${events.join(', ')}: ${failure}`);
    }
    expect(broken).toEqual([]);
  }, PATIENCE_MS);

  test.each(SPECIAL_STORIES)('$name', async (story) => {
    expect((await runScenario(story, { inspect: coverage.inspect })).failure).toBe(null);
  });

  /** Throws before an effect, once. */
  const springing = (effect: EffectName, thrown: Error): ((name: EffectName) => void) => {
    let isFirst = true;
    return (name) => {
      if (name !== effect || !isFirst) return;
      isFirst = false;
      throw thrown;
    };
  };

  test.each<EffectName>(['nameTarget', 'openStore', 'verify', 'publish', 'keep', 'effects'])('an effect that fails (%s) is told as a reason, and the next run finishes', async (effect) => {
    const trap = springing(effect, new PlaitError('disk-failed', 'The disk failed.'));
    const { failure, end } = await runScenario(storyOf(effect === 'keep' ? ['abort'] : []), { inspect: coverage.inspect, trap });
    expect([failure, end]).toEqual([null, 'done']);
  });

  test.each<EffectName>(['nameTarget', 'openStore', 'verify', 'publish', 'keep', 'effects', 'lease'])('a bug (%s) ends the download, and is reported as one', async (effect) => {
    const { failure } = await runScenario(storyOf(effect === 'keep' ? ['abort'] : []), { inspect: coverage.inspect, trap: springing(effect, new Error('a bug')) });
    // A bug is reported as one, and that is what the witness says then.
    expect(failure).toMatch(/^a bug was reported/u);
  });

  test('every state, every transition and both answers of every guard have been walked', () => {
    coverage.print();
    expect(coverage.missing()).toEqual([]);
  });
});
