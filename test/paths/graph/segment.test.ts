import { describe, expect, test } from 'vitest';
import { fromCallback, SimulatedClock } from 'xstate';
import type { EventFromLogic, SnapshotFrom } from 'xstate';
import type { TransferOrder } from '../../../src/machines/events.ts';
import { segmentMachine } from '../../../src/machines/segment.ts';
import type { SegmentInput } from '../../../src/machines/segment.ts';
import { failure, head } from '../../machines/support/facts.ts';
import { listening } from '../../machines/support/parent.ts';
import { errorsIn, ofXstate, stepsOf, trapsOf, waysOf } from './walk.ts';
import type { Walk } from './walk.ts';

const INPUT: SegmentInput = { segmentId: 1, mirrorId: 1, start: 0, end: 100, manner: 'range', totalBytes: 100 };

type Segment = SnapshotFrom<typeof segmentMachine>;

const walk: Walk<Segment, EventFromLogic<typeof segmentMachine>, SegmentInput> = {
  machine: segmentMachine,
  input: INPUT,
  events: ({ context: { start, end } }) => {
    const middle = Math.min(end, start + 40);
    return [
      { type: 'lease.opened', head: head(), atMs: 1 },
      { type: 'lease.shrunk', end: Math.max(middle, end - 30) },
      { type: 'lease.ended', writtenEnd: end, outcome: { kind: 'done' }, atMs: 2 },
      { type: 'lease.ended', writtenEnd: end, outcome: failure('reset'), atMs: 2 },
      { type: 'lease.ended', writtenEnd: middle, outcome: failure('reset'), atMs: 2 },
      { type: 'lease.ended', writtenEnd: start, outcome: failure('refused'), atMs: 2 },
      { type: 'segment.shrink', end: middle },
      { type: 'segment.cancel', code: 'stalled' },
      { type: 'segment.rest' },
      { type: 'segment.release' },
      { type: 'segment.take', mirrorId: 2, end, manner: 'range', totalBytes: 100 },
      ofXstate('xstate.after.answerTimeout.segment.leased.connecting'),
    ];
  },
  sketch: ({ value, status, context: { start, end, mirrorId, failures } }) => JSON.stringify({ value, status, start, end, mirrorId, failures: Math.min(failures, 2) }),
  // It rests until another server takes it, for as long as it has to.
  isResting: (snapshot) => snapshot.value === 'reassigned',
};

const steps = stepsOf(walk);
const isLeased = (snapshot: Segment): boolean => typeof snapshot.value === 'object';

describe('on every path, a segment', () => {
  test('ends in no unhandled error, and can always still end or rest', () => {
    expect(steps.length).toBeGreaterThan(100);
    expect(errorsIn(steps)).toEqual([]);
    expect(trapsOf(walk, steps)).toEqual([]);
  });

  test('gives its range back only when its writer has drained', () => {
    const left = steps.filter(({ from, to }) => isLeased(from) && !isLeased(to));
    expect(left.length).toBeGreaterThan(0);
    expect([...new Set(left.map(({ event }) => event.type))]).toEqual(['lease.ended']);
  });

  test('never goes back behind what is written, and its end never grows while it is leased', () => {
    for (const { from, to } of steps) {
      expect(to.context.start).toBeGreaterThanOrEqual(from.context.start);
      expect(to.context.start).toBeLessThanOrEqual(to.context.end);
      if (isLeased(from)) expect(to.context.end).toBeLessThanOrEqual(from.context.end);
    }
  });

  test('never rests with nothing left, and goes to another server only from its rest', () => {
    for (const { from, event, to } of steps) {
      if (to.value === 'reassigned') expect(to.context.start).toBeLessThan(to.context.end);
      if (from.context.mirrorId !== to.context.mirrorId) expect([from.value, event.type]).toEqual(['reassigned', 'segment.take']);
    }
  });

  test('does as a live actor what it does on paper', () => {
    const inert = fromCallback<TransferOrder, SegmentInput>(() => undefined);
    for (const way of waysOf(walk)) {
      const actor = listening(segmentMachine.provide({ actors: { transfer: inert } }), INPUT, () => undefined, new SimulatedClock());
      for (const { event, to } of way) {
        actor.send(event);
        expect(walk.sketch(actor.getSnapshot())).toBe(walk.sketch(to));
      }
    }
  });
});
