import { describe, expect, test } from 'vitest';
import { assertConserved, isComplete } from '../../../src/machines/plan/segment-map.ts';
import { hasWriters } from '../../../src/machines/plan/writers.ts';
import { coordinatorWalk, ONE_PIECE } from './coordinator-walk.ts';
import { errorsIn, stepsOf, trapsOf } from './walk.ts';

const WALKS = [
  ['one mirror', coordinatorWalk(1)],
  ['one mirror and somebody who makes room', coordinatorWalk(1, { waitsForRoom: true })],
  ['one mirror and a piece', coordinatorWalk(1, { pieces: ONE_PIECE })],
] as const;

describe.each(WALKS)('on every path, a coordinator of %s', (_, walk) => {
  const steps = stepsOf(walk);

  test('ends in no unhandled error, and balances every byte', () => {
    expect(steps.length).toBeGreaterThan(1_000);
    expect(errorsIn(steps)).toEqual([]);
    for (const { to } of steps) assertConserved(to.context.map);
  });

  test('can always still end or pause, with nobody to stop it', () => {
    expect(trapsOf(walk, steps.filter(({ event }) => event.type !== 'download.stop'))).toEqual([]);
  });

  test('verifies and publishes only a whole file, and is done only with a path', () => {
    for (const { to } of steps) {
      if (to.value === 'verifying' || to.value === 'publishing' || to.value === 'done') expect(isComplete(to.context.map)).toBe(true);
      if (to.value === 'done') expect(to.context.path).not.toBeNull();
    }
  });

  test('ends without a file only for a reason, and keeps what came only when no writer is at work or one has broken', () => {
    for (const { from, event, to } of steps) {
      const isStopping = typeof to.value === 'object' && 'stopping' in to.value;
      if (isStopping || to.value === 'failed') expect(to.context.ending).not.toBeNull();
      const keeps = isStopping && JSON.stringify(to.value).includes('keeping') && !JSON.stringify(from.value).includes('keeping');
      if (keeps && !event.type.startsWith('xstate.after.drainTimeout')) expect(hasWriters(to.context.map)).toBe(false);
    }
  });

  test('that has begun to give the name lets nobody stop it', () => {
    for (const { from, event, to } of steps) if (from.value === 'publishing' && event.type === 'download.stop') expect(to.value).toBe('publishing');
  });
});
