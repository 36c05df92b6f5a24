/**
 * A segment: a range of the file on its way from one server, then from another if need be. The actor lives through its
 * reassignments, so that its whole story can be read. It never touches bytes: its transfer, an invoked actor, does.
 */
import { assign, sendParent, sendTo, setup } from 'xstate';
import { ANSWER_TIMEOUT_MS, MACHINE_ITERATIONS_MAX } from '../base/bounds.ts';
import type { SegmentFact, SegmentOrder, TransferFact, TransferOrder } from './events.ts';
import { callbackToProvide } from './not-provided.ts';

export interface SegmentInput {
  readonly segmentId: number;
  readonly mirrorId: number;
  readonly start: number;
  readonly end: number;
  readonly manner: 'range' | 'whole';
  /** The file's size as far as it is known. */
  readonly totalBytes: number | null;
}

export interface SegmentContext extends SegmentInput {
  /** How often a server has failed it. */
  readonly failures: number;
}

type Ended = Extract<TransferFact, { type: 'lease.ended' }>;

/** A lease is done when its transfer says so, or when a failure came after the last byte. */
export const deliveredAll = (segment: SegmentContext, ended: Ended): boolean =>
  ended.outcome.kind === 'done' || ended.writtenEnd >= segment.end;

const openedFact = (segment: SegmentContext, { head, atMs }: Extract<TransferFact, { type: 'lease.opened' }>): SegmentFact => ({
  type: 'segment.opened',
  segmentId: segment.segmentId,
  mirrorId: segment.mirrorId,
  head,
  atMs,
});

const settledFact = (segment: SegmentContext, { writtenEnd, outcome, atMs }: Ended): SegmentFact => ({
  type: 'segment.settled',
  segmentId: segment.segmentId,
  mirrorId: segment.mirrorId,
  writtenEnd,
  outcome,
  atMs,
});

export const segmentMachine = setup({
  types: {
    context: {} as SegmentContext,
    events: {} as SegmentOrder | TransferFact,
    input: {} as SegmentInput,
  },
  actors: { transfer: callbackToProvide<TransferOrder, SegmentInput>('transfer') },
  delays: { answerTimeout: ANSWER_TIMEOUT_MS },
  guards: {
    deliveredAll: ({ context }, ended: Ended) => deliveredAll(context, ended),
  },
  actions: {
    tellTransfer: sendTo('transfer', (_, order: TransferOrder) => order),
    tellCoordinator: sendParent((_, fact: SegmentFact) => fact),
    endAt: assign((_, params: { readonly end: number }) => params),
    keepWhatCame: assign(({ context }, ended: Ended) => ({ start: ended.writtenEnd, failures: context.failures + 1 })),
    goToServer: assign((_, take: Pick<SegmentInput, 'mirrorId' | 'end' | 'manner' | 'totalBytes'>) => take),
  },
}).createMachine({
  id: 'segment',
  description: 'A range of the file on its way from one server, then from another if need be.',
  options: { maxIterations: MACHINE_ITERATIONS_MAX },
  context: ({ input }) => ({ ...input, failures: 0 }),
  initial: 'leased',
  states: {
    leased: {
      description: 'A server has it: its transfer is at work or draining.',
      invoke: { id: 'transfer', src: 'transfer', input: ({ context }) => context },
      on: {
        'lease.shrunk': {
          actions: [
            { type: 'endAt', params: ({ event }) => ({ end: event.end }) },
            { type: 'tellCoordinator', params: ({ context, event }) => ({ type: 'segment.shrunk', segmentId: context.segmentId, end: event.end }) },
          ],
        },
        'lease.ended': [
          {
            guard: { type: 'deliveredAll', params: ({ event }) => event },
            target: 'done',
            actions: { type: 'tellCoordinator', params: ({ context, event }) => settledFact(context, event) },
          },
          {
            target: 'failed',
            actions: [
              { type: 'tellCoordinator', params: ({ context, event }) => settledFact(context, event) },
              { type: 'keepWhatCame', params: ({ event }) => event },
            ],
          },
        ],
      },
      initial: 'connecting',
      states: {
        connecting: {
          description: 'The server has been asked and has not answered yet.',
          after: {
            answerTimeout: {
              target: 'draining',
              actions: { type: 'tellTransfer', params: { type: 'lease.cancel', code: 'head-timeout' } },
            },
          },
          on: {
            'lease.opened': {
              target: 'downloading',
              actions: { type: 'tellCoordinator', params: ({ context, event }) => openedFact(context, event) },
            },
            'segment.shrink': { actions: { type: 'tellTransfer', params: ({ event }) => ({ type: 'lease.shrink', end: event.end }) } },
            'segment.cancel': {
              target: 'draining',
              actions: { type: 'tellTransfer', params: ({ event }) => ({ type: 'lease.cancel', code: event.code }) },
            },
          },
        },
        downloading: {
          description: 'Bytes are on their way to the part file.',
          on: {
            'segment.shrink': { actions: { type: 'tellTransfer', params: ({ event }) => ({ type: 'lease.shrink', end: event.end }) } },
            'segment.cancel': {
              target: 'draining',
              actions: { type: 'tellTransfer', params: ({ event }) => ({ type: 'lease.cancel', code: event.code }) },
            },
          },
        },
        draining: {
          description: 'Told to stop; a last write may still be in flight, so the range is not given back yet.',
        },
      },
    },
    failed: {
      description: 'Its server has failed it, and its writer has drained; the coordinator says how it goes on.',
      on: { 'segment.rest': 'reassigned', 'segment.release': 'done' },
    },
    reassigned: {
      description: 'It rests until another server takes what is left of it.',
      on: {
        'segment.take': { target: 'leased', actions: { type: 'goToServer', params: ({ event: { mirrorId, end, manner, totalBytes } }) => ({ mirrorId, end, manner, totalBytes }) } },
        'segment.release': 'done',
      },
    },
    done: {
      type: 'final',
      description: 'Its bytes are in the part file, or what it had left is somebody else’s.',
    },
  },
});
