/** Styled text as the terminal wants it, with as few codes as it takes: no reset, only what changes. */
import { nearest256 } from './colours.ts';
import type { Colour } from './colours.ts';
import type { ColourDepth, Terminal } from './terminal.ts';
import { charactersOf, columnsOf, cutTo } from './width.ts';

export interface Style {
  readonly fg?: Colour;
  readonly bg?: Colour;
  readonly isBold?: boolean;
  readonly isInverse?: boolean;
}

/** A run of text in one style. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

export const PLAIN_STYLE: Style = {};

export const span = (text: string, style: Style = PLAIN_STYLE): Span => ({ text, style });

/** Columns that the spans take beside one another. */
export const columnsIn = (spans: readonly Span[]): number => spans.reduce((sum, { text }) => sum + columnsOf(text), 0);

/** The spans in at most `columns` columns. A row that were longer would break the screen: Ink does not cut what is painted. */
export function cutSpans(spans: readonly Span[], columns: number): readonly Span[] {
  if (columnsIn(spans) <= columns) return spans;
  const kept: Span[] = [];
  let left = columns;
  for (const { text, style } of spans) {
    const width = columnsOf(text);
    if (width > left) return [...kept, span(cutTo(text, left), style)];
    kept.push(span(text, style));
    left -= width;
  }
  return kept;
}

const FOREGROUND = { base: 30, close: '\u001B[39m' } as const;
const BACKGROUND = { base: 40, close: '\u001B[49m' } as const;
const BOLD = { open: '\u001B[1m', close: '\u001B[22m' } as const;
const INVERSE = { open: '\u001B[7m', close: '\u001B[27m' } as const;

function colourCode(colour: Colour, base: number, depth: ColourDepth): string {
  if (depth === 'true') return `\u001B[${base + 8};2;${colour.rgb[0]};${colour.rgb[1]};${colour.rgb[2]}m`;
  if (depth === '256') return `\u001B[${base + 8};5;${nearest256(colour)}m`;
  return `\u001B[${colour.ansi < 8 ? base + colour.ansi : base + 52 + colour.ansi}m`;
}

/** What leads from one colour to the next of the same place; nothing where both look the same. */
function colourChange(from: Colour | undefined, to: Colour | undefined, { base, close }: typeof FOREGROUND | typeof BACKGROUND, depth: ColourDepth): string {
  if (from === to || depth === 'none') return '';
  if (to === undefined) return close;
  const code = colourCode(to, base, depth);
  return from !== undefined && colourCode(from, base, depth) === code ? '' : code;
}

const switchTo = (from: boolean | undefined, to: boolean | undefined, { open, close }: typeof BOLD | typeof INVERSE): string =>
  (from ?? false) === (to ?? false) ? '' : to === true ? open : close;

const changeBetween = (from: Style, to: Style, depth: ColourDepth): string =>
  colourChange(from.fg, to.fg, FOREGROUND, depth) + colourChange(from.bg, to.bg, BACKGROUND, depth) + switchTo(from.isBold, to.isBold, BOLD) + switchTo(from.isInverse, to.isInverse, INVERSE);

const ASCII_FOR: Readonly<Record<string, string>> = { '…': '.', '’': "'", '‘': "'", '“': '"', '”': '"', '–': '-', '—': '-', '·': '.', '×': 'x', '→': '>', '▸': '>', '÷': '/' };

/** The same text for a terminal without Unicode, in as many columns. */
function asciiOf(text: string): string {
  if (/^[\u0020-\u007E]*$/u.test(text)) return text;
  return charactersOf(text).map((character) => (/^[\u0020-\u007E]$/u.test(character) ? character : (ASCII_FOR[character] ?? '?'.repeat(columnsOf(character))))).join('');
}

/** The spans as one string with its colour codes, which ends as it began: without any style. */
export function paint(spans: readonly Span[], { depth, isUnicode }: Pick<Terminal, 'depth' | 'isUnicode'>): string {
  let painted = '';
  let lastStyle: Style = PLAIN_STYLE;
  for (const { text, style } of spans) {
    if (text === '') continue;
    if (style !== lastStyle) {
      painted += changeBetween(lastStyle, style, depth);
      lastStyle = style;
    }
    painted += isUnicode ? text : asciiOf(text);
  }
  return painted + changeBetween(lastStyle, PLAIN_STYLE, depth);
}
