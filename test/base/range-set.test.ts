import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, bytesIn, EMPTY, gapsIn, holds, subtract, touches } from '../../src/base/range-set.ts';
import type { RangeSet } from '../../src/base/range-set.ts';

const SPAN = 64;
const range = fc.tuple(fc.nat(SPAN), fc.nat(SPAN)).map(([a, b]) => ({ start: Math.min(a, b), end: Math.max(a, b) }));
const steps = fc.array(fc.record({ kind: fc.constantFrom('add', 'subtract'), range }), { maxLength: 30 });

/** The same set as a plain array of booleans: too simple to be wrong. */
function replay(list: readonly { kind: string; range: { start: number; end: number } }[]): { set: RangeSet; bytes: boolean[] } {
  let set: RangeSet = EMPTY;
  const bytes = Array.from({ length: SPAN + 1 }, () => false);
  for (const { kind, range } of list) {
    set = kind === 'add' ? add(set, range) : subtract(set, range);
    for (let at = range.start; at < range.end; at += 1) bytes[at] = kind === 'add';
  }
  return { set, bytes };
}

test('a range set holds exactly the bytes that were added and not taken out again', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const { set, bytes } = replay(list);
      for (let at = 0; at < SPAN; at += 1) expect(holds(set, { start: at, end: at + 1 })).toBe(bytes[at]);
      expect(bytesIn(set)).toBe(bytes.filter(Boolean).length);
    }),
  );
});

test('the ranges of a set are sorted, not empty, and never touch', () => {
  fc.assert(
    fc.property(steps, (list) => {
      const { set } = replay(list);
      for (const [index, each] of set.entries()) {
        expect(each.start).toBeLessThan(each.end);
        const next = set[index + 1];
        if (next !== undefined) expect(each.end).toBeLessThan(next.start);
      }
    }),
  );
});

test('the gaps of a set within a range are the rest of that range', () => {
  fc.assert(
    fc.property(steps, range, (list, within) => {
      const { set, bytes } = replay(list);
      const gaps = gapsIn(set, within);
      const missing = bytes.slice(within.start, within.end).filter((held) => !held).length;
      expect(bytesIn(gaps)).toBe(missing);
      for (const gap of gaps) expect(touches(set, gap)).toBe(false);
    }),
  );
});
