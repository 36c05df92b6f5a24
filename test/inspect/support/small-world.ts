/** A small world of actors that can be made to talk as much as a test likes. */
import { assign, createActor, enqueueActions, setup } from 'xstate';
import type { Actor } from 'xstate';
import { Chronicle } from '../../../src/inspect/chronicle.ts';
import type { Told } from '../../../src/inspect/chronicle.ts';
import type { InspectMessage } from '../../../src/inspect/messages.ts';

type WorkerEvent = { readonly type: 'work.begin' } | { readonly type: 'work.end' } | { readonly type: 'work.talk'; readonly words: readonly string[] };

const workerMachine = setup({ types: { events: {} as WorkerEvent, context: {} as { talks: number } } }).createMachine({
  id: 'worker',
  context: { talks: 0 },
  initial: 'idle',
  on: { 'work.talk': { actions: assign({ talks: ({ context }) => context.talks + 1 }) } },
  states: { idle: { on: { 'work.begin': 'busy' } }, busy: { on: { 'work.end': 'over' } }, over: { type: 'final' } },
});

type WorldEvent = { readonly type: 'worker.hire'; readonly id: string } | { readonly type: 'worker.tell'; readonly id: string; readonly event: WorkerEvent } | { readonly type: 'clock.ticked' };

export const worldMachine = setup({ types: { events: {} as WorldEvent }, actors: { worker: workerMachine } }).createMachine({
  id: 'world',
  on: {
    'worker.hire': { actions: enqueueActions(({ enqueue, event }) => enqueue.spawnChild('worker', { id: event.id })) },
    'worker.tell': { actions: enqueueActions(({ enqueue, event }) => enqueue.sendTo(event.id, event.event)) },
    'clock.ticked': {},
  },
});

export interface SmallWorld {
  readonly chronicle: Chronicle;
  readonly actor: Actor<typeof worldMachine>;
  hire(id: string): void;
  tell(id: string, event: WorkerEvent): void;
  /** Says about so many bytes, through a worker that is there. */
  talk(id: string, bytes: number): void;
  /** The clock, which is the test's. */
  sleep(ms: number): void;
}

const TALK_BYTES = 16_000;
const WORDS: readonly string[] = Array.from({ length: TALK_BYTES / 250 }, (_, at) => `${at} `.padEnd(250, 'blah '));

export function smallWorld(): SmallWorld {
  let nowMs = 0;
  const chronicle = new Chronicle({ command: 'test', nowMs: () => nowMs, wallMs: () => 1_700_000_000_000 + nowMs });
  const actor = createActor(worldMachine, { inspect: chronicle.hear }).start();
  const tell = (id: string, event: WorkerEvent): void => {
    nowMs += 1;
    actor.send({ type: 'worker.tell', id, event });
  };
  return {
    chronicle,
    actor,
    hire: (id) => actor.send({ type: 'worker.hire', id }),
    tell,
    // The words are heard thrice: on their way into the world, to the worker, and with its snapshot.
    talk: (id, bytes) => {
      for (let said = 0; said < bytes; said += 2 * TALK_BYTES) tell(id, { type: 'work.talk', words: WORDS });
    },
    sleep: (ms) => {
      nowMs += ms;
    },
  };
}

/** What readers were told, as messages. */
export const messagesIn = (told: readonly Told[]): readonly InspectMessage[] => told.map(({ text }) => JSON.parse(text) as InspectMessage);

