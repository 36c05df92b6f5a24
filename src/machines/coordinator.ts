/**
 * The coordinator of one file: it finds the servers, owns the segment map, hands out ranges, and sees the file through
 * to its name. What it decides stands in `rulings/` and `plan/`, pure; this chart says when.
 */
import { enqueueActions, sendTo, setup } from 'xstate';
import type { ErrorActorEvent } from 'xstate';
import { DRAIN_TIMEOUT_MS, MACHINE_ITERATIONS_MAX } from '../base/bounds.ts';
import type { CoordinatorContext, CoordinatorInput, SegmentRef } from './coordinator-context.ts';
import { newContext, serverInput, withEntry, withoutEntry } from './coordinator-context.ts';
import { coordinatorActors } from './coordinator-actors.ts';
import { coordinatorGuards } from './coordinator-guards.ts';
import type { Decision } from './decisions.ts';
import type { CoordinatorEvent } from './events.ts';
import { bug } from './plan/ending.ts';
import { clockTicked, starvation } from './rulings/on-clock.ts';
import { clearWriters, endedFor, failedFor, finished, goOn, pause, proved, stop, stopFor, storeOpened, trapped, waitForRoom } from './rulings/on-course.ts';
import { turnToOthers } from './rulings/on-overruled.ts';
import { pieceProved, pieceRefuted } from './rulings/on-pieces.ts';
import { recoveryRead } from './rulings/on-recovery.ts';
import { lookAgain, lookAround, lookOver } from './rulings/on-plan.ts';
import { segmentOpened, segmentSettled, segmentShrunk } from './rulings/on-segments.ts';
import { sampleAnswered, sampleFailed } from './rulings/on-samples.ts';
import { beginSearch, searchReason } from './rulings/on-search.ts';
import { callServers, lanesSet, limitSet, mirrorAdd, mirrorDrop, mirrorRestore, nameUnanswered, serverEnded, serverLost, serverReturned } from './rulings/on-servers.ts';
import { changesTooOften, startOver, tie } from './rulings/on-votes.ts';
import type { Ruling } from './rulings/ruling.ts';
import type { ServerRef } from './server-rows.ts';

const awake = <Ref extends SegmentRef | ServerRef>(ref: Ref | undefined): Ref | undefined => (ref?.getSnapshot().status === 'active' ? ref : undefined);

