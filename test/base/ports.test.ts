import { describe, expect, test } from 'vitest';
import { PlaitError } from '../../src/base/errors.ts';
import { parsePorts } from '../../src/base/ports.ts';

const failing = (text: string): unknown => {
  try {
    return parsePorts(text);
  } catch (error) {
    return error;
  }
};

describe('a list of ports', () => {
  test.each([
    ['12000', [12_000]],
    ['12000,13000', [12_000, 13_000]],
    ['12000-12004', [12_000, 12_001, 12_002, 12_003, 12_004]],
    ['14000, 12000-12001', [14_000, 12_000, 12_001]],
    ['0,0,0', [0, 0, 0]],
    ['65535', [65_535]],
    ['1-1000', Array.from({ length: 1_000 }, (_, index) => index + 1)],
  ])('%s is read in the order given', (text, ports) => {
    expect(parsePorts(text)).toEqual(ports);
  });

  test.each(['', ',', '12000,', 'http', '-1', '65536', '12004-12000', '0-3', '1-1001', '12000,12000', '12000-12002,12001', '1e3', '12000-', '99999999'])(
    '"%s" is refused as wrong usage',
    (text) => {
      const error = failing(text);
      expect(error).toBeInstanceOf(PlaitError);
      expect(error).toHaveProperty('code', 'usage');
    },
  );
});
