/**
 * Cells as rows of a picture. With 256 colours or more each character shows two cells, one above the other, and colour
 * says everything; with 16, a sign says how a cell stands; without any, the servers' marks say whose it is.
 */
import { mixed, serverColour, themeFor } from './colours.ts';
import type { Colour } from './colours.ts';
import { glyphsFor, markOf } from './glyphs.ts';
import type { MapCell } from './map-cells.ts';
import { FREE_CELL } from './map-cells.ts';
import { PLAIN_STYLE, span } from './paint.ts';
import type { Span, Style } from './paint.ts';
import type { Terminal } from './terminal.ts';

const UPPER_HALF = '▀';

/** Whether two cells fit into one character. */
export const isFine = ({ depth, isUnicode }: Terminal): boolean => isUnicode && (depth === 'true' || depth === '256');

/** Whether what is given bears the server's mark: colours are not there, or not enough of them. */
export const hasMarks = ({ depth, isUnicode }: Terminal): boolean => depth === 'none' || !isUnicode;

/** How many cells a map of so many columns and rows shows. */
export const cellsIn = (columns: number, rows: number, terminal: Terminal): number => columns * rows * (isFine(terminal) ? 2 : 1);

/** Colours are compared by identity when a row is painted: each is made once. */
const tones = new Map<number, Colour>();

const STATES: readonly MapCell['state'][] = ['free', 'coming', 'written', 'failed'];
const SHADES = 6;

/** All that a tone depends on, as one number: a map has a thousand cells, ten times a second. */
function toneKey({ state, mirrorId, isHead, isRecovered }: MapCell, shade: number, isLight: boolean): number {
  const flags = STATES.indexOf(state) * 8 + (isHead ? 4 : 0) + (isRecovered ? 2 : 0) + (isLight ? 1 : 0);
  return (((mirrorId ?? -1) + 1) * (SHADES + 1) + shade) * 32 + flags;
}

function toneOf(cell: MapCell, isLight: boolean): Colour {
  const { state, mirrorId, writtenShare, isHead, isRecovered } = cell;
  const shade = Math.round(writtenShare * SHADES);
  const key = toneKey(cell, shade, isLight);
  const known = tones.get(key);
  if (known !== undefined) return known;
  const theme = themeFor(isLight);
  const own = mirrorId === null || mirrorId === 0 ? theme.faint : serverColour(mirrorId, isLight);
  const written = isRecovered ? mixed(own, theme.ground, 0.42) : own;
  const coming = mixed(own, theme.ground, 0.66);
  let tone = mixed(coming, written, shade / SHADES);
  if (state === 'free') tone = theme.free;
  if (state === 'failed') tone = theme.bad;
  else if (isHead) tone = mixed(own, theme.bright, 0.6);
  if (tones.size > 4_000) tones.clear();
  tones.set(key, tone);
  return tone;
}

/** Runs of one style as one span, so that a row has few codes. */
function pushed(spans: Span[], text: string, style: Style): void {
  const last = spans.at(-1);
  if (last !== undefined && last.style.fg === style.fg && last.style.bg === style.bg) spans[spans.length - 1] = span(last.text + text, last.style);
  else spans.push(span(text, style));
}

function fineRow(upper: readonly MapCell[], lower: readonly MapCell[], terminal: Terminal): Span[] {
  const spans: Span[] = [];
  for (const [at, cell] of upper.entries()) pushed(spans, UPPER_HALF, { fg: toneOf(cell, terminal.isLight), bg: toneOf(lower[at] ?? FREE_CELL, terminal.isLight) });
  return spans;
}

function signOf(cell: MapCell, terminal: Terminal): string {
  const glyphs = glyphsFor(terminal.isUnicode);
  if (cell.state === 'failed') return glyphs.failed;
  if (cell.state === 'free') return glyphs.free;
  if (cell.isHead) return glyphs.head;
  if (cell.state === 'coming') return glyphs.coming;
  return hasMarks(terminal) ? markOf(cell.mirrorId ?? 0) : glyphs.full;
}

function coarseRow(cells: readonly MapCell[], terminal: Terminal): Span[] {
  const theme = themeFor(terminal.isLight);
  const spans: Span[] = [];
  for (const cell of cells) {
    const colour = cell.state === 'failed' ? theme.bad : cell.mirrorId === null || cell.mirrorId === 0 ? theme.faint : serverColour(cell.mirrorId, terminal.isLight);
    pushed(spans, signOf(cell, terminal), terminal.depth === 'none' ? PLAIN_STYLE : { fg: knownColour(colour) });
  }
  return spans;
}

const known16 = new Map<number, Colour>();

/** One object for each of the 16, so that neighbours of one colour join. */
function knownColour(colour: Colour): Colour {
  const known = known16.get(colour.ansi) ?? colour;
  known16.set(colour.ansi, known);
  return known;
}

/** The rows of a map `columns` wide, of as many cells as `cellsIn` says. */
export function mapRows(cells: readonly MapCell[], columns: number, terminal: Terminal): readonly (readonly Span[])[] {
  const rows: Span[][] = [];
  const step = Math.max(1, columns) * (isFine(terminal) ? 2 : 1);
  for (let start = 0; start < cells.length; start += step) {
    const upper = cells.slice(start, start + columns);
    rows.push(isFine(terminal) ? fineRow(upper, cells.slice(start + columns, start + step), terminal) : coarseRow(upper, terminal));
  }
  return rows;
}
