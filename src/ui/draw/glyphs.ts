/** The signs that pictures are made of, for terminals with and without Unicode. */

export interface Glyphs {
  /** From nothing to a full cell, rising from the bottom. */
  readonly rising: readonly string[];
  readonly barFull: string;
  /** The last, half-filled cell of a bar; null where there is none. */
  readonly barHalf: string | null;
  /** What is missing is another sign, not only another colour: some have none. */
  readonly barRest: string;
  readonly full: string;
  readonly coming: string;
  readonly head: string;
  readonly failed: string;
  readonly free: string;
  readonly chosen: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly stem: string;
  readonly separator: string;
}

const UNICODE: Glyphs = {
  rising: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  barFull: '━',
  barHalf: '╸',
  barRest: '·',
  full: '█',
  coming: '░',
  head: '▓',
  failed: '×',
  free: '·',
  chosen: '▸',
  branch: '├─ ',
  lastBranch: '└─ ',
  stem: '│  ',
  separator: '·',
};

const ASCII: Glyphs = {
  rising: [' ', '.', ':', '|', '#'],
  barFull: '=',
  barHalf: null,
  barRest: '.',
  full: '#',
  coming: '-',
  head: '>',
  failed: '!',
  free: '.',
  chosen: '>',
  branch: '|- ',
  lastBranch: '`- ',
  stem: '|  ',
  separator: '|',
};

export const glyphsFor = (isUnicode: boolean): Glyphs => (isUnicode ? UNICODE : ASCII);

const MARKS = '123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** One character for a server where colour cannot tell it from the others; 0 is an earlier run's. */
export const markOf = (number: number): string => (number === 0 ? '0' : (MARKS[number - 1] ?? '+'));
