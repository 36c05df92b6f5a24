import { describe, expect, test } from 'vitest';
import { SimulatedClock } from 'xstate';
import type { EventFromLogic, SnapshotFrom } from 'xstate';
import { BACKOFF_MAX_MS, LIES_FORGIVEN } from '../../../src/base/bounds.ts';
import type { FaultCode } from '../../../src/base/faults.ts';
import { faultClassOf } from '../../../src/base/faults.ts';
import { serverMachine } from '../../../src/machines/server.ts';
import type { ServerInput } from '../../../src/machines/server.ts';
import { failure, head } from '../../machines/support/facts.ts';
import { listening } from '../../machines/support/parent.ts';
import { errorsIn, ofXstate, stepsOf, trapsOf, waysOf } from './walk.ts';
import type { Walk } from './walk.ts';

type Server = SnapshotFrom<typeof serverMachine>;
type ServerEvent = EventFromLogic<typeof serverMachine>;

const INPUT: ServerInput = { mirrorId: 1, url: 'http://a/f', maxLanes: 3, isOneOfMany: false, seed: 1 };
/** One fault of each class. */
const CODES: readonly FaultCode[] = ['reset', 'wrong-range', 'not-found', 'no-ranges', 'other-size', 'cancelled'];
const BACKOFF_OVER = 'xstate.after.backoff.server.failed';
const atMs = 1_000;

const settled = (code: FaultCode | null, lanesLeft: number): ServerEvent => ({
  type: 'server.settled', outcome: code === null ? { kind: 'done' } : failure(code), lanesLeft, deliveredBytes: code === null ? 50 : 0, writtenEnd: code === null ? 50 : 0, atMs,
});

const walk: Walk<Server, ServerEvent, ServerInput> = {
  machine: serverMachine,
  input: INPUT,
  events: ({ context: { liveLanes } }) => [
    ...(liveLanes < INPUT.maxLanes ? [{ type: 'server.leased', lanes: liveLanes + 1, atMs } as const] : []),
    { type: 'server.answered', head: head(), atMs },
    { type: 'server.measured', inFlightBytes: 100, lanes: liveLanes, mayTryMore: true, atMs },
    // What is left is what it had, less the lane that has ended.
    ...(liveLanes === 0 ? [] : [null, ...CODES].map((code) => settled(code, liveLanes - 1))),
    { type: 'server.limit', maxLanes: 2 },
    { type: 'server.refuse', code: 'other-size', detail: '', atMs },
    { type: 'server.convict', code: 'bad-piece', detail: '', atMs },
    { type: 'server.finish' },
    ofXstate(BACKOFF_OVER),
  ],
  sketch: ({ value, status, context: { liveLanes, strikes, lies, manner, maxLanes, lastFault } }) =>
    JSON.stringify({ value, status, liveLanes, hasStrikes: strikes > 0, lies: Math.min(lies, LIES_FORGIVEN + 1), manner, maxLanes, code: lastFault?.code ?? null }),
  // There is a place for every server that has nothing to do.
  isResting: ({ value }) => value === 'ready',
};

const steps = stepsOf(walk);

describe('on every path, a server', () => {
  test('ends in no unhandled error, and can always still end or be ready', () => {
    expect(steps.length).toBeGreaterThan(1_000);
    expect(errorsIn(steps)).toEqual([]);
    expect(trapsOf(walk, steps)).toEqual([]);
  });

  test('is ready without a lane at work, and downloads with one', () => {
    for (const { to } of steps) {
      if (to.value === 'ready') expect(to.context.liveLanes).toBe(0);
      if (to.value === 'downloading') expect(to.context.liveLanes).toBeGreaterThan(0);
    }
  });

  test('is failed only when no lane of it delivers or one has lied, and then for a bounded pause', () => {
    for (const { from, to } of steps) {
      if (to.value !== 'failed' || from.value === 'failed') continue;
      const code = to.context.lastFault?.code;
      expect(to.context.liveLanes === 0 || (code !== undefined && faultClassOf(code) === 'lie')).toBe(true);
      expect(to.context.strikes).toBeGreaterThan(from.context.strikes);
      expect(to.context.backoffMs).toBeLessThanOrEqual(BACKOFF_MAX_MS * 2);
    }
  });

  test('is asked again only when its pause is over', () => {
    const left = steps.filter(({ from, to }) => from.value === 'failed' && to.value !== 'failed' && to.status === 'active');
    expect(left.length).toBeGreaterThan(0);
    expect([...new Set(left.map(({ event, to }) => `${event.type} → ${to.value}`))]).toEqual([`${BACKOFF_OVER} → connecting`]);
  });

  test('is quarantined for nothing but lies', () => {
    for (const { from, event, to } of steps) {
      if (to.value !== 'quarantined') continue;
      const code = to.context.lastFault?.code;
      expect(code === undefined ? null : faultClassOf(code)).toBe('lie');
      if (event.type === 'server.settled') expect(from.context.lies).toBeGreaterThanOrEqual(LIES_FORGIVEN);
    }
  });

  test('always may have a lane, and never more than the user allows', () => {
    for (const { to: { context: { lanes, maxLanes } } } of steps) {
      expect(lanes.cap).toBeGreaterThanOrEqual(1);
      expect(lanes.cap).toBeLessThanOrEqual(Math.max(maxLanes, INPUT.maxLanes));
    }
  });

  test('does as a live actor what it does on paper, and tells its end once', () => {
    for (const way of waysOf(walk)) {
      const heard: unknown[] = [];
      const clock = new SimulatedClock();
      const actor = listening(serverMachine, INPUT, (fact) => heard.push(fact), clock);
      for (const { event, to } of way) {
        // A live one waits its pause out.
        if (event.type === (BACKOFF_OVER as string)) clock.increment(BACKOFF_MAX_MS * 2);
        else actor.send(event);
        expect(walk.sketch(actor.getSnapshot())).toBe(walk.sketch(to));
      }
      const { value } = actor.getSnapshot();
      const ends = heard.filter((fact) => JSON.stringify(fact).includes('server.ended')).length;
      expect(ends).toBe(value === 'retired' || value === 'quarantined' ? 1 : 0);
    }
  });
});
