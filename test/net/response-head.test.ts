import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { createServer } from 'node:net';
import { array, assert, asyncProperty, constantFrom, integer, oneof, string, stringMatching, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HEAD_LINES_MAX, HEAD_MAX_BYTES } from '../../src/base/bounds.ts';
import { safeFileName } from '../../src/net/file-name.ts';
import { HeadReader, parseHead } from '../../src/net/response-head.ts';
import type { HeadStep } from '../../src/net/response-head.ts';

const read = (text: string): HeadStep => new HeadReader().push(Buffer.from(text, 'latin1'));
const kindOf = (text: string): string => {
  const step = read(text);
  return step.kind === 'bad' ? step.code : step.kind;
};

test('a head is read, its names in lower case, its values trimmed, its body found', () => {
  const text = 'HTTP/1.1 206 Partial  Content\r\nX-One: \t a b\t \r\nx-one:c\r\nContent-Length: 007\r\n\r\n';
  const step = read(`${text}body`);
  expect(step).toMatchObject({ kind: 'head', bodyAt: text.length, head: { status: 206, minorVersion: 1, reason: 'Partial  Content', contentLength: 7 } });
  expect(step.kind === 'head' ? [...step.head.headers] : null).toEqual([['x-one', ['a b', 'c']], ['content-length', ['007']]]);
});

test('interim heads are skipped', () => {
  const text = 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n';
  expect(read(`${text}abc`)).toMatchObject({ kind: 'head', head: { status: 200 }, bodyAt: text.length });
});

