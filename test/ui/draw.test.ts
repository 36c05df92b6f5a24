/** The pure parts of the drawing: each holds its measure whatever it is given. */
import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { nearest256, serverColour } from '../../src/ui/draw/colours.ts';
import { withoutRepeats } from '../../src/ui/draw/decision-rows.ts';
import { columnMeans, spanMsAt, sparkText } from '../../src/ui/draw/history-columns.ts';
import { getLayout, serveLayout, windowStart } from '../../src/ui/draw/layout.ts';
import { paint, span } from '../../src/ui/draw/paint.ts';
import { stackedGraph, stackedPeak } from '../../src/ui/draw/stacked-graph.ts';
import { canShowScreens, terminalOf } from '../../src/ui/draw/terminal.ts';
import { charactersOf, columnsOf, cutTo, fitTo, inLines, inTwoLines } from '../../src/ui/draw/width.ts';
import type { Decision, DecisionKind } from '../../src/machines/decisions.ts';
import { SignBook } from '../../src/ui/row-signs.ts';
import type { Painted } from '../../src/ui/row-signs.ts';
import { COLOURFUL, COLOURLESS, OLD, TERMINALS } from './support/models.ts';
import { uncoloured } from './support/drawn.tsx';

/** Text in many scripts: wide, combining, emoji, and what our own sentences have. */
const anyText = fc.string({ unit: fc.oneof(fc.constantFrom('a', 'é', '字', 'ｗ', 'é', '👩‍👩‍👧', '…', '·', '×', '█', '\u0301', 'ก็'), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 })), maxLength: 40 });
// What has reached the screen is clean: no controls, no invisible format characters.
const cleanText = anyText.map((text) => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, ''));

describe('text in columns', () => {
  test('a text that is fitted takes exactly its columns, in whatever script', () => {
    fc.assert(fc.property(cleanText, fc.integer({ min: 0, max: 60 }), fc.constantFrom('left' as const, 'right' as const), (text, columns, side) => {
      expect(stringWidth(fitTo(text, columns, side))).toBe(columns);
    }));
  });

  test('a text that is cut is never wider than its columns, and says that it was cut', () => {
    fc.assert(fc.property(cleanText, fc.integer({ min: 1, max: 60 }), (text, columns) => {
      const cut = cutTo(text, columns);
      expect(stringWidth(cut)).toBeLessThanOrEqual(columns);
      if (cut !== text) expect(cut.endsWith('…')).toBe(true);
    }));
  });

  test('widths are those of the library that Ink measures with', () => {
    fc.assert(fc.property(cleanText, (text) => {
      expect(columnsOf(text)).toBe(stringWidth(text));
    }));
  });

  test('a long sentence is broken between words, and nothing but its end is lost', () => {
    expect(inTwoLines('one two three', 8)).toEqual(['one two', 'three']);
    expect(inTwoLines('one two three four five', 8)).toEqual(['one two', 'three f…']);
    expect(inTwoLines('short', 8)).toEqual(['short']);
    expect(inTwoLines('unbreakable', 4)).toEqual(['unb…']);
  });

  test('a sentence on as many lines as it takes loses nothing, and no line is too long', () => {
    const words = fc.array(fc.constantFrom('a', 'two', 'three', '字', 'segments'), { minLength: 1, maxLength: 30 });
    fc.assert(fc.property(words, fc.integer({ min: 8, max: 40 }), (each, columns) => {
      const lines = inLines(each.join(' '), columns);
      expect(lines.join(' ')).toBe(each.join(' '));
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
    }));
    expect(inLines('an unbreakable word', 8)).toEqual(['an', 'unbreak…', 'word']);
    expect(inLines('any', 0)).toEqual([]);
  });
});

