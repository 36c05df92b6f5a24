/**
 * A terminal's screen as an SVG picture. Blocks and lines are drawn as rectangles, so that they join at any size and in
 * any font; all else is text.
 */

interface Ink {
  readonly fg: string | null;
  readonly bg: string | null;
  readonly isBold: boolean;
  readonly isInverse: boolean;
}

interface Cell extends Ink {
  readonly character: string;
}

const CELL_WIDTH = 8;
const CELL_HEIGHT = 17;
const BASELINE = 13;
const PADDING = 14;
const FOREGROUND = '#c9d1d9';
const BACKGROUND = '#0d1117';
const SIXTEEN = ['#484f58', '#ff7b72', '#3fb950', '#d29922', '#58a6ff', '#bc8cff', '#39c5cf', '#b1bac4', '#6e7681', '#ffa198', '#56d364', '#e3b341', '#79c0ff', '#d2a8ff', '#56d4dd', '#f0f6fc'];

const PLAIN: Ink = { fg: null, bg: null, isBold: false, isInverse: false };

const hex = (...channels: readonly number[]): string => `#${channels.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;

function of256(index: number): string {
  if (index < 16) return SIXTEEN[index] ?? FOREGROUND;
  if (index >= 232) return hex(8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10);
  const level = (value: number): number => (value === 0 ? 0 : 55 + value * 40);
  const at = index - 16;
  return hex(level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6));
}

/** The colour that follows 38 or 48, and how many numbers it took. */
function longColour(codes: readonly number[], at: number): { colour: string; used: number } {
  if (codes[at + 1] === 5) return { colour: of256(codes[at + 2] ?? 7), used: 3 };
  return { colour: hex(codes[at + 2] ?? 0, codes[at + 3] ?? 0, codes[at + 4] ?? 0), used: 5 };
}

/** What a sequence of SGR numbers makes of an ink (ECMA-48 §8.3.117, with the extended colours of ISO 8613-6). */
function inkAfter(ink: Ink, codes: readonly number[]): Ink {
  let next = ink;
  for (let at = 0; at < codes.length; ) {
    const code = codes[at] ?? 0;
    let used = 1;
    if (code === 0) next = PLAIN;
    else if (code === 1) next = { ...next, isBold: true };
    else if (code === 22) next = { ...next, isBold: false };
    else if (code === 7 || code === 27) next = { ...next, isInverse: code === 7 };
    else if (code === 39) next = { ...next, fg: null };
    else if (code === 49) next = { ...next, bg: null };
    else if (code >= 30 && code <= 37) next = { ...next, fg: of256(code - 30) };
    else if (code >= 90 && code <= 97) next = { ...next, fg: of256(code - 82) };
    else if (code >= 40 && code <= 47) next = { ...next, bg: of256(code - 40) };
    else if (code >= 100 && code <= 107) next = { ...next, bg: of256(code - 92) };
    else if (code === 38 || code === 48) {
      const long = longColour(codes, at);
      next = code === 38 ? { ...next, fg: long.colour } : { ...next, bg: long.colour };
      used = long.used;
    }
    at += used;
  }
  return next;
}

function cellsOf(line: string, ink: Ink): { cells: Cell[]; ink: Ink } {
  const cells: Cell[] = [];
  let now = ink;
  for (const [token] of line.matchAll(/\u001B\[[\d;:]*m|\u001B[^m]*m?|./gu)) {
    if (token.startsWith('\u001B[')) now = inkAfter(now, token.slice(2, -1).split(/[;:]/u).map(Number));
    else if (!token.startsWith('\u001B')) cells.push({ character: token, ...now });
  }
  return { cells, ink: now };
}

/** What part of its cell a block or line fills, as left, top, width and height from 0 to 1; null for other characters. */
function blockOf(character: string): readonly [number, number, number, number] | null {
  const rising = '▁▂▃▄▅▆▇█'.indexOf(character) + 1;
  if (rising > 0) return [0, 1 - rising / 8, 1, rising / 8];
  if (character === '▀') return [0, 0, 1, 0.5];
  if (character === '━') return [0, 0.45, 1, 0.14];
  return character === '╸' ? [0, 0.45, 0.5, 0.14] : null;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const rectangle = (x: number, y: number, width: number, height: number, fill: string): string =>
  `<rect x="${Number(x.toFixed(2))}" y="${Number(y.toFixed(2))}" width="${Number(width.toFixed(2))}" height="${Number(height.toFixed(2))}" fill="${fill}"/>`;

const isSame = (a: Ink, b: Ink): boolean => a.fg === b.fg && a.bg === b.bg && a.isBold === b.isBold && a.isInverse === b.isInverse;

/** Neighbours of one ink that are all the same block, or all text. */
function runsOf(cells: readonly Cell[]): { at: number; text: string; ink: Ink }[] {
  const runs: { at: number; text: string; ink: Ink }[] = [];
  for (const [at, { character, ...ink }] of cells.entries()) {
    const last = runs.at(-1);
    const isBlock = blockOf(character) !== null;
    const joins = last !== undefined && isSame(last.ink, ink) && (isBlock ? last.text.at(-1) === character : blockOf(last.text.at(-1) ?? '') === null);
    if (joins) last.text += character;
    else runs.push({ at, text: character, ink });
  }
  return runs;
}

function drawnRun({ at, text, ink }: { at: number; text: string; ink: Ink }, row: number): string {
  const fg = (ink.isInverse ? (ink.bg ?? BACKGROUND) : ink.fg) ?? FOREGROUND;
  const bg = ink.isInverse ? (ink.fg ?? FOREGROUND) : ink.bg;
  const length = Array.from(text).length;
  const x = PADDING + at * CELL_WIDTH;
  const y = PADDING + row * CELL_HEIGHT;
  const ground = bg === null ? '' : rectangle(x, y, length * CELL_WIDTH, CELL_HEIGHT, bg);
  const block = blockOf(text.charAt(0));
  if (block !== null) {
    const [left, top, width, height] = block;
    return ground + rectangle(x + left * CELL_WIDTH, y + top * CELL_HEIGHT, (length - 1 + width) * CELL_WIDTH, height * CELL_HEIGHT, fg);
  }
  if (text.trim() === '') return ground;
  const weight = ink.isBold ? ' font-weight="600"' : '';
  return `${ground}<text x="${x}" y="${y + BASELINE}" fill="${fg}"${weight} textLength="${length * CELL_WIDTH}" xml:space="preserve">${escaped(text)}</text>`;
}

/** @param screen lines with SGR codes, as `tmux capture-pane -e -p` gives them */
export function screenAsSvg(screen: string, columns: number, title: string): string {
  const lines = screen.replace(/\n$/u, '').split('\n');
  const drawn: string[] = [];
  let ink = PLAIN;
  for (const [row, line] of lines.entries()) {
    const read = cellsOf(line, ink);
    ink = read.ink;
    drawn.push(...runsOf(read.cells).map((run) => drawnRun(run, row)));
  }
  const width = columns * CELL_WIDTH + 2 * PADDING;
  const height = lines.length * CELL_HEIGHT + 2 * PADDING;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="13.28" shape-rendering="crispEdges">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${BACKGROUND}"/>`,
    ...drawn.filter((part) => part !== ''),
    '</svg>',
    '',
  ].join('\n');
}
