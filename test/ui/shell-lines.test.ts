import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, test } from 'vitest';
import { shellLines } from '../../src/ui/draw/shell-lines.ts';

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
const bareWord = fc.string({ unit: fc.constantFrom('a', '1', ',', '-', '/', '.'), minLength: 1, maxLength: 50 });
const name = fc.string({ unit: fc.constantFrom('a', ' ', "'", '\\', '字', '-', '$'), minLength: 1, maxLength: 20 });
const command = fc.tuple(fc.array(bareWord, { minLength: 1, maxLength: 4 }), name);

test('a command that is copied from its rows says to a shell what it said in one', () => {
  const cases = fc.sample(fc.tuple(command, fc.integer({ min: 3, max: 60 })), { numRuns: 300, seed: 7 });
  const wordsOf = (texts: readonly string[]): readonly string[] => {
    const script = texts.map((text) => `printf '[%s]' ${text}\necho`).join('\n');
    return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n');
  };
  const whole = cases.map(([[words, file]]) => `${words.join(' ')} ${quoted(file)}`);
  const parted = cases.map(([, width], at) => shellLines(whole[at] ?? '', width).join('\n'));
  expect(wordsOf(parted)).toEqual(wordsOf(whole));
  expect(parted.filter((text) => text.includes('\n')).length).toBeGreaterThan(100);
});

test('its rows fit, and are parted between words where there is a place', () => {
  expect(shellLines('plait get -p 12000,13000,14000,15000,16000 -o demo.bin', 38)).toEqual(['plait get -p \\', '12000,13000,14000,15000,16000 -o \\', 'demo.bin']);
  expect(shellLines('curl -O x', 38)).toEqual(['curl -O x']);
  fc.assert(fc.property(fc.array(bareWord, { minLength: 1, maxLength: 6 }), fc.integer({ min: 3, max: 60 }), (words, width) => {
    for (const line of shellLines(words.join(' '), width)) expect(stringWidth(line)).toBeLessThanOrEqual(width);
  }));
});
