import { describe, expect, test } from 'vitest';
import type { EventFromLogic, SnapshotFrom } from 'xstate';
import { farmServerMachine } from '../../../src/machines/farm-server.ts';
import type { FarmServerInput, ProcessEnd } from '../../../src/machines/farm-server.ts';
import { farmMachine } from '../../../src/machines/farm.ts';
import type { FarmInput } from '../../../src/machines/farm.ts';
import { errorsIn, stepsOf, trapsOf } from './walk.ts';
import type { Walk } from './walk.ts';

const KILLED: ProcessEnd = { code: 'killed', detail: 'It was killed.' };
const TAKEN: ProcessEnd = { code: 'port-in-use', detail: 'EADDRINUSE' };

const server: Walk<SnapshotFrom<typeof farmServerMachine>, EventFromLogic<typeof farmServerMachine>, FarmServerInput> = {
  machine: farmServerMachine,
  input: { index: 1 },
  events: () => [
    { type: 'server.start' },
    { type: 'server.kill' },
    { type: 'process.listening' },
    { type: 'process.ended', end: KILLED },
    { type: 'process.ended', end: TAKEN },
    { type: 'farm.begin', atMs: 1 },
    { type: 'fault.add', fault: 'stall' },
    { type: 'request.arrived', atMs: 1 },
  ],
  sketch: ({ value, status, context }) => JSON.stringify({ value, status, end: context.lastEnd?.code ?? null }),
  isResting: ({ value }) => value === 'alive' || value === 'dead',
};

const SERVERS = [1, 2];

const farm: Walk<SnapshotFrom<typeof farmMachine>, EventFromLogic<typeof farmMachine>, FarmInput> = {
  machine: farmMachine,
  input: { servers: SERVERS.length, schedule: [{ index: 1, order: 'server.kill', afterMs: 100 }], deadAtStart: [2] },
  events: () => [
    { type: 'request.arrived', atMs: 1 },
    { type: 'farm.close' },
    ...SERVERS.flatMap((index) => [
      { type: 'server.starting', index } as const,
      { type: 'server.lived', index } as const,
      { type: 'server.died', index, end: KILLED } as const,
      { type: 'server.kill', index } as const,
      { type: 'server.start', index } as const,
      { type: 'fault.add', index, fault: 'stall' } as const,
    ]),
  ],
  sketch: ({ value, status, context }) => JSON.stringify({ value, status, states: context.states, failure: context.failure }),
  isResting: ({ value }) => value === 'ready' || value === 'serving',
};

describe('on every path, a server of the farm', () => {
  const steps = stepsOf(server);

  test('ends in no unhandled error, and can always still live or be dead', () => {
    expect(steps.length).toBeGreaterThan(20);
    expect(errorsIn(steps)).toEqual([]);
    expect(trapsOf(server, steps)).toEqual([]);
  });

  test('is dead only when its process has ended', () => {
    const deaths = steps.filter(({ from, to }) => from.value !== 'dead' && to.value === 'dead');
    expect([...new Set(deaths.map(({ event }) => event.type))]).toEqual(['process.ended']);
    for (const { to } of deaths) expect(to.context.lastEnd).not.toBeNull();
  });
});

describe('on every path, a farm', () => {
  const steps = stepsOf(farm);

  test('ends in no unhandled error, and can always still serve or be closed', () => {
    expect(steps.length).toBeGreaterThan(500);
    expect(errorsIn(steps)).toEqual([]);
    expect(trapsOf(farm, steps)).toEqual([]);
  });

  test('is closed only when no process is left', () => {
    for (const { to } of steps) if (to.value === 'closed') expect(to.context.states.every((state) => state === 'dead')).toBe(true);
  });

  test('opens only when every server listens', () => {
    for (const { from, to } of steps) if (from.value === 'starting' && to.value === 'ready') expect(to.context.states).toEqual(['alive', 'alive']);
  });
});
