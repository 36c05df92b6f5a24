import { describe, expect, test } from 'vitest';
import { FILE_NAME_MAX_BYTES, RETRY_AFTER_MAX_MS } from '../../src/base/bounds.ts';
import { dispositionFileName } from '../../src/net/content-disposition.ts';
import { parseContentRange } from '../../src/net/content-range.ts';
import { offeredDigest } from '../../src/net/digest-header.ts';
import { safeFileName } from '../../src/net/file-name.ts';
import { parseHttpDate } from '../../src/net/http-date.ts';
import { retryAfterMs } from '../../src/net/retry-after.ts';
import { isSameVersion, strongValidator } from '../../src/net/validator.ts';

const NOW = Date.UTC(2026, 10, 5, 12, 0, 0);
const DATE = 'Thu, 05 Nov 2026 12:00:00 GMT';
const headers = (...fields: [string, string][]): Map<string, string[]> => {
  const map = new Map<string, string[]>();
  for (const [name, value] of fields) map.set(name, [...(map.get(name) ?? []), value]);
  return map;
};

test.each([
  ['Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sunday, 06-Nov-94 08:49:37 GMT', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sunday, 06-Nov-26 08:49:37 GMT', Date.UTC(2026, 10, 6, 8, 49, 37)],
  ['Sun Nov  6 08:49:37 1994', Date.UTC(1994, 10, 6, 8, 49, 37)],
  ['Sun, 31 Jun 1994 08:49:37 GMT', null],
  ['Sun, 06 Nov 1994 24:49:37 GMT', null],
  ['1994-11-06T08:49:37Z', null],
  ['', null],
])('the HTTP date %j', (text, ms) => expect(parseHttpDate(text, NOW)).toBe(ms));

test.each([
  ['7', null, 7_000],
  ['0', null, 0],
  ['99999999999999999999', null, RETRY_AFTER_MAX_MS],
  ['Thu, 05 Nov 2026 12:00:09 GMT', DATE, 9_000],
  ['Thu, 05 Nov 2026 12:00:09 GMT', 'Thu, 05 Nov 2026 12:00:04 GMT', 5_000],
  ['Thu, 05 Nov 2026 12:00:09 GMT', null, 9_000],
  ['Thu, 05 Nov 2026 12:00:09 GMT', 'garbage', 9_000],
  ['Thu, 05 Nov 2020 12:00:09 GMT', DATE, 0],
  ['Thu, 05 Nov 2099 12:00:09 GMT', DATE, RETRY_AFTER_MAX_MS],
  ['-1', null, null],
  ['1.5', null, null],
  ['soon', null, null],
  [null, DATE, null],
])('Retry-After %j with Date %j', (value, date, ms) => expect(retryAfterMs(value, date, NOW)).toBe(ms));

test.each([
  ['bytes 0-99/100', { kind: 'range', start: 0, end: 100, totalBytes: 100 }],
  ['Bytes 5-5/*', { kind: 'range', start: 5, end: 6, totalBytes: null }],
  ['bytes */42', { kind: 'unsatisfied', totalBytes: 42 }],
  ['bytes 0-99/99', null],
  ['bytes 9-8/100', null],
  ['bytes 0-99', null],
  ['bytes=0-99/100', null],
  ['items 0-99/100', null],
  ['bytes 0-99/100, bytes 0-99/100', null],
  ['bytes 0-9007199254740991/9007199254740992', null],
  ['bytes */9007199254740992', null],
  ['bytes -1-5/100', null],
  ['bytes */*', null],
])('Content-Range %j', (text, range) => expect(parseContentRange(text)).toEqual(range));

describe('validators', () => {
  test.each([
    ['a strong tag', headers(['etag', '"a"']), '"a"'],
    ['an empty tag', headers(['etag', '""']), '""'],
    ['a weak tag', headers(['etag', 'W/"a"']), null],
    ['a bare word', headers(['etag', 'a']), null],
    ['two tags', headers(['etag', '"a"'], ['etag', '"b"']), null],
    ['an old date', headers(['last-modified', 'Thu, 05 Nov 2026 11:59:00 GMT'], ['date', DATE]), 'Thu, 05 Nov 2026 11:59:00 GMT'],
    ['a young date', headers(['last-modified', 'Thu, 05 Nov 2026 11:59:01 GMT'], ['date', DATE]), null],
    ['a date without Date', headers(['last-modified', 'Thu, 05 Nov 2020 11:59:00 GMT']), null],
    ['a weak tag beside an old date', headers(['etag', 'W/"a"'], ['last-modified', 'Thu, 05 Nov 2020 11:59:00 GMT'], ['date', DATE]), 'Thu, 05 Nov 2020 11:59:00 GMT'],
    ['nothing', headers(), null],
  ])('%s', (_name, given, validator) => expect(strongValidator(given, NOW)).toBe(validator));

  test('one version is known by the same kind of validator alone', () => {
    expect(isSameVersion(headers(['etag', '"a"']), '"a"')).toBe(true);
    expect(isSameVersion(headers(['etag', 'W/"a"']), '"a"')).toBe(false);
    expect(isSameVersion(headers(), '"a"')).toBe(false);
    expect(isSameVersion(headers(['etag', '"new"'], ['last-modified', DATE]), DATE)).toBe(true);
  });
});

const HEX = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const BASE64 = '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

test.each([
  ['repr-digest', `sha-256=:${BASE64}:`, HEX],
  ['repr-digest', `md5=:AAAA:, sha-256=:${BASE64}:`, HEX],
  ['repr-digest', `sha-256=${BASE64}`, null],
  ['repr-digest', 'sha-256=:AAAA:', null],
  ['digest', `SHA-256=${BASE64}`, HEX],
  ['digest', `md5=x, sha-256=${BASE64}`, HEX],
  ['content-digest', `sha-256=:${BASE64}:`, null],
])('the digest in %s: %s', (name, value, hex) => expect(offeredDigest(headers([name, value]))?.hex ?? null).toBe(hex));

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

test.each([
  [null, null],
  ['attachment', null],
  ['attachment; filename=plain.iso', 'plain.iso'],
  ['attachment; filename="two words.iso"', 'two words.iso'],
  ['attachment; FileName = "a\\"b.iso"', 'a_b.iso'],
  ['inline; filename="fallback.iso"; filename*=UTF-8\'\'na%C3%AFve.iso', 'naïve.iso'],
  ['inline; filename*=UTF-8\'en\'x.iso; filename=y.iso', 'x.iso'],
  ['inline; filename=y.iso; filename*=UTF-8\'\'%ff.iso', 'y.iso'],
  ['inline; filename=y.iso; filename*=UTF-8\'\'%zz.iso', 'y.iso'],
  ['inline; filename=y.iso; filename*=utf-16\'\'x', 'y.iso'],
  ['inline; filename*=iso-8859-1\'\'na%EFve.iso', 'naïve.iso'],
  [latin1('inline; filename="naïve.iso"'), 'naïve.iso'],
  ['inline; filename="na\u00efve.iso"', 'naïve.iso'],
  ['inline; filename=""', null],
  ['inline; filename="first"; filename="second"', 'first'],
  ['inline; filename="/etc/passwd"', 'passwd'],
  ['inline; filename="..\\\\..\\\\evil.exe"', 'evil.exe'],
  ['inline; filename*=UTF-8\'\'..%2F..%2Fevil', 'evil'],
  ['inline; filename="..%2fevil"', '%2fevil'],
  ['inline; filename=".."', null],
  ['inline; filename=".bashrc"', 'bashrc'],
  ['inline; filename*=UTF-8\'\'gpj.%E2%80%AEexe', 'gpj.exe'],
  ['inline; filename*=UTF-8\'\'a%0D%0Ab%1B%5B31m', 'ab[31m'],
  ['inline; filename="CON.txt"', '_CON.txt'],
  ['inline; filename="lpt1"', '_lpt1'],
  ['inline; filename="a:b|c?.txt"', 'a_b_c_.txt'],
  ['inline; filename="dots... "', 'dots'],
])('Content-Disposition %j', (header, name) => expect(dispositionFileName(header)).toBe(name));

test('a name of 10 KB keeps its extension and its characters whole', () => {
  const name = safeFileName(`${'ä'.repeat(10_000)}.iso`) ?? '';
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(FILE_NAME_MAX_BYTES);
  expect(Buffer.byteLength(name)).toBeGreaterThan(FILE_NAME_MAX_BYTES - 3);
  expect(name).toMatch(/^ä+\.iso$/u);
});
