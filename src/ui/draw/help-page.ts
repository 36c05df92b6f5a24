/** The page behind `?`: every key with its sentence, and what the signs of the screen stand for. */
import type { KeyHelp } from '../keys.ts';
import { themeFor } from './colours.ts';
import { keysOf } from './foot.ts';
import { FREE_CELL } from './map-cells.ts';
import type { MapCell } from './map-cells.ts';
import { cellsIn, hasMarks, mapRows } from './map-rows.ts';
import { columnsIn, span } from './paint.ts';
import type { Span } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { inLines } from './width.ts';
import { lanesWords } from './words.ts';

type Row = readonly Span[];

interface Entry {
  readonly sign: Row;
  readonly says: string;
}

const NARROW_BELOW = 60;

/** A sign and its sentence, on as many rows as that takes. */
function entryRows({ sign, says }: Entry, width: number): readonly Row[] {
  const indent = width < NARROW_BELOW ? 0 : 2;
  const signColumns = width < NARROW_BELOW ? 6 : 8;
  const left = [span(' '.repeat(indent)), ...sign, span(' '.repeat(Math.max(0, signColumns - columnsIn(sign))))];
  return inLines(says, width - indent - signColumns).map((line, at) => [...(at === 0 ? left : [span(' '.repeat(indent + signColumns))]), span(line)]);
}

const heading = (words: string, terminal: Terminal): readonly Row[] => [[], [span(words, { fg: themeFor(terminal.isLight).faint })]];

export const keyRows = (keys: readonly KeyHelp[], width: number, terminal: Terminal): readonly Row[] =>
  keys.flatMap((help) => entryRows({ sign: [span(keysOf(help, terminal), { isBold: true })], says: help.says }, width));

const GIVEN: MapCell = { ...FREE_CELL, state: 'written', mirrorId: 1, writtenShare: 1 };
const COMING: MapCell = { ...FREE_CELL, state: 'coming', mirrorId: 1 };

/** The signs of the map are drawn by the map itself, so that they are those of this very terminal. */
function mapEntries(terminal: Terminal): readonly Entry[] {
  const sign = (cell: MapCell): Row => mapRows(Array.from({ length: cellsIn(2, 1, terminal) }, () => cell), 2, terminal)[0] ?? [];
  const whose = hasMarks(terminal) ? 'its digit, from the tenth on a letter' : 'its colour';
  return [
    { sign: sign(GIVEN), says: `Given by server 1; every server has ${whose}.` },
    { sign: sign({ ...COMING, isHead: true }), says: 'Being written at this moment.' },
    { sign: sign(COMING), says: 'Asked for, and not here yet.' },
    { sign: sign({ ...COMING, state: 'failed' }), says: 'Lost with its server; another one takes it.' },
    { sign: sign({ ...GIVEN, mirrorId: 0, isRecovered: true }), says: 'There from an earlier run.' },
    { sign: sign(FREE_CELL), says: 'Nobody has been asked for it yet.' },
  ];
}

const LANES: readonly Entry[] = [
  { sign: [span(lanesWords({ lanes: 2, laneCap: 6 }))], says: 'Two lanes (connections) are at work, of six that the server may have.' },
  { sign: [span(lanesWords({ lanes: 4, laneCap: 2 }))], says: 'Four are at work and it may have two: the others end with what they fetch.' },
];

/** What the signs in the view of a download stand for. */
export const signRows = (width: number, terminal: Terminal): readonly Row[] => [
  ...heading('the map of the file', terminal),
  ...mapEntries(terminal).flatMap((entry) => entryRows(entry, width)),
  ...heading('lanes', terminal),
  ...LANES.flatMap((entry) => entryRows(entry, width)),
];

/** How far a page can be scrolled, in rows. What does not fit gives up a row to say so. */
export const scrollMax = (rowCount: number, height: number): number => (rowCount <= height ? 0 : rowCount - Math.max(1, height - 1));

/** The part of a page that is to be seen, and where it lies where that is not all. */
export function scrolledRows(rows: readonly Row[], height: number, scrolledBy: number, terminal: Terminal): readonly Row[] {
  const from = Math.min(scrolledBy, scrollMax(rows.length, height));
  if (rows.length <= height || height <= 1) return rows.slice(from, from + height);
  const to = from + height - 1;
  const keys = terminal.isUnicode ? '↑↓' : 'j/k';
  return [...rows.slice(from, to), [span(keys, { isBold: true }), span(` rows ${from + 1}–${to} of ${rows.length}`, { fg: themeFor(terminal.isLight).faint })]];
}
