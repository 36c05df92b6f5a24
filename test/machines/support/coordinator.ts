/** A coordinator whose servers, samples and disk do at once what they should, or what a test gives instead. */
import { expect, onTestFinished } from 'vitest';
import { createActor, fromCallback, fromPromise, toPromise } from 'xstate';
import type { EventObject, NonReducibleUnknown, PromiseActorLogic } from 'xstate';
import type { Proof } from '../../../src/machines/coordinator-context.ts';
import { coordinatorMachine } from '../../../src/machines/coordinator.ts';
import type { Decision } from '../../../src/machines/decisions.ts';
import type { SampleFact, SampleInput, TransferOrder } from '../../../src/machines/events.ts';
import type { Outcome, RecoveredWork } from '../../../src/machines/rulings/on-course.ts';
import { segmentMachine } from '../../../src/machines/segment.ts';
import type { SegmentInput } from '../../../src/machines/segment.ts';
import type { EndReason } from '../../../src/machines/plan/ending.ts';
import { failure, head } from './facts.ts';

export type Provided = NonNullable<Parameters<typeof coordinatorMachine.provide>[0]['actors']>;

export const TOTAL = 3 * 1024 * 1024;
/** An IO actor that does what it should. */
export const ok = <Output, Input extends NonReducibleUnknown>(output: Awaited<Output>): PromiseActorLogic<Output, Input> => fromPromise<Output, Input>(() => Promise.resolve(output));

/** Everything outside that a download needs, as it is where nothing goes wrong. */
export const willingIo = {
  effects: fromCallback(() => undefined),
  nameTarget: ok<Outcome<object>, { readonly waitMs: number }>({ kind: 'done' }),
  openStore: ok<Outcome<{ readonly recovered: RecoveredWork | null }>, null>({ kind: 'done', recovered: null }),
  verify: ok<Outcome<{ readonly proof: Proof }>, { readonly totalBytes: number }>({ kind: 'done', proof: 'none' }),
  publish: ok<Outcome<{ readonly path: string }>, { readonly totalBytes: number }>({ kind: 'done', path: '/the/file' }),
  keep: fromPromise<EndReason, { readonly reason: EndReason }>(({ input }) => Promise.resolve(input.reason)),
} satisfies Partial<Provided>;

/** A world in which every server delivers at once; `size` may differ from server to server. */
export function coordinator(mirrors: number, actors: Partial<Provided> = {}, size: (mirrorId: number) => number = () => TOTAL, content: (mirrorId: number) => string = () => 'the file') {
  const transfer = fromCallback<TransferOrder, SegmentInput>(({ input, sendBack }) => {
    const totalBytes = size(input.mirrorId);
    if (input.totalBytes !== null && input.totalBytes !== totalBytes) {
      sendBack({ type: 'lease.ended', writtenEnd: input.start, outcome: failure('other-size', { totalBytes }), atMs: 1 });
      return;
    }
    const atMs = Math.max(1, actor.getSnapshot().context.nowMs);
    sendBack({ type: 'lease.opened', head: head({ totalBytes }), atMs });
    sendBack({ type: 'lease.ended', writtenEnd: Math.max(input.start, Math.min(input.end, totalBytes)), outcome: { kind: 'done' }, atMs });
  });
  const sample = fromCallback<EventObject, SampleInput>(({ input, sendBack }) => {
    const { mirrorId, aim, ranges } = input;
    const hashes = ranges.map(({ start }) => [`${content(mirrorId)} at ${start}`]);
    sendBack({ type: 'sample.answered', mirrorId, aim, ranges, hashes, fileHashes: ranges.map(() => null), differences: [], validators: ['"v1"'], atMs: 2 } satisfies SampleFact);
  });
  const decisions: Decision[] = [];
  const machine = coordinatorMachine.provide({
    actors: {
      segment: segmentMachine.provide({ actors: { transfer } }),
      sample,
      clock: fromCallback(() => undefined),
      ...willingIo,
      ...actors,
    },
  });
  const settings = { mirrors: Array.from({ length: mirrors }, (_, index) => ({ mirrorId: index + 1, url: `http://m${index + 1}/f` })), waitMs: 0, maxLanes: 2, seed: 1, atMs: 0 };
  const actor = createActor(machine, { id: 'coordinator', input: settings });
  onTestFinished(() => void actor.stop());
  actor.on('decision', (decision) => decisions.push(decision));
  const ended = toPromise(actor.start()).then(() => actor.getSnapshot());
  return { actor, decisions, ended };
}

/** Lets seconds go by until the download has come to such an end. */
export async function secondsUntil(actor: ReturnType<typeof coordinator>['actor'], state: 'done' | 'failed'): Promise<void> {
  let atMs = 0;
  await expect
    .poll(() => {
      atMs += 1_000;
      if (actor.getSnapshot().status === 'active') actor.send({ type: 'clock.ticked', atMs, readings: [], busyShare: 0 });
      return actor.getSnapshot().value;
    })
    .toBe(state);
}
