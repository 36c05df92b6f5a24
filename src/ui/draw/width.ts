/** Text by the columns it takes on a terminal, so that a name in any script stays in its column. */
import stringWidth from 'string-width';

// ASCII, lines, blocks and the few other signs that our own pictures are made of: one column each, which need not be looked up.
const PLAIN = /^[\u0020-\u007E\u2500-\u259F\u25B8·×–−’…]*$/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Columns that `text` takes: two for wide characters, none for combining ones. */
export const columnsOf = (text: string): number => (PLAIN.test(text) ? text.length : stringWidth(text));

/** What people see as one character each. */
export const charactersOf = (text: string): string[] => Array.from(graphemes.segment(text), ({ segment }) => segment);

/** `text` in at most `columns` columns; where it is cut, its last column is `…`. */
export function cutTo(text: string, columns: number): string {
  if (columns <= 0) return '';
  if (columnsOf(text) <= columns) return text;
  if (PLAIN.test(text)) return `${text.slice(0, columns - 1)}…`;
  let kept = '';
  let used = 0;
  for (const character of charactersOf(text)) {
    const width = columnsOf(character);
    if (used + width > columns - 1) break;
    kept += character;
    used += width;
  }
  return `${kept}…`;
}

/** `text` in exactly `columns` columns, cut or filled up with spaces. */
export function fitTo(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const cut = cutTo(text, columns);
  const space = ' '.repeat(Math.max(0, columns - columnsOf(cut)));
  return side === 'left' ? cut + space : space + cut;
}

/** `text` in lines of at most `columns` columns, broken between words where there are any, two lines at most. */
export function inTwoLines(text: string, columns: number): readonly string[] {
  if (columns <= 0 || columnsOf(text) <= columns) return [text];
  const first = wordsWithin(text, columns);
  return first === '' ? [cutTo(text, columns)] : [first, cutTo(text.slice(first.length + 1), columns)];
}

/** `text` in as many lines of at most `columns` columns as it takes, broken between words; only a word that is longer is cut. */
export function inLines(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  if (columns <= 0) return lines;
  for (let rest = text; rest !== ''; ) {
    const words = wordsWithin(rest, columns);
    const [word = ''] = rest.split(' ', 1);
    lines.push(words === '' ? cutTo(word, columns) : words);
    rest = rest.slice((words === '' ? word : words).length + 1);
  }
  return lines;
}

/** As many whole words from the beginning of `text` as there is room for. */
function wordsWithin(text: string, columns: number): string {
  let words = '';
  for (const word of text.split(' ')) {
    const longer = words === '' ? word : `${words} ${word}`;
    if (columnsOf(longer) > columns) break;
    words = longer;
  }
  return words;
}
