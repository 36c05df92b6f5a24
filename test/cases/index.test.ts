import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CASES } from './index.ts';
import type { Proof } from './index.ts';

const NUMBERS = Array.from({ length: 96 }, (_, index) => index + 1);

const sources = new Map<string, string>();
const sourceOf = (file: string): string => {
  const known = sources.get(file);
  if (known !== undefined) return known;
  const text = readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');
  sources.set(file, text);
  return text;
};

/** Null where the proof is there; otherwise what is missing. */
function missing({ file, test: name, row }: Proof): string | null {
  let text: string;
  try {
    text = sourceOf(file);
  } catch {
    return `${file} is not there`;
  }
  // A test's name stands between quotes, and may go on behind what is asked for.
  const isNamed = [...text.matchAll(/(['`"])((?:(?!\1)[^\\\n]|\\.)*)\1/gu)].some(([, , literal]) => literal?.startsWith(name) === true);
  if (!isNamed) return `${file} has no test “${name}”`;
  return row === undefined || text.includes(row) ? null : `${file} has no “${row}”`;
}

test('each of the 96 cases is in the index', () => {
  expect(Object.keys(CASES).map(Number)).toEqual(NUMBERS);
});

test.each(NUMBERS)('case %i is proved by tests that are there', (number) => {
  const entry = CASES[number];
  expect(entry?.proofs.length ?? 0).toBeGreaterThan(0);
  expect(entry?.proofs.map(missing).filter((what) => what !== null)).toEqual([]);
});
