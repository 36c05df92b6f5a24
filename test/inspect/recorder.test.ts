import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { InspectMessage } from '../../src/inspect/messages.ts';
import { record } from '../../src/inspect/recorder.ts';
import { MIB } from '../support/oracle.ts';
import { smallWorld } from './support/small-world.ts';

async function freshPath(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plait-recorder-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return join(folder, 'run.ndjson');
}

test('a disk that is too slow misses messages, and the recording says how many', async () => {
  const world = smallWorld();
  const path = await freshPath();
  let told = 0;
  world.chronicle.read(() => (told += 1));
  const recorder = await record(world.chronicle, path);
  world.hire('ann');
  // All in one turn: no disk is quick enough for that.
  world.talk('ann', 14 * MIB);
  world.chronicle.end(0);
  expect(await recorder.close()).toBeNull();
  const messages = (await readFile(path, 'utf8')).trimEnd().split('\n').map((line) => JSON.parse(line) as InspectMessage);
  const dropped = messages.reduce((sum, message) => sum + (message.type === 'plait.dropped' ? message.count : 0), 0);
  expect(dropped).toBeGreaterThan(10);
  // Nothing is lost that is not told of; the word of the loss itself is one more.
  expect(messages.length - 1 + dropped).toBe(told);
  expect(messages.at(-1)?.type).toBe('plait.end');
  expect((await stat(path)).size).toBeLessThan(10 * MIB);
});
