/** The farm's machines on every path of up to some events, with processes that obey at once and with slow ones. */
import { describe, expect, test } from 'vitest';
import type { ProcessEnd } from '../../src/machines/farm-server.ts';
import { farmServerMachine } from '../../src/machines/farm-server.ts';
import { farmMachine } from '../../src/machines/farm.ts';
import { farmOf, KILLED } from '../farm/support/fake-farm.ts';
import { isThorough } from '../support/thorough.ts';
import { Coverage } from './coverage.ts';

type Farm = ReturnType<typeof farmOf>;

const CRASHED: ProcessEnd = { code: 'crashed', detail: 'It fell over.' };

/** What may happen to a farm: by its user, its clients, its clock, and its first server's process. */
const HAPPENINGS: Readonly<Record<string, (farm: Farm) => void>> = {
  kill: ({ actor }) => actor.send({ type: 'server.kill', index: 1 }),
  start: ({ actor }) => actor.send({ type: 'server.start', index: 1 }),
  fault: ({ actor }) => actor.send({ type: 'fault.add', index: 1, fault: 'stall' }),
  close: ({ actor }) => actor.send({ type: 'farm.close' }),
  request: ({ say }) => say.get(1)?.({ type: 'request.arrived', atMs: 1 }),
  crash: ({ say }) => say.get(1)?.({ type: 'process.ended', end: CRASHED }),
  listen: ({ say }) => [1, 2].forEach((index) => say.get(index)?.({ type: 'process.listening' })),
  time: ({ clock }) => clock.increment(1_000),
};

const pathsOf = (depth: number): readonly (readonly string[])[] =>
  depth === 0 ? [[]] : pathsOf(depth - 1).flatMap((path) => [path, ...(path.length === depth - 1 ? Object.keys(HAPPENINGS).map((name) => [...path, name]) : [])]);

const DEPTH = isThorough ? 5 : 3;

describe('a farm', () => {
  const coverage = new Coverage(farmMachine, farmServerMachine);

  test.each([false, true])('on every path, whether its processes are slow or not (%s), is closed at the end with no process left', (areSlow) => {
    for (const path of pathsOf(DEPTH)) {
      const farm = farmOf({ servers: 2, schedule: [{ index: 2, order: 'server.kill', afterMs: 500 }, { index: 2, order: 'server.start', afterMs: 900 }], deadAtStart: [2] }, { areSlow, inspect: coverage.inspect });
      // What is closed hears nothing any more.
      for (const name of [...path, 'close']) if (farm.actor.getSnapshot().status === 'active') HAPPENINGS[name]?.(farm);
      expect([path, farm.actor.getSnapshot().value, farm.states()]).toEqual([path, 'closed', 'dead dead']);
    }
  });

  test('waits at its close until the last process is gone', () => {
    const farm = farmOf({ servers: 2 }, { inspect: coverage.inspect, leavesOnlyWhenTold: true });
    farm.actor.send({ type: 'farm.close' });
    expect(farm.actor.getSnapshot().value).toBe('closing');
    for (const index of [1, 2]) farm.say.get(index)?.({ type: 'process.ended', end: KILLED });
    expect(farm.actor.getSnapshot().value).toBe('closed');
  });

  test('has been in every state, and every transition and both answers of every guard have been walked', () => {
    coverage.print();
    expect(coverage.missing()).toEqual([]);
  });
});
