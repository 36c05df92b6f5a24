/** What the built view asks instead of Unicode's tables gives the tables' own answers. */
import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { APART, QuickSegmenter } from '../../scripts/quick-segmenter.ts';
import { withEmojiOnDemand } from '../../scripts/unicode-on-demand.ts';

const real = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
const quick = new QuickSegmenter(undefined, { granularity: 'grapheme' });
const segmentsOf = (segmenter: { segment(text: string): Iterable<Intl.SegmentData> }, text: string): Intl.SegmentData[] => Array.from(segmenter.segment(text), ({ segment, index, input }) => ({ segment, index, input }));

const apart = Array.from({ length: 0x1_00_00 }, (_, code) => String.fromCharCode(code)).filter((sign) => APART.test(sign));

test('signs that are taken for one character each are that for Unicode, whatever of them stand together', () => {
  const kinds = [...new Set(apart.map((sign) => sign.replace(/[\uE000-\uF8FF]/u, '\uE000').replace(/[\u2500-\u25A9]/u, '\u2500')))];
  for (const first of kinds) {
    const pairs = kinds.map((second) => first + second).join('');
    expect(Array.from(real.segment(pairs), ({ segment }) => segment.length).every((length) => length === 1)).toBe(true);
  }
});

test('any text falls into the same characters as by Intl.Segmenter', () => {
  const sign = fc.oneof(fc.constantFrom(...apart), fc.constantFrom('\r', '\n', '\u200D', '\uFE0F', '\u0301', 'é', '👩', '🏽', '🇫', '🇷', '한', 'ᄀ', 'ᅡ', 'क', 'ा', '3\uFE0F\u20E3'), fc.string({ unit: 'binary', maxLength: 3 }));
  fc.assert(
    fc.property(fc.array(sign, { maxLength: 12 }), fc.nat(14), (signs, at) => {
      const text = signs.join('');
      expect(segmentsOf(quick, text)).toEqual(segmentsOf(real, text));
      expect(quick.segment(text).containing(at)?.segment).toBe(real.segment(text).containing(at)?.segment);
    }),
    { numRuns: 500 },
  );
});

test('every emoji is still found to be one, by a pattern that is made when it is first needed', async () => {
  const source = withEmojiOnDemand(await readFile(new URL('../../node_modules/string-width/index.js', import.meta.url), 'utf8'));
  const part = /const emojiPart = (\/.*\/u);/u.exec(source)?.[1] ?? '';
  const mayBe = new RegExp(part.slice(1, -2), 'u');
  const emoji = /^\p{RGI_Emoji}$/v;
  const sequences = ['👩‍👩‍👧‍👦', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🇫🇷', '#️⃣', '3️⃣', '👍🏽', '🏽'];
  expect(sequences.every((text) => emoji.test(text) && mayBe.test(text))).toBe(true);
  const missed: number[] = [];
  // Behind the second plane nothing is assigned but marks and private signs.
  for (let code = 0; code < 0x2_00_00; code += 1) {
    const sign = String.fromCodePoint(code);
    if ((emoji.test(sign) || emoji.test(`${sign}\uFE0F`)) && !mayBe.test(sign)) missed.push(code);
  }
  expect(missed).toEqual([]);
});

test('another string-width stops the build instead of going unnoticed', () => {
  expect(() => withEmojiOnDemand('const rgiEmojiRegex = something;')).toThrow('string-width has changed');
});
