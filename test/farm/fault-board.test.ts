import { expect, test } from 'vitest';
import { FaultBoard } from '../../src/farm/fault-board.ts';
import { parseFault } from '../../src/farm/fault-grammar.ts';

const boardOf = (...texts: string[]): FaultBoard => new FaultBoard(texts.map(parseFault));
const names = (board: FaultBoard): string[] => board.inForce.map(({ name }) => name);

test('a moment in time comes only after the first request, and then at its time', () => {
  const board = boardOf('stall@3s');
  const counters = { sentBytes: 10_000, sizeBytes: 10_000 };
  board.advance({ ...counters, elapsedMs: null });
  expect(names(board)).toEqual([]);
  board.advance({ ...counters, elapsedMs: 2_999 });
  expect(names(board)).toEqual([]);
  board.advance({ ...counters, elapsedMs: 3_000 });
  expect(names(board)).toEqual(['stall']);
});

test('a share of the file comes after exactly that many bytes, and the board says how many are left', () => {
  const board = boardOf('stall@25%');
  expect(board.bytesToNextMoment({ sentBytes: 10, sizeBytes: 1_001 })).toBe(241);
  board.advance({ elapsedMs: 0, sentBytes: 250, sizeBytes: 1_001 });
  expect(names(board)).toEqual([]);
  board.advance({ elapsedMs: 0, sentBytes: 251, sizeBytes: 1_001 });
  expect(names(board)).toEqual(['stall']);
  expect(board.bytesToNextMoment({ sentBytes: 251, sizeBytes: 1_001 })).toBe(Infinity);
});

test('a fault comes into force once, a newer one of its name replaces it, and heal takes all away', () => {
  const board = boardOf('slow=20K', 'no-range', 'slow=40K@1s', 'corrupt=1', 'corrupt=2', 'heal@2s', 'gzip@3s');
  const at = (elapsedMs: number): string[] => board.advance({ elapsedMs, sentBytes: 0, sizeBytes: 1 }).map(({ name }) => name);
  expect(at(0)).toEqual(['slow', 'no-range', 'corrupt', 'corrupt']);
  expect(at(0)).toEqual([]);
  expect(at(1_000)).toEqual(['slow']);
  expect(board.newestOf(['slow'])?.amount).toBe(40_960);
  expect(names(board).filter((name) => name === 'slow')).toHaveLength(1);
  expect(names(board).filter((name) => name === 'corrupt')).toHaveLength(2);
  at(2_000);
  expect(names(board)).toEqual([]);
  at(3_000);
  expect(names(board)).toEqual(['gzip']);
});

test('a revived server that meets all its faults at once meets them in the order of their times', () => {
  const board = boardOf('heal@4s', 'stall@2s');
  board.advance({ elapsedMs: 60_000, sentBytes: 0, sizeBytes: 1 });
  expect(names(board)).toEqual([]);
});
