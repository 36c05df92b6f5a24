import { expect, onTestFinished, test } from 'vitest';
import type { WebSocket } from 'ws';
import { openDoor } from '../../src/inspect/door.ts';
import type { Door } from '../../src/inspect/door.ts';
import { Viewer } from '../../src/inspect/viewer.ts';
import { MIB } from '../support/oracle.ts';
import { smallWorld } from './support/small-world.ts';
import type { SmallWorld } from './support/small-world.ts';
import { standing, stare, view } from './support/viewing.ts';

interface Shown {
  readonly world: SmallWorld;
  readonly door: Door;
  /** The program's ends of the sockets. */
  readonly sockets: readonly WebSocket[];
}

async function show(): Promise<Shown> {
  const world = smallWorld();
  const sockets: WebSocket[] = [];
  const door = await openDoor({
    port: null,
    defaultPort: 0,
    flag: '--inspect',
    givePage: async () => null,
    welcome: (socket) => {
      sockets.push(socket);
      return new Viewer(socket, world.chronicle, 'plait').leave;
    },
  });
  onTestFinished(() => door.close());
  return { world, door, sockets };
}

/** A turn of the event loop, in which frames leave. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 60));

test('a viewer that comes in the middle has the same in the end as one from the beginning', async () => {
  const { world, door } = await show();
  const early = view(door.liveUrl);
  await early.told(({ type }) => type === 'plait.hello');
  world.hire('ann');
  await early.told((message) => message.type === '@xstate.actor' && message.name === 'ann');
  const late = view(door.liveUrl);
  world.tell('ann', { type: 'work.begin' });
  world.hire('bob');
  world.chronicle.end(0);
  await Promise.all([early, late].map((viewing) => viewing.told(({ type }) => type === 'plait.end')));
  expect(late.messages).toEqual(early.messages);
});

test('a viewer that never reads costs bounded memory, and nobody waits for it', async () => {
  const { world, door, sockets } = await show();
  await stare(door.liveUrl);
  await expect.poll(() => sockets.length).toBe(1);
  world.hire('ann');
  let most = 0;
  for (let round = 0; round < 12; round += 1) {
    world.talk('ann', 2 * MIB);
    await turn();
    most = Math.max(most, sockets[0]?.bufferedAmount ?? 0);
  }
  // What may wait for it, and the round in which that was passed.
  expect(most).toBeGreaterThan(4 * MIB);
  expect(most).toBeLessThan(10 * MIB);
  await door.close();
  await expect.poll(() => sockets[0]?.readyState).toBe(3);
});

test('a viewer that was too slow is told what it missed, and then knows every actor again', async () => {
  const { world, door, sockets } = await show();
  const viewing = view(door.liveUrl);
  await viewing.told(({ type }) => type === 'plait.hello');
  world.hire('ann');
  world.hire('bob');
  viewing.pause();
  do {
    world.talk('ann', 2 * MIB);
    await turn();
  } while ((sockets[0]?.bufferedAmount ?? 0) <= 4 * MIB);
  world.hire('cid');
  world.tell('bob', { type: 'work.begin' });
  expect(sockets[0]?.bufferedAmount).toBeGreaterThan(4 * MIB);
  viewing.resume();
  const dropped = await viewing.told(({ type }) => type === 'plait.dropped');
  expect(dropped).toMatchObject({ count: expect.toSatisfy((count: number) => count >= 4) });
  world.tell('cid', { type: 'work.begin' });
  world.chronicle.end(0);
  await viewing.told(({ type }) => type === 'plait.end');
  const states = new Map([...standing(viewing.messages)].map(([name, state]) => [name.split(' ')[0], state]));
  expect(Object.fromEntries(states)).toMatchObject({ ann: '"idle"', bob: '"busy"', cid: '"busy"' });
});
