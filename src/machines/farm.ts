/**
 * The farm: it starts the servers, ends with them, and kills and revives them at the moments that its faults name.
 * The moments count from the first request that any server gets.
 */
import { assign, enqueueActions, sendTo, setup, spawnChild } from 'xstate';
import { MACHINE_ITERATIONS_MAX } from '../base/bounds.ts';
import { farmServerMachine } from './farm-server.ts';
import type { FarmServerFact, ProcessEnd } from './farm-server.ts';

export type FarmServerState = 'starting' | 'alive' | 'dead';

/** An order to a server so long after the farm's first request. */
export interface ScheduledOrder {
  readonly index: number;
  readonly order: 'server.kill' | 'server.start';
  readonly afterMs: number;
}

export interface FarmInput {
  readonly servers: number;
  readonly schedule: readonly ScheduledOrder[];
  /** Servers that are killed as soon as all listen: so their ports are known, and refuse. */
  readonly deadAtStart: readonly number[];
}

interface FarmContext extends FarmInput {
  /** By index less one. */
  readonly states: readonly FarmServerState[];
  /** Why the farm did not come about: which server did not start, and why. */
  readonly failure: { readonly index: number; readonly end: ProcessEnd } | null;
}

type ServerOrder = { readonly type: 'server.kill' | 'server.start'; readonly index: number };
type FaultOrder = { readonly type: 'fault.add'; readonly index: number; readonly fault: string };

export type FarmOrder = ServerOrder | FaultOrder | { readonly type: 'farm.close' };
export type FarmEvent = FarmOrder | FarmServerFact;

const childId = (index: number): string => `server-${index}`;
const indexes = (count: number): number[] => Array.from({ length: count }, (_, position) => position + 1);

/** The states of all servers after one of them has changed. */
export const withState = (states: readonly FarmServerState[], index: number, state: FarmServerState): readonly FarmServerState[] =>
  states.map((old, position) => (position === index - 1 ? state : old));

export const farmMachine = setup({
  types: {
    input: {} as FarmInput,
    context: {} as FarmContext,
    events: {} as FarmEvent,
  },
  actors: { server: farmServerMachine },
  guards: {
    allAlive: ({ context }) => context.states.every((state) => state === 'alive'),
    allDead: ({ context }) => context.states.every((state) => state === 'dead'),
  },
  actions: {
    startServers: enqueueActions(({ enqueue, context }) => {
      for (const index of indexes(context.servers)) enqueue(spawnChild('server', { id: childId(index), input: { index } }));
    }),
    killAll: enqueueActions(({ enqueue, context }) => {
      for (const index of indexes(context.servers)) enqueue.sendTo(childId(index), { type: 'server.kill' });
    }),
    killDeadAtStart: enqueueActions(({ enqueue, context }) => {
      for (const index of context.deadAtStart) enqueue.sendTo(childId(index), { type: 'server.kill' });
    }),
    beginAll: enqueueActions(({ enqueue, context }, { atMs }: { atMs: number }) => {
      for (const index of indexes(context.servers)) enqueue.sendTo(childId(index), { type: 'farm.begin', atMs });
    }),
    scheduleOrders: enqueueActions(({ enqueue, context }) => {
      for (const [number, { index, order, afterMs }] of context.schedule.entries()) {
        enqueue.raise({ type: order, index }, { id: `scheduled-${number}`, delay: afterMs });
      }
    }),
    orderServer: sendTo((_, { order }: { order: ServerOrder }) => childId(order.index), (_, { order }) => ({ type: order.type })),
    addFault: sendTo((_, { order }: { order: FaultOrder }) => childId(order.index), (_, { order }) => ({ type: order.type, fault: order.fault })),
    recordState: assign({
      states: ({ context }, { index, state }: { index: number; state: FarmServerState }) => withState(context.states, index, state),
    }),
    recordFailure: assign({ failure: (_, failure: { index: number; end: ProcessEnd }) => failure }),
  },
}).createMachine({
  id: 'farm',
  description: 'Servers of one file, each a process of its own, to try, to test and to kill.',
  options: { maxIterations: MACHINE_ITERATIONS_MAX },
  context: ({ input }) => ({ ...input, states: indexes(input.servers).map(() => 'dead' as const), failure: null }),
  initial: 'starting',
  on: {
    'server.starting': { actions: { type: 'recordState', params: ({ event }) => ({ index: event.index, state: 'starting' }) } },
    'server.lived': { actions: { type: 'recordState', params: ({ event }) => ({ index: event.index, state: 'alive' }) } },
    'server.died': { actions: { type: 'recordState', params: ({ event }) => ({ index: event.index, state: 'dead' }) } },
  },
  states: {
    starting: {
      description: 'The processes start; the farm stands once every server listens.',
      entry: 'startServers',
      always: { guard: 'allAlive', target: 'ready' },
      on: {
        'server.died': {
          target: 'closing',
          actions: [
            { type: 'recordState', params: ({ event }) => ({ index: event.index, state: 'dead' }) },
            { type: 'recordFailure', params: ({ event }) => ({ index: event.index, end: event.end }) },
          ],
        },
        'farm.close': 'closing',
      },
    },
    ready: {
      description: 'Every server listens, and nobody has asked for anything yet.',
      entry: 'killDeadAtStart',
      on: {
        'request.arrived': {
          target: 'serving',
          actions: [{ type: 'beginAll', params: ({ event }) => ({ atMs: event.atMs }) }, 'scheduleOrders'],
        },
        'server.kill': { actions: { type: 'orderServer', params: ({ event }) => ({ order: event }) } },
        'server.start': { actions: { type: 'orderServer', params: ({ event }) => ({ order: event }) } },
        'fault.add': { actions: { type: 'addFault', params: ({ event }) => ({ order: event }) } },
        'farm.close': 'closing',
      },
    },
    serving: {
      description: 'The first request has come, and the clock of the faults runs.',
      on: {
        'server.kill': { actions: { type: 'orderServer', params: ({ event }) => ({ order: event }) } },
        'server.start': { actions: { type: 'orderServer', params: ({ event }) => ({ order: event }) } },
        'fault.add': { actions: { type: 'addFault', params: ({ event }) => ({ order: event }) } },
        'farm.close': 'closing',
      },
    },
    closing: {
      description: 'Every process is killed, and waited for.',
      entry: 'killAll',
      always: { guard: 'allDead', target: 'closed' },
    },
    closed: {
      description: 'No process is left.',
      type: 'final',
    },
  },
});
