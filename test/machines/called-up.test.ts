/** Of very many mirrors not all are called up at once. */
import { describe, expect, test } from 'vitest';
import { fromCallback } from 'xstate';
import { ANSWER_TIMEOUT_MS, LIVE_SERVERS_MAX, SERVERS_CALLED_FIRST } from '../../src/base/bounds.ts';
import type { TransferOrder } from '../../src/machines/events.ts';
import type { FaultCode } from '../../src/base/faults.ts';
import { segmentMachine } from '../../src/machines/segment.ts';
import type { SegmentInput } from '../../src/machines/segment.ts';
import { coordinator, secondsUntil, TOTAL } from './support/coordinator.ts';
import { failure } from './support/facts.ts';

const BUSY = 1;
const IDLE = 0;

/** So many mirrors, of which nobody ever answers. */
async function silent(mirrors: number) {
  const { actor } = coordinator(mirrors, { segment: segmentMachine.provide({ actors: { transfer: fromCallback(() => undefined) } }) });
  await expect.poll(() => actor.getSnapshot().matches({ discovering: 'looking' })).toBe(true);
  let atMs = 0;
  /** How many are live after a tick in which the event loop was so busy. */
  const liveAfter = (busyShare: number): number => {
    atMs += 100;
    actor.send({ type: 'clock.ticked', atMs, readings: [], busyShare });
    return actor.getSnapshot().context.servers.size;
  };
  return { atFirst: actor.getSnapshot().context.servers.size, liveAfter, actor };
}

describe('of very many mirrors', () => {
  test('the first are called up at once, and the others with the first tick that leaves the event loop time', async () => {
    const { atFirst, liveAfter } = await silent(LIVE_SERVERS_MAX + 9);
    expect(atFirst).toBe(SERVERS_CALLED_FIRST);
    expect([liveAfter(BUSY), liveAfter(BUSY), liveAfter(IDLE), liveAfter(BUSY)]).toEqual([SERVERS_CALLED_FIRST, SERVERS_CALLED_FIRST, LIVE_SERVERS_MAX, LIVE_SERVERS_MAX]);
  });

  test('one that the user adds waits with them', async () => {
    const { liveAfter, actor } = await silent(SERVERS_CALLED_FIRST);
    liveAfter(BUSY);
    actor.send({ type: 'mirror.add', mirrorId: 99, url: 'http://m99/f' });
    expect(actor.getSnapshot().context.waiting.map(({ mirrorId }) => mirrorId)).toEqual([99]);
    expect(liveAfter(IDLE)).toBe(SERVERS_CALLED_FIRST + 1);
  });

  test('no tie ends the download before all were asked who could decide it', async () => {
    const half = SERVERS_CALLED_FIRST / 2;
    const { actor, ended } = coordinator(SERVERS_CALLED_FIRST + 1, {}, (mirrorId) => (mirrorId > half && mirrorId <= 2 * half ? TOTAL + 1 : TOTAL));
    await secondsUntil(actor, 'done');
    expect((await ended).context.map.totalBytes).toBe(TOTAL);
  });

  test('there are always some that are asked for the first time, and still the download ends when each has had its turn', async () => {
    // Those of odd numbers say nothing, and would be waited for for ten seconds.
    const transfer = fromCallback<TransferOrder, SegmentInput>(({ input, sendBack, receive }) => {
      const fail = (code: FaultCode): void => sendBack({ type: 'lease.ended', writtenEnd: input.start, outcome: failure(code), atMs: actor.getSnapshot().context.nowMs });
      receive((order) => {
        if (order.type === 'lease.cancel') fail(order.code);
      });
      // As of a real connection, the end of it comes later.
      if (input.mirrorId % 2 === 0) queueMicrotask(() => fail('refused'));
    });
    const { actor, ended } = coordinator(LIVE_SERVERS_MAX + 9, { segment: segmentMachine.provide({ actors: { transfer } }) });
    await secondsUntil(actor, 'failed');
    const { context } = await ended;
    expect(context.ending?.code).toBe('no-server');
    expect([...context.servers.keys()]).toContain(LIVE_SERVERS_MAX + 9);
    expect(context.nowMs).toBeLessThan(ANSWER_TIMEOUT_MS);
  });
});
