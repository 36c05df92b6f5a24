/**
 * One server of the farm. Its process is an invoked actor that lives as long as the machine: it is told to start and
 * to die, and reports what became of the process, so that `dead` means that the process is really gone and its port
 * is free again.
 */
import { assign, sendParent, sendTo, setup } from 'xstate';
import { MACHINE_ITERATIONS_MAX } from '../base/bounds.ts';
import { callbackToProvide } from './not-provided.ts';

/** Why a server's process is gone, as a code and a detail for people. */
export interface ProcessEnd {
  readonly code: 'killed' | 'crashed' | 'port-in-use' | 'port-forbidden' | 'address-unavailable' | 'file-unreadable' | 'listen-failed';
  readonly detail: string;
}

export interface FarmServerInput {
  /** Counted from 1, as people count. */
  readonly index: number;
}

interface FarmServerContext {
  readonly index: number;
  /** How its last process ended; null before the first end. */
  readonly lastEnd: ProcessEnd | null;
}

/** Orders that go on to the process as they are. */
type PassedOn =
  /** The farm has had its first request: the faults' clock runs from `atMs` on the machine's monotonic clock. */
  | { readonly type: 'farm.begin'; readonly atMs: number }
  /** One more fault, as text in the grammar of `--fault` without the server. */
  | { readonly type: 'fault.add'; readonly fault: string };

/** Facts that the farm hears as they are. */
type PassedUp = { readonly type: 'request.arrived'; readonly atMs: number };

export type FarmServerEvent =
  | { readonly type: 'server.start' }
  | { readonly type: 'server.kill' }
  | { readonly type: 'process.listening' }
  | { readonly type: 'process.ended'; readonly end: ProcessEnd }
  | PassedOn
  | PassedUp;

/** What the machine tells the process actor. */
export type ProcessOrder = { readonly type: 'process.start' } | { readonly type: 'process.kill' } | PassedOn;

/** What it tells the farm. */
export type FarmServerFact =
  | { readonly type: 'server.starting'; readonly index: number }
  | { readonly type: 'server.lived'; readonly index: number }
  | { readonly type: 'server.died'; readonly index: number; readonly end: ProcessEnd }
  | PassedUp;

export const farmServerMachine = setup({
  types: {
    input: {} as FarmServerInput,
    context: {} as FarmServerContext,
    events: {} as FarmServerEvent,
  },
  actors: {
    process: callbackToProvide<ProcessOrder, FarmServerInput>('process'),
  },
  actions: {
    startProcess: sendTo('process', { type: 'process.start' }),
    killProcess: sendTo('process', { type: 'process.kill' }),
    passOn: sendTo('process', (_, { order }: { order: PassedOn }) => order),
    passUp: sendParent((_, { fact }: { fact: PassedUp }) => fact),
    recordEnd: assign({ lastEnd: (_, { end }: { end: ProcessEnd }) => end }),
    tellStarting: sendParent(({ context }): FarmServerFact => ({ type: 'server.starting', index: context.index })),
    tellAlive: sendParent(({ context }): FarmServerFact => ({ type: 'server.lived', index: context.index })),
    tellDead: sendParent(({ context }, { end }: { end: ProcessEnd }): FarmServerFact => ({ type: 'server.died', index: context.index, end })),
  },
}).createMachine({
  id: 'farmServer',
  description: 'One server of the farm: a process that listens on a port of its own.',
  options: { maxIterations: MACHINE_ITERATIONS_MAX },
  context: ({ input }) => ({ index: input.index, lastEnd: null }),
  invoke: { id: 'process', src: 'process', input: ({ context }) => ({ index: context.index }) },
  initial: 'starting',
  on: {
    'process.ended': {
      target: '.dead',
      actions: [
        { type: 'recordEnd', params: ({ event }) => ({ end: event.end }) },
        { type: 'tellDead', params: ({ event }) => ({ end: event.end }) },
      ],
    },
    'request.arrived': { actions: { type: 'passUp', params: ({ event }) => ({ fact: event }) } },
    'farm.begin': { actions: { type: 'passOn', params: ({ event }) => ({ order: event }) } },
    'fault.add': { actions: { type: 'passOn', params: ({ event }) => ({ order: event }) } },
  },
  states: {
    starting: {
      description: 'The process was started and does not listen yet.',
      entry: ['tellStarting', 'startProcess'],
      on: {
        'process.listening': 'alive',
        'server.kill': { actions: 'killProcess' },
      },
    },
    alive: {
      description: 'It listens and serves, with whatever faults it has.',
      entry: 'tellAlive',
      on: { 'server.kill': { actions: 'killProcess' } },
    },
    dead: {
      description: 'The process is gone; its port refuses connections.',
      on: { 'server.start': 'starting' },
    },
  },
});
