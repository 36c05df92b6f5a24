import { expect, test } from 'vitest';
import { parseChecksum } from '../../src/store/checksum.ts';
import { codeOf } from './support.ts';

const SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

test.each([`sha-256=${SHA256}`, `sha256=${SHA256}`, `SHA-256=${SHA256.toUpperCase()}`, ` sha-256 = ${SHA256} `])('%s is read', (text) => {
  expect(parseChecksum(text)).toEqual({ algorithm: 'sha-256', hex: SHA256 });
});

test.each([
  ['md5', 32],
  ['sha-1', 40],
  ['sha-256', 64],
  ['sha-512', 128],
] as const)('%s has %i digits, neither more nor fewer', async (algorithm, digits) => {
  expect(parseChecksum(`${algorithm}=${'a'.repeat(digits)}`)).toEqual({ algorithm, hex: 'a'.repeat(digits) });
  for (const wrong of [digits - 1, digits + 1, 0]) {
    expect(await codeOf(() => parseChecksum(`${algorithm}=${'a'.repeat(wrong)}`))).toBe('usage');
  }
  expect(() => parseChecksum(`${algorithm}=ab`)).toThrow(String(digits));
});

test.each([SHA256, `crc32=${SHA256}`, `sha-256=${SHA256.replace('e', 'g')}`, '', '='])('%j is refused as wrong usage', async (text) => {
  expect(await codeOf(() => parseChecksum(text))).toBe('usage');
});