describe('paint', () => {
  const spans = [span('a', { fg: serverColour(1, false) }), span('b', { fg: serverColour(1, false), bg: serverColour(2, false), isBold: true }), span('…c')];

  test('every row ends without a style, so that nothing bleeds into the next', () => {
    for (const terminal of TERMINALS) {
      let active = new Set<string>();
      const closes: Record<string, string> = { '39': 'fg', '49': 'bg', '22': 'bold', '27': 'inverse' };
      for (const [, code = ''] of paint(spans, terminal).matchAll(/\u001B\[([\d;]*)m/gu)) {
        const closed = closes[code];
        const first = Number(code.split(';')[0]);
        if (closed !== undefined) active = new Set([...active].filter((kind) => kind !== closed));
        else active.add(code === '1' ? 'bold' : code === '7' ? 'inverse' : (first >= 40 && first < 50) || first >= 100 ? 'bg' : 'fg');
      }
      expect(active).toEqual(new Set());
    }
  });

  test('without colours there is no colour code, and without Unicode nothing but ASCII, in as many columns', () => {
    expect(paint(spans, { ...COLOURLESS })).not.toMatch(/\u001B\[(?:3|4|9|10)\d/u);
    fc.assert(fc.property(cleanText, (text) => {
      const painted = paint([span(text)], OLD);
      expect(painted).toMatch(/^[\u0020-\u007E]*$/u);
      expect(painted.length).toBe(charactersOf(text).reduce((sum, character) => sum + stringWidth(character), 0));
    }));
  });

  test('servers are told apart, by colour and by their mark among the 16', () => {
    const colours = Array.from({ length: 10 }, (_, at) => serverColour(at + 1, false));
    expect(new Set(colours.map(({ rgb }) => rgb.join())).size).toBe(10);
    expect(new Set(colours.map(nearest256)).size).toBe(10);
    expect(new Set(colours.map(({ ansi }) => ansi)).size).toBe(10);
    for (const { ansi } of colours) expect([1, 9]).not.toContain(ansi);
  });
});

describe('what the terminal can', () => {
  test.each([
    ['NO_COLOR takes the colours', { TERM: 'xterm-256color', NO_COLOR: '1' }, 24, { depth: 'none', isUnicode: true }],
    ['an empty NO_COLOR does not', { TERM: 'xterm-256color', NO_COLOR: '' }, 8, { depth: '256', isUnicode: true }],
    ['the Linux console has no blocks', { TERM: 'linux', LANG: 'de_DE.UTF-8' }, 4, { depth: '16', isUnicode: false }],
    ['LANG=C is ASCII', { TERM: 'xterm', LANG: 'C' }, 4, { depth: '16', isUnicode: false }],
    ['LC_ALL is stronger than LANG', { TERM: 'xterm', LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, 24, { depth: 'true', isUnicode: false }],
    ['a locale that nobody set says nothing', { TERM: 'xterm' }, 1, { depth: 'none', isUnicode: true }],
    ['a light ground', { TERM: 'xterm', COLORFGBG: '0;15' }, 8, { depth: '256', isLight: true }],
  ] as const)('%s', (_, env, bits, expected) => {
    expect(terminalOf(env, bits)).toMatchObject(expected);
  });

  test('a terminal that cannot place its cursor gets no screen', () => {
    expect(canShowScreens({ TERM: 'dumb' })).toBe(false);
    expect(canShowScreens({ TERM: 'xterm' })).toBe(true);
  });
});

describe('the rows of a screen', () => {
  const sizes = fc.record({ columns: fc.integer({ min: 1, max: 250 }), rows: fc.integer({ min: 1, max: 120 }) });

  test('never add up to more than there are', () => {
    fc.assert(fc.property(sizes, fc.integer({ min: 0, max: 64 }), fc.integer({ min: 0, max: 10 }), (size, servers, farmServers) => {
      const layout = getLayout(size, servers, farmServers);
      const { title, bar, numbers, map, serverHeading, lowerHeading, graph, decisions, farm, gaps, foot } = layout;
      const lower = layout.isWide ? Math.max(graph, decisions) : graph + decisions;
      expect(title + bar + numbers + map + serverHeading + layout.servers + lowerHeading + lower + farm + gaps + foot).toBeLessThanOrEqual(size.rows);
      expect(layout.servers).toBeLessThanOrEqual(servers);
      expect(layout.width).toBeGreaterThanOrEqual(1);
    }));
  });

  test('of a farm do not either', () => {
    fc.assert(fc.property(sizes, fc.integer({ min: 1, max: 50 }), fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 3 }), (size, servers, commandRows) => {
      const { title, table, lowerHeading, graph, notes, commands, gaps, foot, isWide } = serveLayout(size, servers, () => commandRows);
      expect(title + table + lowerHeading + (isWide ? Math.max(graph, notes) : graph + notes) + commands + gaps + foot).toBeLessThanOrEqual(size.rows);
    }));
  });

  test('always show the chosen server', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 40 }), fc.nat(63), (count, room, wish) => {
      const chosen = wish % count;
      const from = windowStart(count, room, chosen);
      expect(from).toBeGreaterThanOrEqual(0);
      expect(chosen).toBeGreaterThanOrEqual(from);
      expect(chosen).toBeLessThan(from + Math.max(room, 1));
    }));
  });
});

