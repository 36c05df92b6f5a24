/**
 * The width of text is asked of string-width, which looks whether a character is an emoji by a set of thousands of
 * sequences: 20 ms to make, and 45 to use it for the first time. Here it is made for the first character that may be one.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

const MADE_AT_ONCE = 'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;';

/** Every emoji holds a pictograph, a letter of a flag, a tone of skin or the sign of a keycap. */
const MADE_ON_DEMAND = `
const emojiPart = /[\\p{Extended_Pictographic}\\p{Regional_Indicator}\\p{Emoji_Modifier}\\u20E3]/u;
let emoji;
const rgiEmojiRegex = { test: (text) => emojiPart.test(text) && (emoji ??= new RegExp('^\\\\p{RGI_Emoji}$', 'v')).test(text) };`;

export function withEmojiOnDemand(source: string): string {
  if (!source.includes(MADE_AT_ONCE)) throw new Error('string-width has changed: look whether its set of emoji is still made at once.');
  return source.replace(MADE_AT_ONCE, () => MADE_ON_DEMAND);
}

export const emojiOnDemand: Plugin = {
  name: 'emoji-on-demand',
  setup(build) {
    // Without a flag: esbuild reads it as an expression of Go.
    build.onLoad({ filter: /[/\\]string-width[/\\]index\.js$/ }, async ({ path }) => ({ contents: withEmojiOnDemand(await readFile(path, 'utf8')), loader: 'js' }));
  },
};
