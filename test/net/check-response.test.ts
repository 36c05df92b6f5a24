import { describe, expect, test } from 'vitest';
import { checkResponse } from '../../src/net/check-response.ts';
import type { Asked } from '../../src/net/check-response.ts';
import { parseHead } from '../../src/net/response-head.ts';
import type { ResponseHead } from '../../src/net/response-head.ts';

const NOW = Date.UTC(2026, 10, 5, 12, 0, 0);
const ASKED: Asked = { start: 100, end: 200, manner: 'range', totalBytes: 1_000, validator: null };
const UNKNOWN: Asked = { ...ASKED, totalBytes: null };
const WHOLE: Asked = { ...ASKED, manner: 'whole' };

function headOf(status: string, ...lines: string[]): ResponseHead {
  const head = parseHead([`HTTP/1.1 ${status}`, ...lines].join('\r\n'));
  if ('kind' in head) throw new Error(head.detail);
  return head;
}

const part = (range: string, ...lines: string[]): ResponseHead => headOf('206 P', `Content-Range: bytes ${range}`, ...lines);

describe('accepted', () => {
  test.each<[string, Asked, ResponseHead, object]>([
    ['the range that was asked for', ASKED, part('100-199/1000', 'Content-Length: 100'), { bodyStart: 100, bodyEnd: 200, isBare: true, totalBytes: 1_000 }],
    ['a shorter one', ASKED, part('100-149/1000', 'Content-Length: 50'), { bodyEnd: 150, isBare: true }],
    ['the first answer, which tells the size', UNKNOWN, part('100-199/5000', 'Content-Length: 100'), { totalBytes: 5_000 }],
    ['an untold total where it is known', ASKED, part('100-199/*', 'Content-Length: 100'), { totalBytes: 1_000 }],
    ['no length: bare, and counted', ASKED, part('100-199/1000'), { bodyEnd: 200, isBare: true }],
    ['chunked: counted by the library', ASKED, part('100-199/1000', 'Transfer-Encoding: chunked'), { bodyEnd: 200, isBare: false }],
    ['identity as an encoding', ASKED, part('100-199/1000', 'Content-Encoding: identity'), {}],
    ['the same version', { ...ASKED, validator: '"a"' }, part('100-199/1000', 'ETag: "a"'), { validator: '"a"' }],
    ['a whole file where that was asked for', WHOLE, headOf('200 OK', 'Content-Length: 1000'), { bodyStart: 0, bodyEnd: 1_000, isBare: true }],
    ['a whole file of untold length', WHOLE, headOf('200 OK', 'Transfer-Encoding: chunked'), { bodyEnd: 1_000, isBare: false }],
    ['a whole file of a size that nobody knows', { ...WHOLE, totalBytes: null }, headOf('200 OK'), { bodyEnd: null, isBare: false, totalBytes: null }],
  ])('%s', (_name, asked, head, verdict) => {
    expect(checkResponse(asked, head, NOW)).toMatchObject({ kind: 'accept', ...verdict });
  });

  test.each<[string, Asked, ResponseHead, number]>([
    ['a 416 whose size lies before the start', UNKNOWN, headOf('416 X', 'Content-Range: bytes */100'), 100],
    ['an empty 200', UNKNOWN, headOf('200 OK', 'Content-Length: 0'), 0],
    ['a whole file that ends before the start', { ...WHOLE, totalBytes: null }, headOf('200 OK', 'Content-Length: 100'), 100],
  ])('nothing to send: %s', (_name, asked, head, totalBytes) => {
    expect(checkResponse(asked, head, NOW)).toMatchObject({ kind: 'nothing', totalBytes });
  });
});

