/** The farm's machines without any process: every state, and the moments of deaths and revivals on a virtual clock. */
import { expect, test } from 'vitest';
import type { ProcessEnd } from '../../src/machines/farm-server.ts';
import { farmOf } from './support/fake-farm.ts';

test('a farm is ready once every server listens, and serves from the first request on', () => {
  const { actor, say, states, orders } = farmOf({});
  expect(states()).toBe('alive alive alive');
  expect(actor.getSnapshot().value).toBe('ready');
  say.get(2)?.({ type: 'request.arrived', atMs: 17 });
  expect(actor.getSnapshot().value).toBe('serving');
  expect(orders.filter((order) => order.endsWith('farm.begin')).sort()).toEqual(['1 farm.begin', '2 farm.begin', '3 farm.begin']);
});

test('scheduled deaths and revivals count from the first request to any server, and only from it', () => {
  const { clock, say, states } = farmOf({
    schedule: [
      { index: 2, order: 'server.kill', afterMs: 3_000 },
      { index: 2, order: 'server.start', afterMs: 6_000 },
      { index: 3, order: 'server.kill', afterMs: 6_000 },
    ],
  });
  clock.increment(60_000);
  expect(states()).toBe('alive alive alive');
  say.get(1)?.({ type: 'request.arrived', atMs: 0 });
  clock.increment(2_999);
  expect(states()).toBe('alive alive alive');
  // A later first request to another server does not start the clock anew.
  say.get(2)?.({ type: 'request.arrived', atMs: 2_999 });
  clock.increment(1);
  expect(states()).toBe('alive dead alive');
  clock.increment(3_000);
  expect(states()).toBe('alive alive dead');
});

test('a server that is to be dead from the start listens first, so that its port is known', () => {
  const { states, orders } = farmOf({ deadAtStart: [2] });
  expect(states()).toBe('alive dead alive');
  expect(orders.filter((order) => order.startsWith('2'))).toEqual(['2 process.start', '2 process.kill']);
});

test('a process that dies by itself leaves a dead server with the reason, which can be started again', () => {
  const { actor, say, states } = farmOf({});
  const crash: ProcessEnd = { code: 'crashed', detail: 'It fell over.' };
  say.get(3)?.({ type: 'process.ended', end: crash });
  expect(states()).toBe('alive alive dead');
  expect(actor.getSnapshot().children['server-3']?.getSnapshot()).toMatchObject({ value: 'dead', context: { lastEnd: crash } });
  actor.send({ type: 'server.start', index: 3 });
  expect(states()).toBe('alive alive alive');
});

test('a server that cannot listen at the start ends the farm, with the reason and no process left', () => {
  const end: ProcessEnd = { code: 'port-in-use', detail: 'EADDRINUSE' };
  const { actor, orders } = farmOf({}, { refuses: (index) => (index === 2 ? end : null) });
  expect(actor.getSnapshot()).toMatchObject({ status: 'done', value: 'closed', context: { failure: { index: 2, end } } });
  const started = orders.filter((order) => order.endsWith('process.start')).length;
  expect(orders.filter((order) => order.endsWith('process.kill')).length).toBe(started - 1);
});

test('closing kills all, and takes no order on the way', () => {
  const { actor, states, orders } = farmOf({});
  actor.send({ type: 'server.kill', index: 1 });
  actor.send({ type: 'farm.close' });
  expect(states()).toBe('dead dead dead');
  expect(actor.getSnapshot().status).toBe('done');
  expect(orders.slice(-2)).toEqual(['2 process.kill', '3 process.kill']);
});
