import { expect, test } from 'vitest';
import { createActor, fromCallback, toPromise } from 'xstate';
import type { EventObject } from 'xstate';
import { coordinatorMachine } from '../../src/machines/coordinator.ts';
import type { Decision } from '../../src/machines/decisions.ts';
import type { OutsideEvent, SampleFact, SampleInput, TransferFact, TransferOrder } from '../../src/machines/events.ts';
import { segmentMachine } from '../../src/machines/segment.ts';
import type { SegmentInput } from '../../src/machines/segment.ts';
import { willingIo } from '../machines/support/coordinator.ts';
import { failure, head } from '../machines/support/facts.ts';

const TOTAL_BYTES = 64 * 1024 * 1024;
const HOUR_MS = 3_600_000;

/** A lane that has answered and is halfway, until it is cancelled or let go on. */
interface Halfway {
  readonly input: SegmentInput;
  finish(atMs: number): void;
}

test('case 70: after eight hours of sleep every lane is made anew, and no server has a strike', async () => {
  const lanes = new Set<Halfway>();
  let opened = 0;
  let nowMs = 0;
  let tick: (event: OutsideEvent) => void = () => undefined;
  const transfer = fromCallback<TransferOrder, SegmentInput>(({ input, sendBack, receive }) => {
    const tell = (fact: TransferFact): void => sendBack(fact);
    const lane: Halfway = {
      input,
      finish(atMs) {
        lanes.delete(lane);
        tell({ type: 'lease.ended', writtenEnd: Math.min(input.end, TOTAL_BYTES), outcome: { kind: 'done' }, atMs });
      },
    };
    opened += 1;
    lanes.add(lane);
    tell({ type: 'lease.opened', head: head({ totalBytes: TOTAL_BYTES }), atMs: nowMs });
    receive((order) => {
      if (order.type === 'lease.shrink') tell({ type: 'lease.shrunk', end: order.end });
      else {
        lanes.delete(lane);
        tell({ type: 'lease.ended', writtenEnd: input.start, outcome: failure(order.code), atMs: nowMs });
      }
    });
  });
  const decisions: Decision[] = [];
  const machine = coordinatorMachine.provide({
    actors: {
      segment: segmentMachine.provide({ actors: { transfer } }),
      sample: fromCallback<EventObject, SampleInput>(({ input: { mirrorId, aim, ranges }, sendBack }) => {
        const same = { ranges, hashes: ranges.map(({ start }) => [`the bytes at ${start}`]), fileHashes: ranges.map(() => null), differences: [], validators: ['"v1"'] };
        sendBack({ type: 'sample.answered', mirrorId, aim, ...same, atMs: 2 } satisfies SampleFact);
      }),
      clock: fromCallback<EventObject, null>(({ sendBack }) => {
        tick = sendBack;
      }),
      ...willingIo,
    },
  });
  const mirrors = [1, 2].map((mirrorId) => ({ mirrorId, url: `http://m${mirrorId}/f` }));
  const actor = createActor(machine, { input: { mirrors, waitMs: 30_000, maxLanes: 2, seed: 1, atMs: 0 } });
  actor.on('decision', (decision) => decisions.push(decision));
  const ended = toPromise(actor.start()).then(() => actor.getSnapshot());
  await expect.poll(() => actor.getSnapshot().value).toBe('transferring');
  const tickAt = (atMs: number): void => {
    nowMs = atMs;
    tick({ type: 'clock.ticked', atMs, readings: [], busyShare: 0 });
  };
  tickAt(100);
  const [before, openedBefore] = [[...lanes], opened];
  expect(before.length).toBeGreaterThan(1);

  tickAt(8 * HOUR_MS);
  expect(before.filter((lane) => lanes.has(lane))).toEqual([]);
  await expect.poll(() => opened).toBeGreaterThan(openedBefore);
  const { context } = actor.getSnapshot();
  expect([...context.servers.values()].map((server) => server.getSnapshot().context.strikes)).toEqual([0, 0]);
  expect(decisions.map(({ kind }) => kind)).not.toContain('server-lost');
  expect(decisions.map(({ kind }) => kind)).toContain('went-on');

  for (let atMs = 8 * HOUR_MS; actor.getSnapshot().status === 'active' && atMs < 8 * HOUR_MS + 60_000; atMs += 100) {
    // Those that come up meanwhile have their turn at the next tick.
    const present = [...lanes];
    for (const lane of present) lane.finish(atMs);
    tickAt(atMs);
    await Promise.resolve();
  }
  const { value, context: after } = await ended;
  expect({ value, ending: after.ending }).toEqual({ value: 'done', ending: null });
});
