import { expect, test } from 'vitest';
import { remembered } from '../../src/base/remembered.ts';

test('a question is answered once for the same objects, and anew for any other', () => {
  let asked = 0;
  const sum = remembered((a: readonly number[], b: readonly number[]) => {
    asked += 1;
    return a.length + b.length;
  });
  const one = [1];
  const two = [1, 2];
  expect([sum(one, two), sum(one, two), asked]).toEqual([3, 3, 1]);
  expect([sum(two, one), sum(one, [1, 2]), asked]).toEqual([3, 3, 3]);
});

test('an answer that is nothing is an answer too', () => {
  let asked = 0;
  const firstOf = remembered((list: readonly number[]) => {
    asked += 1;
    return list[0];
  });
  const subject: readonly number[] = [];
  firstOf(subject);
  firstOf(subject);
  expect(asked).toBe(1);
});
