import { describe, expect, test } from 'vitest';
import { fromCallback, fromPromise } from 'xstate';
import type { EventObject, PromiseActorLogic } from 'xstate';
import { bytesIn } from '../../src/base/range-set.ts';
import type { SampleFact, SampleInput, TransferOrder } from '../../src/machines/events.ts';
import type { Outcome, RecoveredWork } from '../../src/machines/rulings/on-course.ts';
import { segmentMachine } from '../../src/machines/segment.ts';
import type { SegmentInput } from '../../src/machines/segment.ts';
import { failure, head } from './support/facts.ts';
import { coordinator, ok, secondsUntil, TOTAL } from './support/coordinator.ts';
import type { Provided } from './support/coordinator.ts';

const broken = (): PromiseActorLogic<never, never> => fromPromise(() => Promise.reject(new Error('a bug')));
const refused = () =>
  fromPromise<Outcome<object>, never>(() => Promise.resolve({ kind: 'failed', reason: { code: 'disk-failed', message: 'The disk failed.' } }));
/** Whatever its input: the test does not look at it. */
const inPlaceOf = (name: keyof Provided, logic: unknown): Partial<Provided> => ({ [name]: logic });

describe('the coordinator', () => {
  test('takes a file from discovery to its name', async () => {
    const { ended } = coordinator(3);
    const { value, context } = await ended;
    expect(value).toBe('done');
    expect(context.path).toBe('/the/file');
    expect(context.map.free).toEqual([]);
    expect(context.segments.size).toBe(0);
  });

  test.each(['nameTarget', 'openStore', 'verify', 'publish'] as const)('that cannot %s fails for that reason, and what came is kept', async (name) => {
    const { value, context } = await coordinator(1, inPlaceOf(name, refused())).ended;
    expect(value).toBe('failed');
    expect(context.ending).toEqual({ code: 'disk-failed', message: 'The disk failed.' });
  });

  test.each(['nameTarget', 'openStore', 'verify', 'publish', 'keep'] as const)('traps a bug in %s and ends with it', async (name) => {
    const { actor, ended } = coordinator(1, inPlaceOf(name, broken()));
    if (name === 'keep') actor.send({ type: 'download.stop', reason: { code: 'aborted', message: 'Stopped.' } });
    const { value, context } = await ended;
    expect(value).toBe('failed');
    expect(context.ending).toMatchObject({ code: 'bug' });
  });

  test('ends with a tie when two servers disagree on the size', async () => {
    const { value, context } = await coordinator(2, {}, (mirrorId) => TOTAL + mirrorId).ended;
    expect(value).toBe('failed');
    expect(context.ending?.code).toBe('sizes-differ');
  });

  test('refuses the one whose size a majority does not share, and names it', async () => {
    const { ended, decisions } = coordinator(3, {}, (mirrorId) => (mirrorId === 2 ? TOTAL - 1 : TOTAL));
    const { value, context } = await ended;
    expect(value).toBe('done');
    expect(context.ended.get(2)?.state).toBe('retired');
    expect(decisions.find((decision) => decision.kind === 'mirror-refused')).toMatchObject({ mirrorId: 2 });
    expect(context.map.written.some((run) => run.mirrorId === 2)).toBe(false);
  });

  test('begins again when the first to answer was the one in the minority', async () => {
    const { ended, decisions } = coordinator(3, {}, (mirrorId) => (mirrorId === 1 ? TOTAL - 1 : TOTAL));
    const { value, context } = await ended;
    expect(value).toBe('done');
    expect(context.map.totalBytes).toBe(TOTAL);
    expect(decisions.some((decision) => decision.kind === 'started-over')).toBe(true);
    expect(context.map.written.some((run) => run.mirrorId === 1)).toBe(false);
  });

  test('lets in those with the same bytes and refuses the one with others, whoever was named first', async () => {
    for (const liar of [1, 2, 3]) {
      const { ended, decisions } = coordinator(3, {}, undefined, (mirrorId) => (mirrorId === liar ? 'another file' : 'the file'));
      const { value, context } = await ended;
      expect(value).toBe('done');
      expect(context.ended.get(liar)?.state).toBe('retired');
      expect(decisions.find((decision) => decision.kind === 'mirror-refused')).toMatchObject({ mirrorId: liar });
      expect(context.map.written.some((run) => run.mirrorId === liar)).toBe(false);
      expect(context.proof).toBe('cross-checked');
      expect([...context.trust.disputed]).toEqual([]);
    }
  });

  test('believes the one that was named first where two have different bytes', async () => {
    const { ended, decisions } = coordinator(2, {}, undefined, (mirrorId) => `the file of ${mirrorId}`);
    const { value, context } = await ended;
    expect(value).toBe('done');
    expect(context.map.written.every((run) => run.mirrorId === 1)).toBe(true);
    expect(decisions.find((decision) => decision.kind === 'mirror-refused')).toMatchObject({ mirrorId: 2, why: expect.stringContaining('named first') });
    expect(context.proof).toBe('none');
    expect([...context.trust.disputed]).toEqual([2]);
    expect(decisions.find((decision) => decision.kind === 'mirror-admitted')?.why).toBe('server 1 is let in: as many have other bytes, nobody can tell which are right, and it was named first.');
  });

  test('fetches what is missing while what was there is read back, and gives no name before all of it was', async () => {
    const half = TOTAL / 2;
    const runs = [{ start: 0, end: half, mirrorId: 1 }];
    const recovered: RecoveredWork = { totalBytes: TOTAL, runs, unread: [{ start: 0, end: half }] };
    const { actor, ended } = coordinator(2, { openStore: ok<Outcome<{ readonly recovered: RecoveredWork | null }>, null>({ kind: 'done', recovered }) });
    await expect.poll(() => actor.getSnapshot().context.map.free.length + actor.getSnapshot().context.map.held.size).toBe(0);
    expect(actor.getSnapshot().value).toBe('transferring');
    actor.send({ type: 'recovery.read', held: [{ start: 0, end: 1_000 }], lost: [{ start: 1_000, end: 2_000 }], left: [{ start: 2_000, end: half }], atMs: 3 });
    await expect.poll(() => actor.getSnapshot().context.map.free.length + actor.getSnapshot().context.map.held.size).toBe(0);
    expect(actor.getSnapshot().value).toBe('transferring');
    actor.send({ type: 'recovery.read', held: [{ start: 2_000, end: half }], lost: [], left: [], atMs: 4 });
    const { value, context } = await ended;
    expect(value).toBe('done');
    expect(bytesIn(context.map.recovered)).toBe(half - 1_000);
  });

  test('does not keep a file from its name for a server that gave bytes and is gone when it is to be compared', async () => {
    const sample = fromCallback<EventObject, SampleInput>(({ input, sendBack }) => {
      const { mirrorId, aim, ranges } = input;
      const atMs = actor.getSnapshot().context.nowMs;
      if (mirrorId === 1) sendBack({ type: 'sample.failed', mirrorId, aim, ranges, code: 'refused', detail: '', retryAfterMs: null, receivedBytes: 0, atMs } satisfies SampleFact);
      else sendBack({ type: 'sample.answered', mirrorId, aim, ranges, hashes: ranges.map(() => ['the file']), fileHashes: ranges.map(() => null), differences: [], validators: ['"v1"'], atMs } satisfies SampleFact);
    });
    const { actor } = coordinator(2, { sample });
    await secondsUntil(actor, 'done');
    expect(actor.getSnapshot().context.map.written.every((run) => run.mirrorId === 2)).toBe(true);
  });

  /** Transfers that deliver at once, but for one mirror's. */
  const segmentWithout = (absentId: number) => {
    const transfer = fromCallback<TransferOrder, SegmentInput>(({ input, sendBack }) => {
      if (input.mirrorId !== absentId) {
        sendBack({ type: 'lease.opened', head: head({ totalBytes: TOTAL }), atMs: 1 });
        sendBack({ type: 'lease.ended', writtenEnd: Math.min(input.end, TOTAL), outcome: { kind: 'done' }, atMs: 1 });
      } else sendBack({ type: 'lease.ended', writtenEnd: input.start, outcome: failure('too-many-requests'), atMs: 1 });
    });
    return { segment: segmentMachine.provide({ actors: { transfer } }) };
  };

  test('does not wait for a mirror that gave bytes in an earlier run, was not let in then, and has not answered since', async () => {
    const recovered: RecoveredWork = { totalBytes: TOTAL, runs: [], provisional: [{ start: 0, end: TOTAL / 2, mirrorId: 2 }] };
    const { actor } = coordinator(3, { ...segmentWithout(2), openStore: ok<Outcome<{ readonly recovered: RecoveredWork | null }>, null>({ kind: 'done', recovered }) });
    await secondsUntil(actor, 'done');
    expect(actor.getSnapshot().context.map.written.some(({ mirrorId }) => mirrorId === 2)).toBe(false);
  });

  test('takes the file of one that cannot be compared where the only other has another version by now', async () => {
    const sample = fromCallback<EventObject, SampleInput>(({ input, sendBack }) => {
      const { mirrorId, aim, ranges } = input;
      const atMs = actor.getSnapshot().context.nowMs;
      if (mirrorId === 1) sendBack({ type: 'sample.failed', mirrorId, aim, ranges, code: 'closed-early', detail: '', retryAfterMs: null, receivedBytes: 0, atMs } satisfies SampleFact);
      else sendBack({ type: 'sample.answered', mirrorId, aim, ranges, hashes: ranges.map(() => ['another']), fileHashes: ranges.map(() => ['the file']), differences: [], validators: ['"v2"'], atMs } satisfies SampleFact);
    });
    const { actor } = coordinator(2, { sample });
    await secondsUntil(actor, 'done');
    expect(actor.getSnapshot().context.proof).toBe('none');
  });

  test('stopped while a name is being given, lets the file have it', async () => {
    let give: (outcome: Outcome<{ path: string }>) => void = () => undefined;
    const publish = fromPromise<Outcome<{ path: string }>, never>(
      () =>
        new Promise((resolve) => {
          give = resolve;
        }),
    );
    const { actor, ended } = coordinator(1, inPlaceOf('publish', publish));
    await expect.poll(() => actor.getSnapshot().value).toBe('publishing');
    actor.send({ type: 'download.stop', reason: { code: 'aborted', message: 'Stopped.' } });
    give({ kind: 'done', path: '/the/file' });
    expect((await ended).value).toBe('done');
  });
});
