import { expect, test } from 'vitest';
import { LoopTurns } from '../../src/net/loop-turns.ts';

const turnIsOver = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('an answer for which the event loop had to wait took as long as it looks', async () => {
  let nowMs = 1_000;
  const turns = new LoopTurns(() => nowMs);
  const sentAtMs = turns.sent();
  await turnIsOver();
  nowMs += 80;
  turns.note();
  nowMs += 500; // Others were heard first.
  expect(turns.answered(sentAtMs)).toBe(80);
});

test('an answer that lay in the kernel while the event loop was busy took no longer than until that turn began', async () => {
  let nowMs = 1_000;
  const turns = new LoopTurns(() => nowMs);
  const first = turns.sent();
  const second = turns.sent();
  await turnIsOver();
  nowMs += 30;
  turns.note();
  expect(turns.answered(first)).toBe(30);
  nowMs += 400; // What came of the first answer took long.
  await turnIsOver();
  turns.note();
  expect(turns.answered(second)).toBe(30);
});

test('an answer to a request that was sent in a busy turn took next to nothing', async () => {
  let nowMs = 1_000;
  const turns = new LoopTurns(() => nowMs);
  const sentAtMs = turns.sent();
  nowMs += 400;
  await turnIsOver();
  turns.note();
  expect(turns.answered(sentAtMs)).toBe(0);
});
