import { expect, test } from 'vitest';
import type { Told } from '../../src/inspect/chronicle.ts';
import { MIB } from '../support/oracle.ts';
import { messagesIn, smallWorld } from './support/small-world.ts';
import { standing } from './support/viewing.ts';

/** Everything from the first message: what a late reader is held against. */
function readAll(read: (reader: (told: Told) => void) => () => void): Told[] {
  const all: Told[] = [];
  read((told) => all.push(told));
  return all;
}

/** Those that are still there. */
const living = (standing: ReadonlyMap<string, string>): [string, string][] => [...standing].filter(([, state]) => state !== 'gone');

test('who comes late is told all that happened, in its order', () => {
  const world = smallWorld();
  world.hire('ann');
  world.tell('ann', { type: 'work.begin' });
  const early = readAll((reader) => world.chronicle.read(reader));
  world.tell('ann', { type: 'work.end' });
  const late = readAll((reader) => world.chronicle.read(reader));
  expect(late).toEqual(early);
  expect(late[0]?.type).toBe('plait.hello');
  expect([...standing(messagesIn(late)).values()]).toEqual(['{}', 'gone']);
});

test('who comes so late that the beginning is forgotten still gets every actor, as it stands', () => {
  const world = smallWorld();
  const early = readAll((reader) => world.chronicle.read(reader));
  for (const id of ['ann', 'bob', 'cid', 'dan']) world.hire(id);
  world.tell('bob', { type: 'work.begin' });
  world.tell('cid', { type: 'work.begin' });
  world.tell('cid', { type: 'work.end' });
  world.talk('ann', 20 * MIB);
  world.tell('dan', { type: 'work.begin' });
  const late = messagesIn(readAll((reader) => world.chronicle.read(reader)));
  expect(late.length).toBeLessThan(early.length);
  expect(late.find((message) => message.type === 'plait.dropped')?.count).toBeGreaterThan(100);
  expect(living(standing(late))).toEqual(living(standing(messagesIn(early))));
  expect(late.map(({ t }) => t)).toEqual(late.map(({ t }) => t).toSorted((a, b) => a - b));
  // Its fold is right at every step, so that one can go back: nobody changes without a message.
  expect(standing(late.slice(0, late.findIndex((message) => message.type === 'plait.dropped'))).size).toBe(5);
});

test('however much is said, what is kept is bounded, and so is the memory of who is gone', () => {
  const world = smallWorld();
  world.hire('ann');
  for (let round = 0; round < 1_100; round += 1) {
    world.hire(`temp-${round}`);
    world.tell(`temp-${round}`, { type: 'work.begin' });
    world.tell(`temp-${round}`, { type: 'work.end' });
  }
  world.talk('ann', 18 * MIB);
  const past = world.chronicle.past();
  expect(past.reduce((sum, { text }) => sum + text.length, 0)).toBeLessThan(18 * MIB);
  expect(past.filter(({ type }) => type === 'plait.gone').length).toBeLessThanOrEqual(1_000);
});

test('the clock’s ticks drown nobody, and still nothing is shown older than a second', () => {
  const world = smallWorld();
  const told = readAll((reader) => world.chronicle.read(reader));
  const before = told.length;
  for (let tick = 0; tick < 100; tick += 1) {
    world.sleep(100);
    world.actor.send({ type: 'clock.ticked' });
  }
  const ticks = messagesIn(told.slice(before));
  expect(ticks.filter(({ type }) => type === '@xstate.event')).toEqual([]);
  expect(ticks.length).toBeGreaterThanOrEqual(9);
  expect(ticks.length).toBeLessThanOrEqual(10);
});
