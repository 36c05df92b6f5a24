/** The map of the file, against an oracle that looks at every byte. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MapStretch } from '../../src/metrics/view.ts';
import { mapCells } from '../../src/ui/draw/map-cells.ts';
import { cellsIn, mapRows } from '../../src/ui/draw/map-rows.ts';
import { COLOURFUL, COLOURLESS, OLD, stretch, TERMINALS } from './support/models.ts';

/** A small file as disjoint stretches, in order. */
const anyFile = fc
  .array(fc.record({ length: fc.integer({ min: 1, max: 20 }), mirrorId: fc.integer({ min: 0, max: 3 }), state: fc.constantFrom('written' as const, 'coming' as const, 'resting' as const, 'free' as const), isRecovered: fc.boolean() }), { minLength: 1, maxLength: 12 })
  .map((parts) => {
    const stretches: MapStretch[] = [];
    let at = 0;
    for (const { length, mirrorId, state, isRecovered } of parts) {
      if (state !== 'free') stretches.push({ start: at, end: at + length, mirrorId, state, isRecovered: state === 'written' && isRecovered });
      at += length;
    }
    return { totalBytes: at, stretches };
  });

describe('a cell of the map', () => {
  test('says what a look at every byte of it says', () => {
    fc.assert(fc.property(anyFile, fc.integer({ min: 1, max: 10 }), ({ totalBytes, stretches }, wanted) => {
      // Cells of whole bytes, so that the oracle can count.
      const count = Array.from({ length: wanted }, (_, at) => wanted - at).find((each) => totalBytes % each === 0) ?? 1;
      const cellBytes = totalBytes / count;
      for (const [at, cell] of mapCells(stretches, totalBytes, count).entries()) {
        const bytes = Array.from({ length: cellBytes }, (_, offset) => stretches.find(({ start, end }) => at * cellBytes + offset >= start && at * cellBytes + offset < end));
        const written = bytes.filter((byte) => byte?.state === 'written').length;
        expect(cell.writtenShare).toBeCloseTo(written / cellBytes);
        expect(cell.state === 'free').toBe(bytes.every((byte) => byte === undefined));
        expect(cell.state === 'failed').toBe(bytes.some((byte) => byte?.state === 'resting'));
        if (cell.state === 'written') expect(written).toBe(cellBytes);
        if (cell.mirrorId === null) continue;
        const shareOf = (mirrorId: number): number => bytes.filter((byte) => byte?.mirrorId === mirrorId).length;
        expect(Math.max(...[0, 1, 2, 3].map(shareOf))).toBe(shareOf(cell.mirrorId));
      }
    }));
  });

  test('knows where somebody is writing, and what came in an earlier run', () => {
    const cells = mapCells([stretch(0, 40, 1, 'written', true), stretch(40, 45, 2), stretch(45, 80, 2, 'coming')], 100, 10);
    expect(cells.map(({ isHead }) => isHead).indexOf(true)).toBe(4);
    expect(cells.filter(({ isHead }) => isHead).length).toBe(1);
    expect(cells.map(({ isRecovered }) => isRecovered)).toEqual([true, true, true, true, false, false, false, false, false, false]);
  });

  test('is there for files smaller than the map, and for an empty one', () => {
    expect(mapCells([stretch(0, 1, 1)], 1, 100).every(({ state }) => state === 'written')).toBe(true);
    expect(mapCells([], 0, 3).every(({ state }) => state === 'free')).toBe(true);
  });
});

describe('the picture', () => {
  test('has as many rows and columns as it was given, in every terminal', () => {
    for (const terminal of TERMINALS) {
      const cells = mapCells([stretch(0, 50, 1), stretch(50, 70, 2, 'coming'), stretch(80, 90, 3, 'resting')], 100, cellsIn(17, 3, terminal));
      const rows = mapRows(cells, 17, terminal).map((spans) => spans.map(({ text }) => text).join(''));
      expect(rows.map((row) => row.length)).toEqual([17, 17, 17]);
    }
  });

  test('shows a server by its colour; an eye without colours gets its mark', () => {
    const one = [stretch(0, 50, 1), stretch(50, 100, 2)];
    const texts = (terminal: typeof OLD): string => mapRows(mapCells(one, 100, cellsIn(4, 1, terminal)), 4, terminal).flat().map(({ text }) => text).join('');
    expect(texts(OLD)).toBe('1122');
    expect(texts(COLOURLESS)).toBe('1122');
    const fine = mapRows(mapCells(one, 100, cellsIn(4, 1, COLOURFUL)), 4, COLOURFUL).flat();
    // Two cells a character: the first half of the file above, the second below.
    expect(fine).toHaveLength(1);
    expect(fine[0]?.style.fg).not.toEqual(fine[0]?.style.bg);
  });

  test('tells what came, what is coming, what failed and what is free from one another', () => {
    const stretches = [stretch(0, 25, 1), stretch(25, 50, 1, 'coming'), stretch(50, 75, 1, 'resting')];
    for (const terminal of TERMINALS) {
      const rows = mapRows(mapCells(stretches, 100, 8), 8, terminal);
      const looks = rows.flat().flatMap(({ text, style }) => Array.from(text, (character) => JSON.stringify([character, style.fg?.rgb, style.bg?.rgb])));
      expect(new Set([looks[0], looks[3], looks[5], looks[7]]).size).toBe(4);
    }
  });
});