test.each([
  ['HTTP/1.1 200 OK\r\nA: b\r\n', 'more'],
  ['HTT', 'more'],
  ['HTTP/2 200 OK\r\n\r\n', 'bad-head'],
  ['HTTP/1.2 200 OK\r\n\r\n', 'bad-head'],
  ['http/1.1 200 OK\r\n\r\n', 'bad-head'],
  ['HTTP/1.1  200 OK\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 20 OK\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 2000 OK\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 600 OK\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200OK\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 O\u0007K\r\n\r\n', 'bad-head'],
  ['\r\nHTTP/1.1 200 OK\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\n\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nA: b\nC: d\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nA: b\r c\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nA: b\0\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nA : b\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\n: b\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nA(: b\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nA\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nA: b\r\n folded\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n', 'bad-head'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 9007199254740992\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 101 Switching\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 100 X\r\nContent-Length: 1\r\n\r\n', 'bad-head'],
  ['HTTP/1.1 100 X\r\n\r\n'.repeat(9), 'bad-head'],
])('%j is %s', (text, kind) => expect(kindOf(text)).toBe(kind));

test('a head over its bounds is refused, and one at them is read', () => {
  const start = 'HTTP/1.1 200 OK\r\nA: ';
  const filled = (bytes: number): string => `${start}${'b'.repeat(bytes - start.length - 4)}\r\n\r\n`;
  expect(kindOf(filled(HEAD_MAX_BYTES))).toBe('head');
  expect(kindOf(filled(HEAD_MAX_BYTES + 1))).toBe('head-too-large');
  expect(kindOf(`${start}${'b'.repeat(HEAD_MAX_BYTES)}`)).toBe('head-too-large');
  expect(kindOf(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(HEAD_LINES_MAX)}\r\n`)).toBe('head');
  expect(kindOf(`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(HEAD_LINES_MAX + 1)}\r\n`)).toBe('head-too-large');
});

// Nine times what a head may hold: work that grew with the square of it would run far into the test's time limit.
const BLANKS = ' \t'.repeat(75_000);

test.each([
  ['before a control character', () => parseHead(`HTTP/1.1 200 OK\r\nA:${BLANKS}\u0001`), { kind: 'bad', code: 'bad-head' }],
  ['in the midst of a value', () => parseHead(`HTTP/1.1 200 OK\r\nA: b${BLANKS}c`), { headers: new Map([['a', [`b${BLANKS}c`]]]) }],
  ['at the end of a value', () => parseHead(`HTTP/1.1 200 OK\r\nA: b${BLANKS}`), { headers: new Map([['a', ['b']]]) }],
  ['as a value', () => parseHead(`HTTP/1.1 200 OK\r\nA:${BLANKS}`), { headers: new Map([['a', ['']]]) }],
  ['in a file’s name', () => ({ name: safeFileName(`a${BLANKS.replaceAll('\t', '.')}.b`) }), { name: expect.stringMatching(/^a[ .]+b$/u) }],
] as const)('blanks without end %s are read in one pass', (_where, read, expected) => expect(read()).toMatchObject(expected), 10_000);

test('a head is read alike in whatever pieces it comes', () => {
  const text = 'HTTP/1.1 100 C\r\nX: y\r\n\r\nHTTP/1.1 206 P\r\nContent-Range: bytes 0-3/9\r\nContent-Length: 4\r\n\r\n';
  const bytes = Buffer.from(`${text}body`, 'latin1');
  for (let cut = 1; cut < text.length; cut += 1) {
    const reader = new HeadReader();
    expect(reader.push(bytes.subarray(0, cut))).toEqual({ kind: 'more' });
    expect(reader.push(bytes.subarray(cut))).toMatchObject({ kind: 'head', bodyAt: text.length - cut, head: { status: 206, contentLength: 4 } });
  }
});

interface NodesReading {
  readonly status: number;
  readonly reason: string;
  readonly version: string;
  readonly rawHeaders: readonly string[];
  body: string;
}

/** What Node's own parser makes of the same bytes; null where it refuses the head. */
function readByNode(bytes: Buffer, port: number): Promise<NodesReading | null> {
  const call = httpRequest({ port, host: '127.0.0.1', agent: false, headers: { 'x-bytes': bytes.toString('base64') } });
  let reading: NodesReading | null = null;
  call.on('error', () => undefined);
  call.on('upgrade', () => call.destroy());
  call.on('response', (response) => {
    const seen: NodesReading = { status: response.statusCode ?? 0, reason: response.statusMessage ?? '', version: response.httpVersion, rawHeaders: response.rawHeaders, body: '' };
    reading = seen;
    response.on('error', () => undefined);
    response.on('data', (chunk: Buffer) => {
      seen.body += chunk.toString('latin1');
    });
  });
  call.end();
  return new Promise((resolve) => {
    call.once('close', () => resolve(reading));
  });
}

describe('whatever is accepted, Node reads alike', () => {
  const framing = constantFrom('Content-Length: 4', 'content-length:04', 'Content-Length: 4 ', 'Transfer-Encoding: chunked', 'Connection: close', 'A:b');
  const doubtful = constantFrom(
    'Content-Length:', 'Content-Length: 0x4', 'Content-Length: 4e0', 'Content-Length: +4', 'Content-Length: 4,4', 'Content-Length: 4x', 'Transfer-Encoding: chunked, identity', 'Transfer-Encoding: identity',
    'A:', 'A : b', ' folded', '\tfolded', 'Connection: upgrade', 'Upgrade: x', 'ETag: "\u00e9"', 'Set-Cookie: a', ': x', 'A\u0000: b', 'A: b\u007f', 'A: b\rC', 'A: b\nC: d', 'A: \tb\t', '"A": b', 'Ä: b',
  );
  const anyLine = tuple(string({ minLength: 1, maxLength: 6, unit: 'binary-ascii' }), string({ maxLength: 8, unit: 'binary-ascii' })).map(([name, value]) => `${name}: ${value}`);
  const anyValue = tuple(stringMatching(/^[a-zA-Z!#$%&'*+.^_`|~-]{1,6}$/u), array(integer({ min: 0, max: 255 }), { maxLength: 6 })).map(([name, codes]) => `${name}:${String.fromCharCode(...codes)}`);
  const line = oneof({ weight: 4, arbitrary: framing }, { weight: 2, arbitrary: doubtful }, { weight: 1, arbitrary: anyLine }, { weight: 1, arbitrary: anyValue });
  const first = oneof(
    { weight: 6, arbitrary: constantFrom('HTTP/1.1 200 OK', 'HTTP/1.1 206 Partial Content', 'HTTP/1.0 200 OK', 'HTTP/1.1 404', 'HTTP/1.1 404 ', 'HTTP/1.1 304 X', 'HTTP/1.1 204 X') },
    { weight: 1, arbitrary: constantFrom('HTTP/1.1 99 X', 'HTTP/1.1 600 X', 'HTTP/1.1\t200 X', 'HTTP/1.1 200\tX', 'HTTP/2.0 200 X', 'HTTP/1.1 200 \u00e9', 'HTTP/1.1 200 a\tb', ' HTTP/1.1 200 X', 'ICY 200 OK') },
  );
  const end = oneof({ weight: 30, arbitrary: constantFrom('\r\n') }, { weight: 1, arbitrary: constantFrom('\n', '\r', '') });
  const interim = constantFrom('', '', '', 'HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 X\r\nA: b\r\n\r\n', 'HTTP/1.1 100 X\r\nContent-Length: 4\r\n\r\n');
  const response = tuple(interim, first, array(tuple(line, end), { maxLength: 4 }), end).map(([before, status, lines, firstEnd]) => `${before}${status}${firstEnd}${lines.map((each) => each.join('')).join('')}\r\nbody`);

  test('over a real socket, for heads that are nearly right', async () => {
    const server = createServer((socket) => {
      let asked = '';
      socket.on('error', () => undefined);
      socket.on('data', (chunk: Buffer) => {
        asked += chunk.toString('latin1');
        const bytes = /x-bytes: (\S*)\r\n/iu.exec(asked)?.[1];
        if (bytes !== undefined && asked.endsWith('\r\n\r\n')) socket.end(Buffer.from(bytes, 'base64'));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    let accepted = 0;
    await assert(
      asyncProperty(response, async (text) => {
        const bytes = Buffer.from(text, 'latin1');
        const ours = new HeadReader().push(bytes);
        if (ours.kind !== 'head') return;
        accepted += 1;
        const nodes = await readByNode(bytes, port);
        expect(nodes).toMatchObject({ status: ours.head.status, reason: ours.head.reason, version: `1.${ours.head.minorVersion}` });
        const theirs = new Map<string, string[]>();
        for (let at = 0; at < (nodes?.rawHeaders.length ?? 0); at += 2) {
          const name = nodes?.rawHeaders[at]?.toLowerCase() ?? '';
          theirs.set(name, [...(theirs.get(name) ?? []), nodes?.rawHeaders[at + 1] ?? '']);
        }
        expect([...ours.head.headers]).toEqual([...theirs]);
        if (ours.head.contentLength !== null && ours.head.status !== 304 && ours.head.status !== 204) {
          expect(nodes?.body).toBe(bytes.toString('latin1', ours.bodyAt, ours.bodyAt + ours.head.contentLength));
        }
      }),
      { seed: 20_261_105, numRuns: 3_000 },
    );
    server.close();
    // A parser that refuses everything would agree with any other.
    expect(accepted).toBeGreaterThan(200);
  });
});
