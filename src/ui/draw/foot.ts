/** The foot: what can be pressed, as far as there is room; the prompt while something is typed; else what a key came to. */
import type { KeyHelp } from '../keys.ts';
import { themeFor } from './colours.ts';
import { span } from './paint.ts';
import type { Span } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { charactersOf, columnsOf, cutTo } from './width.ts';

/** The keys as this terminal can show them. */
export const keysOf = (help: KeyHelp, { isUnicode }: Terminal): string => (isUnicode ? help.keys : (help.asciiKeys ?? help.keys));

export function footSpans(keys: readonly KeyHelp[], width: number, terminal: Terminal): readonly Span[] {
  const faint = { fg: themeFor(terminal.isLight).faint };
  const spans: Span[] = [];
  let used = 0;
  for (const help of keys) {
    const shown = keysOf(help, terminal);
    const needed = columnsOf(shown) + 1 + help.words.length + (used === 0 ? 0 : 3);
    if (used + needed > width) break;
    spans.push(span(used === 0 ? '' : '   '), span(shown, { isBold: true }), span(` ${help.words}`, faint));
    used += needed;
  }
  return spans;
}

/** The end of what is typed is what one looks at: a long URL is cut at its beginning. */
export function promptSpans(words: string, text: string, width: number, terminal: Terminal): readonly Span[] {
  const label = cutTo(`${words} `, Math.max(0, width - 8));
  const room = Math.max(0, width - columnsOf(label) - 1);
  const characters = charactersOf(text);
  while (columnsOf(characters.join('')) > room) characters.shift();
  return [span(label, { fg: themeFor(terminal.isLight).warn }), span(characters.join('')), span(' ', { isInverse: true })];
}

export const noticeSpans = (notice: string, width: number, terminal: Terminal): readonly Span[] => [span(cutTo(notice, width), { fg: themeFor(terminal.isLight).warn })];