describe('rates over time', () => {
  test('the axis spans 15 s, then 30 s, then a minute', () => {
    expect([0, 14_999, 15_000, 29_999, 30_000, 3_600_000].map(spanMsAt)).toEqual([15_000, 15_000, 30_000, 30_000, 60_000, 60_000]);
  });

  test('a steady rate is a flat line from the start to now, and nothing after it', () => {
    const means = columnMeans({ rates: Array.from({ length: 25 }, () => 7), taken: 25 }, 30);
    expect(means.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => 7));
    expect(means.slice(10)).toEqual(Array.from({ length: 20 }, () => null));
  });

  test('after a minute a column keeps its value while the picture moves on', () => {
    const rates = Array.from({ length: 900 }, (_, at) => (at * 37) % 101);
    const shownAt = (taken: number): readonly (number | null)[] => columnMeans({ rates: rates.slice(Math.max(0, taken - 300), taken), taken }, 30);
    // A column is two seconds, ten samples: at full columns the picture has moved by exactly one.
    expect(shownAt(610).slice(0, 29)).toEqual(shownAt(600).slice(1));
  });

  test('a spark takes one column a mean, the highest the full height', () => {
    expect(sparkText([null, 0, 1, 4, 8], [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'])).toBe('  ▁▄█');
  });

  test('the layers of a graph add up: what is filled is what all gave together', () => {
    fc.assert(fc.property(fc.array(fc.array(fc.nat(100), { minLength: 8, maxLength: 8 }), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 6 }), (rates, height) => {
      const layers = rates.map((means, at) => ({ means, colour: serverColour(at + 1, false) }));
      const peak = stackedPeak(layers, 8);
      for (const terminal of [COLOURFUL, COLOURLESS]) {
        const rows = stackedGraph(layers, 8, height, peak, terminal).map((spans) => spans.map(({ text }) => text).join(''));
        expect(rows.length).toBe(height);
        for (let column = 0; column < 8; column += 1) {
          const sum = layers.reduce((total, { means }) => total + (means[column] ?? 0), 0);
          const cells = rows.map((row) => row.charAt(column));
          const full = Math.floor(Math.round((sum / peak) * height * 8) / 8);
          expect(cells.filter((cell) => cell !== ' ').length).toBeGreaterThanOrEqual(full);
          expect(cells.slice(0, Math.max(0, height - full - 1)).every((cell) => cell === ' ')).toBe(true);
        }
      }
    }));
  });
});

test('a painted row says the same without its colours', () => {
  expect(uncoloured(paint([span('a', { fg: serverColour(1, false) }), span('b')], COLOURFUL))).toBe('ab');
});

describe('decisions in words', () => {
  const lost = (mirrorId: number, atMs: number): Decision => ({ type: 'decision', kind: 'server-lost', mirrorId, atMs, why: `server ${mirrorId} refused the connection; it is asked again in 2 s.` });
  const other = (kind: DecisionKind, mirrorId: number, atMs: number): Decision => ({ type: 'decision', kind, mirrorId, atMs, why: `${kind} ${mirrorId}` });

  test('a server that stays away takes one row, whatever else happens meanwhile', () => {
    const told = withoutRepeats([other('size-known', 1, 0), lost(2, 1), other('segment-moved', 2, 2), lost(2, 3), lost(3, 4), lost(2, 5)]);
    expect(told.map(({ atMs, why }) => `${atMs} ${why}`)).toEqual([
      '0 size-known 1',
      '2 segment-moved 2',
      '4 server 3 refused the connection; it is asked again in 2 s.',
      '5 server 2 refused the connection; it is asked again in 2 s (3 times by now).',
    ]);
  });

  test('a server that is lost again after it was back is told of anew', () => {
    expect(withoutRepeats([lost(2, 1), other('server-returned', 2, 2), lost(2, 3)]).map(({ atMs }) => atMs)).toEqual([1, 2, 3]);
  });
});

describe('rows on their way through Ink', () => {
  const row = (text: string): Painted => ({ text, columns: text.length });

  test('what is written is what was painted, beside one another at their columns', () => {
    const book = new SignBook();
    const left = book.signsFor({ rows: [] }, [row('left'), row('wider left')], 2).split('\n');
    const right = book.signsFor({ rows: [] }, [row('right')], 1);
    expect(book.unveiled(`  ${left[0]}${' '.repeat(14)}${right}\n  ${left[1]}`)).toBe(`  left${' '.repeat(11)}right\n  wider left`);
  });

  test('a row that changes has another sign than the one that was written, however often it changes in between', () => {
    const book = new SignBook();
    const block = { rows: [] };
    for (const changes of [1, 2, 3, 4]) {
      const before = book.signsFor(block, [row(`before ${changes}`)], 1);
      book.unveiled(before);
      for (let change = 1; change < changes; change += 1) book.signsFor(block, [row(`${changes} ${change}`)], 1);
      const after = book.signsFor(block, [row(`after ${changes}`)], 1);
      expect(after).not.toBe(before);
      expect(book.unveiled(after)).toBe(`after ${changes}`);
    }
  });

  test('a row that stays as it was keeps its sign, and a part that comes takes those of one that went', () => {
    const book = new SignBook();
    const block = { rows: [] };
    const first = book.signsFor(block, [row('a'), row('b')], 2);
    expect(book.signsFor(block, [row('a'), row('b')], 2)).toBe(first);
    book.unveiled(first);
    book.giveBack(block);
    const next = { rows: [] };
    const again = book.signsFor(next, [row('c'), row('d')], 2);
    expect(book.unveiled(again)).toBe('c\nd');
    expect(new Set([...first, ...again].filter((sign) => sign !== '\n')).size).toBe(4);
  });
});
