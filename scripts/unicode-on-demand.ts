/**
 * What the view asks of Unicode's tables, asked only where text needs it. Ink and its packages make the tables when they
 * are loaded, and ask them about every row that is written, though nearly all rows hold nothing that they are needed for.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'esbuild';

const EMOJI_AT_ONCE = 'const rgiEmojiRegex = /^\\p{RGI_Emoji}$/v;';

/**
 * The pattern of all emoji takes 20 ms to make, and 45 to use it for the first time. Every emoji holds a pictograph, a
 * letter of a flag, a tone of skin or the sign of a keycap.
 */
const EMOJI_ON_DEMAND = `
const emojiPart = /[\\p{Extended_Pictographic}\\p{Regional_Indicator}\\p{Emoji_Modifier}\\u20E3]/u;
let emoji;
const rgiEmojiRegex = { test: (text) => emojiPart.test(text) && (emoji ??= new RegExp('^\\\\p{RGI_Emoji}$', 'v')).test(text) };`;

/** The source of string-width, which looks whether a character is an emoji. */
export function withEmojiOnDemand(source: string): string {
  if (!source.includes(EMOJI_AT_ONCE)) throw new Error('string-width has changed: look whether its pattern of emoji is still made at once.');
  return source.replace(EMOJI_AT_ONCE, () => EMOJI_ON_DEMAND);
}

const SEGMENTER_PATH = fileURLToPath(new URL('quick-segmenter.ts', import.meta.url));

function withQuickSegmenter(source: string): string {
  if (!source.includes('new Intl.Segmenter(')) return source;
  return `import { QuickSegmenter } from ${JSON.stringify(SEGMENTER_PATH)};\n${source.replaceAll('new Intl.Segmenter(', 'new QuickSegmenter(')}`;
}

export const unicodeOnDemand: Plugin = {
  name: 'unicode-on-demand',
  setup(build) {
    // Without flags: esbuild reads them as expressions of Go.
    build.onLoad({ filter: /[/\\]node_modules[/\\](ink|slice-ansi|wrap-ansi|cli-truncate|string-width|@alcalzone[/\\]ansi-tokenize)[/\\].*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return { contents: withQuickSegmenter(/[/\\]string-width[/\\]index\.js$/u.test(path) ? withEmojiOnDemand(source) : source), loader: 'js' };
    });
    build.onLoad({ filter: /[/\\]src[/\\]ui[/\\]draw[/\\]width\.ts$/ }, async ({ path }) => ({ contents: withQuickSegmenter(await readFile(path, 'utf8')), loader: 'ts' }));
  },
};
