import { describe, expect, test } from 'vitest';
import { formatBytes, formatRate, formatSeconds, parseBytes, parseMs } from '../../src/base/units.ts';

describe('sizes', () => {
  test.each([
    ['500', 500],
    ['8M', 8 * 1024 ** 2],
    ['20k', 20 * 1024],
    ['1.5G', 1.5 * 1024 ** 3],
    ['20KiB/s', 20 * 1024],
    ['1 MB', 1024 ** 2],
  ])('%s is read in powers of 1024', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each(['', 'M', '-1M', '8X', '1e3', '9999999999T', '8M4'])('"%s" is no size', (text) => {
    expect(parseBytes(text)).toBeNull();
  });

  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [512, '512 bytes'],
    [999, '999 bytes'],
    [1000, '0.98 KiB'],
    [1536, '1.50 KiB'],
    [1023 * 1024, '1.00 MiB'],
    [45.25 * 1024 ** 2, '45.3 MiB'],
    [100 * 1024 ** 2, '100 MiB'],
  ])('%d bytes are shown in three digits', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test('a rate says per second', () => {
    expect(formatRate(7.1 * 1024 ** 2)).toBe('7.10 MiB/s');
    expect(formatRate(0)).toBe('0 B/s');
    expect(formatRate(1)).toBe('1 B/s');
  });
});

describe('times', () => {
  test.each([
    ['30', 30_000],
    ['500ms', 500],
    ['1.5s', 1_500],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['0', 0],
  ])('%s: a bare number is seconds', (text, ms) => {
    expect(parseMs(text)).toBe(ms);
  });

  test.each(['', 's', '-1', '1d', '1 2'])('"%s" is no time', (text) => {
    expect(parseMs(text)).toBeNull();
  });

  test.each([
    [0.42, '0.4 s'],
    [12.3, '12 s'],
    [185, '3 m 05 s'],
    [7_620, '2 h 07 m'],
    [Infinity, '–'],
  ])('%d s are shown short', (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });
});
