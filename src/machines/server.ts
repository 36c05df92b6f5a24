/**
 * A server: one mirror of the file, with its lanes, its rate, its strikes and its pauses. What its lanes do reaches it
 * through the coordinator; it decides whether it can be asked.
 */
import { assign, sendParent, setup } from 'xstate';
import { MACHINE_ITERATIONS_MAX } from '../base/bounds.ts';
import type { FaultCode } from '../base/faults.ts';
import type { LeaseHead } from '../net/data-plane.ts';
import type { ServerFact, ServerOrder } from './events.ts';
import { verdictOn } from './plan/fault-verdict.ts';
import type { FaultVerdict } from './plan/fault-verdict.ts';
import { lanesByUser } from './plan/lanes.ts';
import {
  answeredRecord,
  asksForLonger,
  backingOffRecord,
  fewerLanesRecord,
  leasedRecord,
  measuredRecord,
  newServerRecord,
  settledRecord,
  waitingLongerRecord,
  wholeOnlyRecord,
} from './plan/server-record.ts';
import type { ServerFault, ServerInput, ServerRecord, Settlement } from './plan/server-record.ts';

export type { ServerInput };

/** What a lane's end means for its server; `go-on` where the lane did its work. */
export const verdictOf = (server: ServerRecord, { outcome, lanesLeft }: Settlement): FaultVerdict =>
  outcome.kind === 'done' ? 'go-on' : verdictOn(outcome.code, outcome.inBody, lanesLeft, server.lies);

/** Whether the lane's end tells that the server is there: it delivered, or it spoke of another file. */
const spokeOf = ({ outcome }: Settlement): boolean =>
  outcome.kind === 'done' || outcome.code === 'other-size' || outcome.code === 'changed';

const faultOf = (server: ServerRecord): FaultCode | null => server.lastFault?.code ?? null;