describe('refused', () => {
  test.each<[string, Asked, ResponseHead, string, object?]>([
    ['a later start', ASKED, part('101-199/1000'), 'wrong-range'],
    ['an earlier start', ASKED, part('99-199/1000'), 'wrong-range'],
    ['a later end', ASKED, part('100-200/1000'), 'wrong-range'],
    ['no Content-Range', ASKED, headOf('206 P', 'Content-Length: 100'), 'wrong-range'],
    ['two Content-Ranges', ASKED, part('100-199/1000', 'Content-Range: bytes 100-199/1000'), 'wrong-range'],
    ['another unit', ASKED, headOf('206 P', 'Content-Range: lines 100-199/1000'), 'wrong-range'],
    ['another total', ASKED, part('100-199/1001'), 'other-size', { totalBytes: 1_001 }],
    ['an end past the known total', { ...ASKED, end: 2_000 }, part('100-1999/*'), 'wrong-range'],
    ['no total that anybody knows', UNKNOWN, part('100-199/*'), 'no-ranges'],
    ['a shorter Content-Length', ASKED, part('100-199/1000', 'Content-Length: 99'), 'wrong-length'],
    ['a longer Content-Length', ASKED, part('100-199/1000', 'Content-Length: 1000'), 'wrong-length'],
    ['multipart', ASKED, part('100-199/1000', 'Content-Type: MULTIPART/byteranges; boundary=x'), 'wrong-range'],
    ['gzip', ASKED, part('100-199/1000', 'Content-Encoding: gzip'), 'wrong-encoding'],
    ['a thousand codings', ASKED, part('100-199/1000', `Content-Encoding: ${'gzip, '.repeat(1_000)}gzip`), 'wrong-encoding'],
    ['gzip in the transfer', ASKED, part('100-199/1000', 'Transfer-Encoding: gzip, chunked'), 'wrong-encoding'],
    ['another tag', { ...ASKED, validator: '"a"' }, part('100-199/1000', 'ETag: "b"'), 'changed'],
    ['a tag gone weak', { ...ASKED, validator: '"a"' }, part('100-199/1000', 'ETag: W/"a"'), 'changed'],
    ['a tag gone', { ...ASKED, validator: '"a"' }, part('100-199/1000'), 'changed'],
    ['200 of the right size', ASKED, headOf('200 OK', 'Content-Length: 1000'), 'no-ranges', { totalBytes: 1_000 }],
    ['200 of another size: a portal’s page', ASKED, headOf('200 OK', 'Content-Length: 512', 'Content-Type: text/html'), 'other-size', { totalBytes: 512 }],
    ['200 of an untold size', UNKNOWN, headOf('200 OK'), 'no-ranges', { totalBytes: null }],
    ['200 gzipped', ASKED, headOf('200 OK', 'Content-Length: 1000', 'Content-Encoding: gzip'), 'wrong-encoding'],
    ['an empty 200 where the size is known', ASKED, headOf('200 OK', 'Content-Length: 0'), 'other-size', { totalBytes: 0 }],
    ['206 to no range', WHOLE, part('100-199/1000'), 'http-status'],
    ['a whole file of another size', WHOLE, headOf('200 OK', 'Content-Length: 999'), 'other-size', { totalBytes: 999 }],
    ['a whole file of another version', { ...WHOLE, validator: '"a"' }, headOf('200 OK', 'Content-Length: 1000', 'ETag: "b"'), 'changed'],
    ['416 without a size', ASKED, headOf('416 X'), 'http-status'],
    ['416 with the size and more to send', ASKED, headOf('416 X', 'Content-Range: bytes */1000'), 'http-status', { totalBytes: 1_000 }],
    ['416 with another size', ASKED, headOf('416 X', 'Content-Range: bytes */50'), 'other-size', { totalBytes: 50 }],
    ['429', ASKED, headOf('429 X', 'Retry-After: 3'), 'too-many-requests', { retryAfterMs: 3_000 }],
    ['503 with a date', ASKED, headOf('503 X', 'Date: Thu, 05 Nov 2026 12:00:00 GMT', 'Retry-After: Thu, 05 Nov 2026 12:00:02 GMT'), 'unavailable', { retryAfterMs: 2_000 }],
    ['304', ASKED, headOf('304 X'), 'http-status'],
    ['300', ASKED, headOf('300 X'), 'http-status'],
    ['501', ASKED, headOf('501 X'), 'http-status'],
    ...[500, 502, 503, 504, 408].map((status): [string, Asked, ResponseHead, string] => [String(status), ASKED, headOf(`${status} X`), 'unavailable']),
    ...[401, 403, 407].map((status): [string, Asked, ResponseHead, string] => [String(status), ASKED, headOf(`${status} X`), 'forbidden']),
    ...[404, 410].map((status): [string, Asked, ResponseHead, string] => [String(status), ASKED, headOf(`${status} X`), 'not-found']),
  ])('%s', (_name, asked, head, code, more = {}) => {
    expect(checkResponse(asked, head, NOW)).toMatchObject({ kind: 'refuse', code, ...more });
  });

  test('a reason that is shown holds no control character', () => {
    const verdict = checkResponse(ASKED, headOf('404 \u0085\u009b31mred'), NOW);
    expect(verdict.kind === 'refuse' ? verdict.detail : '').toMatch(/^404 [^\u0000-\u001f\u007f-\u009f]*red$/u);
  });
});