export const coordinatorMachine = setup({
  types: {
    context: {} as CoordinatorContext,
    events: {} as CoordinatorEvent | ErrorActorEvent,
    input: {} as CoordinatorInput,
    emitted: {} as Decision,
  },
  actors: coordinatorActors,
  delays: { drainTimeout: DRAIN_TIMEOUT_MS },
  guards: coordinatorGuards,
  actions: {
    /** Does what a ruling says: the one place where the coordinator's children and listeners are told anything. */
    carryOut: enqueueActions(({ context, enqueue }, ruling: Ruling) => {
      enqueue.assign(ruling.change);
      for (const order of ruling.orders) {
        switch (order.to) {
          // Looked up when it is sent: the same ruling may have made it. What is over is told nothing (`self` has no such event).
          case 'segment':
            enqueue.sendTo(({ context, self }) => awake(context.segments.get(order.segmentId)) ?? self, order.event);
            break;
          case 'server':
            enqueue.sendTo(({ context, self }) => awake(context.servers.get(order.mirrorId)) ?? self, order.event);
            break;
          case 'new segment':
            enqueue.assign(({ context, spawn }) => ({ segments: withEntry(context.segments, order.input.segmentId, spawn('segment', { id: `segment-${order.input.segmentId}`, input: order.input })) }));
            break;
          case 'new server': {
            const input = serverInput(context, order.mirror);
            const id = `server-${input.mirrorId}`;
            enqueue.assign(({ context, spawn }) => ({ servers: withEntry(context.servers, input.mirrorId, spawn('server', { id, input })) }));
            break;
          }
          case 'new sample':
            enqueue.spawnChild('sample', { id: `sample-${order.input.mirrorId}`, input: order.input });
            break;
          case 'gone sample':
            enqueue.stopChild(`sample-${order.mirrorId}`);
            break;
          case 'gone segment':
            enqueue.stopChild(`segment-${order.segmentId}`);
            enqueue.assign(({ context }) => ({ segments: withoutEntry(context.segments, order.segmentId) }));
            break;
          case 'gone server':
            enqueue.stopChild(`server-${order.mirrorId}`);
            enqueue.assign(({ context }) => ({ servers: withoutEntry(context.servers, order.mirrorId) }));
            break;
          case 'outside':
            enqueue.sendTo('effects', order.effect);
            break;
          case 'listeners':
            enqueue.emit(order.decision);
            break;
          case 'self':
            enqueue.raise({ type: 'download.stop', reason: order.stopFor });
            break;
        }
      }
    }),
    /**
     * Sent and not raised: orders to servers reach them only after this step, and a plan that is drawn before would ask
     * a server that has just failed.
     */
    planAnew: sendTo(({ self }) => self, { type: 'plan.due' }),
  },
}).createMachine({
  id: 'coordinator',
  description: 'One file: its servers, its segments, and the way to its name.',
  options: { maxIterations: MACHINE_ITERATIONS_MAX },
  context: ({ input }) => newContext(input),
  invoke: [{ id: 'clock', src: 'clock', input: null }, { id: 'effects', src: 'effects', input: null }],
  initial: 'discovering',
  on: {
    'clock.ticked': { actions: [{ type: 'carryOut', params: ({ context, event }) => clockTicked(context, event) }, 'planAnew'] },
    'segment.opened': { actions: [{ type: 'carryOut', params: ({ context, event }) => segmentOpened(context, event) }, 'planAnew'] },
    'segment.shrunk': { actions: [{ type: 'carryOut', params: ({ context, event }) => segmentShrunk(context, event) }, 'planAnew'] },
    'segment.settled': { actions: [{ type: 'carryOut', params: ({ context, event }) => segmentSettled(context, event) }, 'planAnew'] },
    'sample.answered': { actions: [{ type: 'carryOut', params: ({ context, event }) => sampleAnswered(context, event) }, 'planAnew'] },
    'sample.failed': { actions: [{ type: 'carryOut', params: ({ context, event }) => sampleFailed(context, event) }, 'planAnew'] },
    'piece.proved': { actions: [{ type: 'carryOut', params: ({ context, event }) => pieceProved(context, event) }, 'planAnew'] },
    'piece.refuted': { actions: [{ type: 'carryOut', params: ({ context, event }) => pieceRefuted(context, event) }, 'planAnew'] },
    'recovery.read': { actions: [{ type: 'carryOut', params: ({ context, event }) => recoveryRead(context, event) }, 'planAnew'] },
    'server.available': { actions: 'planAnew' },
    'server.lost': { actions: [{ type: 'carryOut', params: ({ context, event }) => serverLost(context, event) }, 'planAnew'] },
    'server.returned': { actions: { type: 'carryOut', params: ({ context, event }) => serverReturned(context, event) } },
    'server.ended': { actions: [{ type: 'carryOut', params: ({ context, event }) => serverEnded(context, event) }, 'planAnew'] },
    'mirror.add': { actions: [{ type: 'carryOut', params: ({ context, event }) => mirrorAdd(context, event) }, 'planAnew'] },
    'mirror.drop': { actions: [{ type: 'carryOut', params: ({ context, event }) => mirrorDrop(context, event) }, 'planAnew'] },
    'mirror.restore': { actions: [{ type: 'carryOut', params: ({ context, event }) => mirrorRestore(context, event) }, 'planAnew'] },
    'lanes.set': { actions: [{ type: 'carryOut', params: ({ context, event }) => lanesSet(context, event) }, 'planAnew'] },
    'limit.set': { actions: { type: 'carryOut', params: ({ context, event }) => limitSet(context, event) } },
    // A rejection or a throw of any child is a bug: no IO actor rejects. The trap sees to it that nothing is lost.
    'xstate.error.actor.*': { actions: { type: 'carryOut', params: ({ event }) => failedFor(trapped(event)) } },
    'download.stop': { target: '.stopping', actions: { type: 'carryOut', params: ({ context, event }) => stop(context, event.reason) } },
  },
  states: {
    discovering: {
      description: 'Which servers are there, and what the file is called.',
      initial: 'naming',
      states: {
        naming: {
          description: 'The file’s name comes from the user, from the URL or, where neither has one, from a server.',
          invoke: {
            src: 'nameTarget',
            input: ({ context }) => ({ waitMs: context.settings.waitMs }),
            onDone: [
              { guard: { type: 'hasFailed', params: ({ event }) => event.output }, actions: { type: 'carryOut', params: ({ event }) => failedFor(event.output) } },
              { target: 'opening' },
            ],
          },
          on: { 'name.unanswered': { actions: { type: 'carryOut', params: ({ context, event }) => nameUnanswered(context, event) } } },
        },
        opening: {
          description: 'The part file is locked and opened, and what an earlier run left is read.',
          invoke: {
            src: 'openStore',
            input: null,
            onDone: [
              { guard: { type: 'hasFailed', params: ({ event }) => event.output }, actions: { type: 'carryOut', params: ({ event }) => failedFor(event.output) } },
              {
                target: 'looking',
                actions: [
                  { type: 'carryOut', params: ({ context, event }) => storeOpened(context, event.output) },
                  { type: 'carryOut', params: ({ context }) => callServers(context) },
                  'planAnew',
                ],
              },
            ],
          },
        },
        looking: {
          description: 'Every server is asked; the first answers are bytes already.',
          always: [
            { guard: 'allWasThere', target: '#coordinator.verifying' },
            { guard: 'mustStartOver', target: '#coordinator.planning.clearing' },
            { guard: 'somebodyToldTheSize', target: '#coordinator.planning' },
            { guard: 'somebodyStreams', target: '#coordinator.transferring' },
          ],
          on: {
            'plan.due': [
              {
                guard: 'isStarved',
                target: '#coordinator.stopping',
                actions: { type: 'carryOut', params: ({ context }) => stop(context, starvation(context)) },
              },
              { actions: { type: 'carryOut', params: ({ context }) => lookAround(context) } },
            ],
            'download.pause': '#coordinator.paused',
          },
        },
      },
    },
    planning: {
      description: 'The size is known: the map stands, or begins again where the servers now have another file.',
      initial: 'laying',
      states: {
        laying: { always: { target: '#coordinator.transferring' } },
        clearing: {
          description: 'What was begun is of another version; its writers drain before anything is forgotten.',
          entry: { type: 'carryOut', params: ({ context }) => clearWriters(context) },
          always: {
            guard: 'writersHaveDrained',
            target: '#coordinator.transferring',
            actions: { type: 'carryOut', params: ({ context }) => startOver(context) },
          },
        },
      },
    },
    transferring: {
      description: 'Segments come in; idle servers are given more, failed ones’ work goes to others.',
      entry: 'planAnew',
      always: [
        {
          guard: 'startsOverTooOften',
          target: 'stopping',
          actions: { type: 'carryOut', params: ({ context }) => stop(context, changesTooOften) },
        },
        { guard: 'mustStartOver', target: 'planning.clearing' },
        { guard: 'allIsThere', target: 'verifying' },
      ],
      on: {
        'plan.due': [
          {
            guard: 'isTied',
            target: 'stopping',
            actions: { type: 'carryOut', params: ({ context }) => stop(context, tie(context)) },
          },
          {
            guard: 'isStarved',
            target: 'stopping',
            actions: { type: 'carryOut', params: ({ context }) => stop(context, starvation(context)) },
          },
          { actions: { type: 'carryOut', params: ({ context }) => lookOver(context) } },
        ],
        'download.pause': 'paused',
        'download.stop': { guard: { type: 'canWaitForRoom', params: ({ event }) => event.reason }, target: 'paused', actions: { type: 'carryOut', params: ({ context }) => waitForRoom(context) } },
      },
    },
    paused: {
      description: 'The lanes are stopped, by the user or for want of room on the disk; everything received is kept.',
      entry: { type: 'carryOut', params: ({ context }) => pause(context) },
      on: {
        'download.resume': [
          { guard: 'sizeIsKnown', target: 'transferring', actions: { type: 'carryOut', params: ({ context }) => goOn(context) } },
          { target: 'discovering.looking', actions: [{ type: 'carryOut', params: ({ context }) => goOn(context) }, 'planAnew'] },
        ],
        'download.stop': { guard: { type: 'canWaitForRoom', params: ({ event }) => event.reason }, description: 'There is still no room: it goes on waiting.' },
      },
    },
    verifying: {
      description: 'Every byte is there; what can be proved of them is proved.',
      invoke: {
        src: 'verify',
        input: ({ context }) => ({ totalBytes: context.map.totalBytes }),
        onDone: [
          {
            guard: { type: 'canSearch', params: ({ event }) => event.output },
            target: 'searching',
            actions: { type: 'carryOut', params: ({ context, event }) => beginSearch(context, event.output) },
          },
          {
            guard: { type: 'mustTurnToOthers', params: ({ event }) => event.output },
            target: 'planning.clearing',
            actions: { type: 'carryOut', params: ({ context }) => turnToOthers(context) },
          },
          { guard: { type: 'hasFailed', params: ({ event }) => event.output }, actions: { type: 'carryOut', params: ({ event }) => failedFor(event.output) } },
          { target: 'publishing', actions: { type: 'carryOut', params: ({ context, event }) => proved(context, event.output) } },
        ],
      },
    },
    searching: {
      description: 'The checksum does not fit: what each server gave is compared with what the others have.',
      entry: 'planAnew',
      always: [
        { guard: 'searchHasATry', target: 'verifying' },
        {
          guard: 'searchIsOver',
          target: 'stopping',
          actions: { type: 'carryOut', params: ({ context }) => stop(context, searchReason(context)) },
        },
      ],
      on: {
        'plan.due': { actions: { type: 'carryOut', params: ({ context }) => lookAgain(context) } },
        'download.pause': 'paused',
        'download.stop': { guard: { type: 'canWaitForRoom', params: ({ event }) => event.reason }, target: 'paused', actions: { type: 'carryOut', params: ({ context }) => waitForRoom(context) } },
      },
    },
    publishing: {
      description: 'The file gets its name: synced, linked, and what was beside it removed.',
      invoke: {
        src: 'publish',
        input: ({ context }) => ({ totalBytes: context.map.totalBytes }),
        onDone: [
          {
            guard: { type: 'hasFailed', params: ({ event }) => event.output },
            target: 'stopping',
            actions: { type: 'carryOut', params: ({ context, event }) => stopFor(context, event.output) },
          },
          { target: 'done', actions: { type: 'carryOut', params: ({ context, event }) => finished(context, event.output) } },
        ],
        onError: { target: 'stopping', actions: { type: 'carryOut', params: ({ context, event }) => stopFor(context, trapped(event)) } },
      },
      on: {
        'download.stop': { description: 'Too late: the name is being given.' },
      },
    },
    stopping: {
      description: 'It ends without its file: the writers drain, then what came is kept for a resume.',
      initial: 'draining',
      on: {
        'download.stop': { description: 'It is stopping already, for the first reason.' },
      },
      states: {
        draining: {
          description: 'A lane that broke never says that it has drained: it is waited for so long, and what it wrote is not relied on.',
          always: { guard: 'writersHaveDrained', target: 'keeping' },
          after: { drainTimeout: 'keeping' },
        },
        keeping: {
          invoke: {
            src: 'keep',
            input: ({ context }) => ({ reason: context.ending ?? bug('no reason to stop') }),
            onDone: { target: '#coordinator.failed', actions: { type: 'carryOut', params: ({ event }) => endedFor(event.output) } },
            onError: { target: '#coordinator.failed', actions: { type: 'carryOut', params: ({ event }) => endedFor(bug(event.error)) } },
          },
        },
      },
    },
    done: {
      type: 'final',
      description: 'The whole file stands under its name.',
    },
    failed: {
      type: 'final',
      description: 'The download ended without its file; the reason says what to do.',
    },
  },
});