export const serverMachine = setup({
  types: {
    context: {} as ServerRecord,
    events: {} as ServerOrder,
    input: {} as ServerInput,
  },
  delays: { backoff: ({ context }) => context.backoffMs },
  guards: {
    verdictIs: ({ context }, params: { readonly lane: Settlement; readonly verdict: FaultVerdict }) =>
      verdictOf(context, params.lane) === params.verdict,
    lastLaneSpoke: (_, lane: Settlement) => lane.lanesLeft === 0 && spokeOf(lane),
    laneDidItsWork: (_, { outcome }: Settlement) => outcome.kind === 'done',
    noLaneAtWork: ({ context }) => context.liveLanes === 0,
    asksForLonger: ({ context }, lane: Settlement) => asksForLonger(context, lane),
    hadFailed: ({ context }) => context.strikes > 0,
  },
  actions: {
    noteLease: assign(({ context }, params: { readonly lanes: number; readonly atMs: number }) => leasedRecord(context, params)),
    noteAnswer: assign(({ context }, params: { readonly head: LeaseHead; readonly atMs: number }) => answeredRecord(context, params)),
    noteReading: assign(({ context }, params: { readonly inFlightBytes: number; readonly lanes: number; readonly mayTryMore: boolean; readonly atMs: number }) => measuredRecord(context, params)),
    settle: assign(({ context }, lane: Settlement) => settledRecord(context, lane)),
    takeFewerLanes: assign(({ context }, lane: Settlement) => fewerLanesRecord(context, lane)),
    backOff: assign(({ context }, lane: Settlement) => backingOffRecord(context, lane)),
    waitLonger: assign(({ context }, lane: Settlement) => waitingLongerRecord(context, lane)),
    serveWholeOnly: assign(({ context }, lane: Settlement) => wholeOnlyRecord(context, lane)),
    setMaxLanes: assign((_, { maxLanes }: { readonly maxLanes: number }) => ({ maxLanes, lanes: lanesByUser(maxLanes) })),
    noteRefusal: assign((_, lastFault: ServerFault) => ({ lastFault })),
    tellAvailable: sendParent(({ context }): ServerFact => ({ type: 'server.available', mirrorId: context.mirrorId })),
    tellReturned: sendParent(({ context }): ServerFact => ({ type: 'server.returned', mirrorId: context.mirrorId })),
    tellLost: sendParent(({ context }): ServerFact => ({
      type: 'server.lost',
      mirrorId: context.mirrorId,
      code: faultOf(context) ?? 'cancelled',
      detail: context.lastFault?.detail ?? '',
      retryInMs: context.backoffMs,
    })),
    tellEnded: sendParent(({ context }): ServerFact => ({ type: 'server.ended', mirrorId: context.mirrorId, code: faultOf(context) })),
  },
}).createMachine({
  id: 'server',
  description: 'One mirror of the file: whether it can be asked, with how many lanes, and how fast it is.',
  options: { maxIterations: MACHINE_ITERATIONS_MAX },
  context: ({ input }) => newServerRecord(input),
  initial: 'connecting',
  on: {
    'server.leased': { actions: { type: 'noteLease', params: ({ event }) => event } },
    'server.answered': { actions: { type: 'noteAnswer', params: ({ event }) => event } },
    'server.measured': { actions: { type: 'noteReading', params: ({ event }) => event } },
    'server.limit': { actions: { type: 'setMaxLanes', params: ({ event }) => event } },
    'server.refuse': { target: '.retired', actions: { type: 'noteRefusal', params: ({ event: { code, detail, atMs } }) => ({ code, detail, atMs }) } },
    'server.convict': { target: '.quarantined', actions: { type: 'noteRefusal', params: ({ event: { code, detail, atMs } }) => ({ code, detail, atMs }) } },
    'server.finish': '.done',
    'server.settled': [
      {
        guard: { type: 'verdictIs', params: ({ event }) => ({ lane: event, verdict: 'retire' }) },
        target: '.retired',
        actions: { type: 'settle', params: ({ event }) => event },
      },
      {
        guard: { type: 'verdictIs', params: ({ event }) => ({ lane: event, verdict: 'quarantine' }) },
        target: '.quarantined',
        actions: { type: 'settle', params: ({ event }) => event },
      },
      {
        guard: { type: 'verdictIs', params: ({ event }) => ({ lane: event, verdict: 'back-off' }) },
        target: '.failed',
        actions: { type: 'backOff', params: ({ event }) => event },
      },
      {
        guard: { type: 'verdictIs', params: ({ event }) => ({ lane: event, verdict: 'stand-by' }) },
        // Another lane may still be at work.
        target: '.downloading',
        actions: { type: 'serveWholeOnly', params: ({ event }) => event },
      },
      {
        guard: { type: 'verdictIs', params: ({ event }) => ({ lane: event, verdict: 'fewer-lanes' }) },
        actions: { type: 'takeFewerLanes', params: ({ event }) => event },
      },
      {
        guard: { type: 'lastLaneSpoke', params: ({ event }) => event },
        target: '.ready',
        actions: { type: 'settle', params: ({ event }) => event },
      },
      { actions: { type: 'settle', params: ({ event }) => event } },
    ],
  },
  states: {
    connecting: {
      description: 'It has not answered since the start or since its last failure; one lane asks it.',
      on: {
        'server.answered': [
          {
            guard: 'hadFailed',
            target: 'downloading',
            actions: [{ type: 'noteAnswer', params: ({ event }) => event }, 'tellReturned'],
          },
          { target: 'downloading', actions: { type: 'noteAnswer', params: ({ event }) => event } },
        ],
        // Its work was taken away before it had answered: as far as anybody knows it is not there.
        'server.settled': { guard: { type: 'laneDidItsWork', params: ({ event }) => event }, actions: { type: 'settle', params: ({ event }) => event } },
      },
    },
    ready: {
      description: 'It has answered, and no lane of it is at work.',
      on: {
        'server.leased': { target: 'downloading', actions: { type: 'noteLease', params: ({ event }) => event } },
      },
    },
    downloading: {
      description: 'At least one of its lanes is at work.',
      always: { guard: 'noLaneAtWork', target: 'ready' },
    },
    failed: {
      description: 'No lane of it delivers; it is left alone for a while.',
      entry: 'tellLost',
      after: { backoff: { target: 'connecting', actions: 'tellAvailable' } },
      on: {
        'server.settled': [
          {
            guard: { type: 'asksForLonger', params: ({ event }) => event },
            target: 'failed',
            reenter: true,
            actions: { type: 'waitLonger', params: ({ event }) => event },
          },
          { actions: { type: 'settle', params: ({ event }) => event } },
        ],
      },
    },
    quarantined: {
      type: 'final',
      description: 'It lied too often, or sent wrong bytes: nothing it says is believed any more.',
      entry: 'tellEnded',
    },
    retired: {
      type: 'final',
      description: 'It cannot serve this file, or is not wanted.',
      entry: 'tellEnded',
    },
    done: {
      type: 'final',
      description: 'The file is whole.',
    },
  },
});
