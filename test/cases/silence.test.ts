import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { TestEnv } from '../support/plait.ts';
import { expectExact, givenBytes, sharedStage, under } from './support/scene.ts';

const stage = sharedStage(MIB);

test('case 41: a head that comes a byte a second holds nobody up', async () => {
  const env = await TestEnv.create();
  const { bad, good, source } = stage();
  const ended = await under(stage(), 'slow-head', () => env.run(['get', '--json', ...[bad, ...good].map((url) => `${url}file.bin`)]));
  await expectExact(env, ended, source);
  // The vote waits for it until it counts as silent; its range was long given to the others.
  expect(givenBytes(ended)[0]).toBe(0);
});
