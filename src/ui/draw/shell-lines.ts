/** A command that is longer than a row, in rows that can be copied as they stand: a shell joins what a backslash parts. */
import { charactersOf, columnsOf } from './width.ts';

/** Whether the command may be parted before its character `at`: not within quotes, and not behind a backslash of its own. */
function partingPlaces(characters: readonly string[]): readonly boolean[] {
  let state: 'bare' | 'quoted' | 'escaped' = 'bare';
  return characters.map((character) => {
    const before = state;
    if (state === 'escaped') state = 'bare';
    else if (character === "'") state = state === 'quoted' ? 'bare' : 'quoted';
    else if (character === '\\' && state === 'bare') state = 'escaped';
    return before === 'bare';
  });
}

/** How many characters fit into `columns`. */
function countWithin(characters: readonly string[], columns: number): number {
  let used = 0;
  const over = characters.findIndex((character) => (used += columnsOf(character)) > columns);
  return over < 0 ? characters.length : over;
}

/** Parted between words, else within one; a quoted name that is longer than a row stays whole, and too long. */
export function shellLines(command: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest: readonly string[] = charactersOf(command);
  while (columnsOf(rest.join('')) > width) {
    const mayPart = partingPlaces(rest);
    const most = countWithin(rest, width - 1);
    const places = Array.from({ length: Math.max(0, most) }, (_, at) => most - at).filter((at) => mayPart[at] === true);
    const place = places.find((at) => rest[at - 1] === ' ') ?? places[0];
    if (place === undefined) break;
    lines.push(`${rest.slice(0, place).join('')}\\`);
    rest = rest.slice(place);
  }
  return [...lines, rest.join('')];
}
