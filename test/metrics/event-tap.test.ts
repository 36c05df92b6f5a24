import { expect, test } from 'vitest';
import type { Decision } from '../../src/machines/decisions.ts';
import { EventTap } from '../../src/metrics/event-tap.ts';
import type { DownloadEvent } from '../../src/metrics/events.ts';

test('what is told is in the order of its times, also where a decision bears the time of an earlier fact', () => {
  let nowMs = 0;
  const tap = new EventTap(() => nowMs);
  const told: DownloadEvent[] = [];
  tap.events.subscribe((event) => told.push(event));
  const decision: Decision = { type: 'decision', kind: 'looking', why: 'one', atMs: 37 };
  nowMs = 38;
  tap.decide(decision);
  nowMs = 40;
  tap.decide({ ...decision, why: 'two', atMs: 30 });
  expect(told.map(({ atMs }) => atMs)).toEqual([38, 40]);
});
