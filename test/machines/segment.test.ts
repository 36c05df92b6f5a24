import { describe, expect, test } from 'vitest';
import { createActor, fromCallback, SimulatedClock } from 'xstate';
import { ANSWER_TIMEOUT_MS } from '../../src/base/bounds.ts';
import type { SegmentFact, TransferFact, TransferOrder } from '../../src/machines/events.ts';
import { segmentMachine } from '../../src/machines/segment.ts';
import type { SegmentInput } from '../../src/machines/segment.ts';
import { leafOf } from '../../src/metrics/event-tap.ts';
import { failure, head } from './support/facts.ts';
import { listening } from './support/parent.ts';

/** A segment whose transfers the test plays. */
function segment() {
  const clock = new SimulatedClock();
  const transfers: { input: SegmentInput; orders: TransferOrder[]; tell: (fact: TransferFact) => void; isOver: boolean }[] = [];
  const transfer = fromCallback<TransferOrder, SegmentInput>(({ input, receive, sendBack }) => {
    const one = { input, orders: [] as TransferOrder[], tell: sendBack, isOver: false };
    transfers.push(one);
    receive((order) => one.orders.push(order));
    return () => {
      one.isOver = true;
    };
  });
  const heard: SegmentFact[] = [];
  const input: SegmentInput = { segmentId: 1, mirrorId: 1, start: 0, end: 100, manner: 'range', totalBytes: 100 };
  const actor = listening(segmentMachine.provide({ actors: { transfer } }), input, (fact) => heard.push(fact as SegmentFact), clock);
  const current = () => {
    const one = transfers.at(-1);
    if (one === undefined) throw new Error('no transfer has begun');
    return one;
  };
  return { actor, clock, heard, transfers, current, state: () => leafOf(actor.getSnapshot().value) };
}

describe('a segment', () => {
  test('goes from connecting over downloading to done', () => {
    const { state, current, heard } = segment();
    expect(state()).toBe('connecting');
    current().tell({ type: 'lease.opened', head: head(), atMs: 1 });
    expect(state()).toBe('downloading');
    current().tell({ type: 'lease.ended', writtenEnd: 100, outcome: { kind: 'done' }, atMs: 2 });
    expect(state()).toBe('done');
    expect(heard.map((fact) => fact.type)).toEqual(['segment.opened', 'segment.settled']);
  });

  test('that fails rests as reassigned until another server takes what is left of it', () => {
    const { actor, state, current, transfers } = segment();
    current().tell({ type: 'lease.opened', head: head(), atMs: 1 });
    current().tell({ type: 'lease.ended', writtenEnd: 40, outcome: failure('reset'), atMs: 2 });
    expect(state()).toBe('failed');
    actor.send({ type: 'segment.rest' });
    expect(state()).toBe('reassigned');
    actor.send({ type: 'segment.take', mirrorId: 2, end: 80, manner: 'range', totalBytes: 100 });
    expect(state()).toBe('connecting');
    expect(transfers).toHaveLength(2);
    expect(current().input).toMatchObject({ segmentId: 1, mirrorId: 2, start: 40, end: 80 });
  });

  test('whose server fails after the last byte is done all the same', () => {
    const { state, current } = segment();
    current().tell({ type: 'lease.opened', head: head(), atMs: 1 });
    current().tell({ type: 'lease.ended', writtenEnd: 100, outcome: failure('reset'), atMs: 2 });
    expect(state()).toBe('done');
  });

  test('that is cancelled gives its range back only when its writer has drained', () => {
    const { actor, state, current, heard } = segment();
    current().tell({ type: 'lease.opened', head: head(), atMs: 1 });
    actor.send({ type: 'segment.cancel', code: 'stalled' });
    expect(state()).toBe('draining');
    expect(current().orders).toEqual([{ type: 'lease.cancel', code: 'stalled' }]);
    expect(heard.some((fact) => fact.type === 'segment.settled')).toBe(false);
    expect(current().isOver).toBe(false);
    current().tell({ type: 'lease.ended', writtenEnd: 30, outcome: failure('stalled'), atMs: 3 });
    expect(heard.at(-1)).toMatchObject({ type: 'segment.settled', writtenEnd: 30 });
    expect(state()).toBe('failed');
  });

  test('whose server does not answer in time is cancelled as such', () => {
    const { clock, state, current } = segment();
    clock.increment(ANSWER_TIMEOUT_MS);
    expect(state()).toBe('draining');
    expect(current().orders).toEqual([{ type: 'lease.cancel', code: 'head-timeout' }]);
  });

  test('is shrunk by the lane’s answer, not by the asking', () => {
    const { actor, current, heard } = segment();
    current().tell({ type: 'lease.opened', head: head(), atMs: 1 });
    actor.send({ type: 'segment.shrink', end: 50 });
    expect(actor.getSnapshot().context.end).toBe(100);
    current().tell({ type: 'lease.shrunk', end: 60 });
    expect(actor.getSnapshot().context.end).toBe(60);
    expect(heard.at(-1)).toEqual({ type: 'segment.shrunk', segmentId: 1, end: 60 });
  });
});

test('a segment that is run without its effects says so at once', () => {
  const actor = createActor(segmentMachine, { input: { segmentId: 1, mirrorId: 1, start: 0, end: 1, manner: 'range', totalBytes: null } });
  const errors: unknown[] = [];
  actor.subscribe({ error: (error) => errors.push(error) });
  actor.start();
  expect(String(errors[0])).toContain('provide()');
});
