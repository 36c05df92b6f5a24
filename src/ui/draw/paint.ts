/**
 * Styled text as the terminal wants it. The codes are written in the form to which Ink itself reduces them (no reset,
 * only what changes, the latest closed first): Ink then need not read a row twice, which halves what a frame costs.
 */
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

/** The spans in at most `columns` columns. A row that were longer would break the screen: Ink does not cut what is painted. */
export function cutSpans(spans: readonly Span[], columns: number): readonly Span[] {
  if (spans.reduce((sum, { text }) => sum + columnsOf(text), 0) <= columns) return spans;
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

interface Code {
  readonly kind: 'fg' | 'bg' | 'bold' | 'inverse';
  readonly open: string;
  readonly close: string;
}

const BOLD: Code = { kind: 'bold', open: '\u001B[1m', close: '\u001B[22m' };
const INVERSE: Code = { kind: 'inverse', open: '\u001B[7m', close: '\u001B[27m' };

function colourCode(colour: Colour, place: 'fg' | 'bg', depth: ColourDepth): string {
  const base = place === 'fg' ? 30 : 40;
  if (depth === 'true') return `\u001B[${base + 8};2;${colour.rgb.join(';')}m`;
  if (depth === '256') return `\u001B[${base + 8};5;${nearest256(colour)}m`;
  return `\u001B[${colour.ansi < 8 ? base + colour.ansi : base + 52 + colour.ansi}m`;
}

function codesOf(style: Style, depth: ColourDepth): Code[] {
  const codes: Code[] = [];
  if (style.fg !== undefined && depth !== 'none') codes.push({ kind: 'fg', open: colourCode(style.fg, 'fg', depth), close: '\u001B[39m' });
  if (style.bg !== undefined && depth !== 'none') codes.push({ kind: 'bg', open: colourCode(style.bg, 'bg', depth), close: '\u001B[49m' });
  if (style.isBold === true) codes.push(BOLD);
  if (style.isInverse === true) codes.push(INVERSE);
  return codes;
}

const ASCII_FOR: Readonly<Record<string, string>> = { '…': '.', '’': "'", '‘': "'", '“': '"', '”': '"', '–': '-', '—': '-', '·': '.', '×': 'x', '→': '>', '▸': '>', '÷': '/' };

/** The same text for a terminal without Unicode, in as many columns. */
function asciiOf(text: string): string {
  if (/^[\u0020-\u007E]*$/u.test(text)) return text;
  return charactersOf(text).map((character) => (/^[\u0020-\u007E]$/u.test(character) ? character : (ASCII_FOR[character] ?? '?'.repeat(columnsOf(character))))).join('');
}

/** The spans as one string with its colour codes, which ends as it began: without any style. */
export function paint(spans: readonly Span[], { depth, isUnicode }: Pick<Terminal, 'depth' | 'isUnicode'>): string {
  let painted = '';
  let active: readonly Code[] = [];
  let lastStyle: Style = PLAIN_STYLE;
  for (const { text, style } of spans) {
    if (text === '') continue;
    if (style !== lastStyle) {
      const wanted = codesOf(style, depth);
      const undone = active.filter(({ kind }) => !wanted.some((code) => code.kind === kind));
      for (const code of undone.toReversed()) painted += code.close;
      active = active.filter((code) => !undone.includes(code));
      for (const code of wanted) {
        if (active.some(({ open }) => open === code.open)) continue;
        painted += code.open;
        active = [...active.filter(({ kind }) => kind !== code.kind), code];
      }
      lastStyle = style;
    }
    painted += isUnicode ? text : asciiOf(text);
  }
  for (const code of active.toReversed()) painted += code.close;
  return painted;
}
