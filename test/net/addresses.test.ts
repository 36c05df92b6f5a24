import { describe, expect, test } from 'vitest';
import { PlaitError } from '../../src/base/errors.ts';
import { createCredentials } from '../../src/net/credentials.ts';
import { checkWayTo, wayTo } from '../../src/net/proxy.ts';
import { nextAddress } from '../../src/net/redirect.ts';
import { requestText } from '../../src/net/request-head.ts';
import { parseMirrorUrl, sameMirrorKey } from '../../src/net/url.ts';

/** The error a call throws; the test fails where it throws none. */
function thrownBy(call: () => unknown): PlaitError {
  try {
    call();
  } catch (error) {
    if (error instanceof PlaitError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('mirror URLs', () => {
  test.each(['', 'nonsense', '//example.org/x', 'ftp://example.org/x', 'file:///etc/passwd', 'http://', 'http://exa mple.org/', 'http://h:99999/', 'http://h:0/', 'http://h/a\r\nb', 'http://h/\0', '\thttp://h/', 'http://h/\u001b[31m'])(
    'refuses %j with a sentence',
    (text) => {
      const error = thrownBy(() => parseMirrorUrl(text));
      expect(error.code).toBe('usage');
      expect(error.message).toMatch(/^[^\r\n\0\u001b]+\.$/u);
    },
  );

  test('a refused URL never shows its password', () => {
    expect(thrownBy(() => parseMirrorUrl('ftp://user:hunter2@example.org/x')).message).not.toContain('hunter2');
    expect(thrownBy(() => parseMirrorUrl('http://user:hunter2@exa mple.org/x')).message).not.toContain('hunter2');
  });

  test.each([
    ['http://Example.ORG:80/a/../b', 'http://example.org/b'],
    ['https://example.org:443/b#part', 'https://example.org/b'],
    ['http://example.org./%7euser', 'http://example.org/~user'],
    ['http://example.org/%2f', 'http://example.org/%2F'],
    ['http://u:p@example.org/b', 'http://example.org/b'],
    ['http://münchen.example/b', 'http://xn--mnchen-3ya.example/b'],
    ['http://[0:0:0:0:0:0:0:1]/b', 'http://[::1]/b'],
  ])('%s is the same mirror as %s', (one, other) => {
    expect(sameMirrorKey(parseMirrorUrl(one))).toBe(sameMirrorKey(parseMirrorUrl(other)));
  });

  test.each([
    ['http://example.org/b', 'https://example.org/b'],
    ['http://example.org/b', 'http://example.org:8080/b'],
    ['http://example.org/b', 'http://example.org/B'],
    ['http://example.org/b?x=1', 'http://example.org/b?x=2'],
    ['http://example.org/a%2fb', 'http://example.org/a/b'],
  ])('%s is not the same mirror as %s', (one, other) => {
    expect(sameMirrorKey(parseMirrorUrl(one))).not.toBe(sameMirrorKey(parseMirrorUrl(other)));
  });
});

describe('redirects', () => {
  const from = new URL('https://a.example/dir/file');
  test.each([
    ['/other', 'https://a.example/other'],
    ['other?x#part', 'https://a.example/dir/other?x'],
    ['//b.example/x', 'https://b.example/x'],
    ['https://user:pw@b.example/x', 'https://b.example/x'],
    [Buffer.from('/naïve', 'utf8').toString('latin1'), 'https://a.example/na%C3%AFve'],
  ])('%j leads to %s', (location, to) => {
    const next = nextAddress(from, location, 0);
    expect(next.kind === 'follow' ? next.url.href : next).toBe(to);
  });

  test.each([[null], [''], ['http://a.example/'], ['file:///etc/passwd'], ['ftp://b.example/'], ['data:,x'], ['javascript:x'], ['https://'], ['https://h:0/']])('%j is refused', (location) => {
    expect(nextAddress(from, location, 0)).toMatchObject({ kind: 'refuse', code: 'redirect-refused' });
  });

  test('the eleventh is one too many', () => {
    expect(nextAddress(from, '/x', 9)).toMatchObject({ kind: 'follow' });
    expect(nextAddress(from, '/x', 10)).toMatchObject({ kind: 'refuse', code: 'too-many-redirects' });
  });
});

describe('credentials', () => {
  test('belong to the origin they were given for, and to no other', () => {
    const credentials = createCredentials([{ name: 'X-Key', value: 'k' }]);
    const bare = credentials.learn(new URL('https://user:p%40ss@a.example/file'));
    expect(bare.href).toBe('https://a.example/file');
    expect(credentials.fieldsFor(new URL('https://a.example/other'))).toEqual([
      { name: 'X-Key', value: 'k' },
      { name: 'Authorization', value: `Basic ${Buffer.from('user:p@ss').toString('base64')}` },
    ]);
    for (const other of ['http://a.example/file', 'https://a.example:8443/file', 'https://b.a.example/file', 'https://b.example/']) {
      expect(credentials.fieldsFor(new URL(other))).toEqual([]);
    }
  });

  test('an Authorization of the user’s own stands alone', () => {
    const credentials = createCredentials([{ name: 'authorization', value: 'Bearer t' }]);
    credentials.learn(new URL('https://user:pw@a.example/'));
    expect(credentials.fieldsFor(new URL('https://a.example/'))).toEqual([{ name: 'authorization', value: 'Bearer t' }]);
  });

  test.each([
    ['X', 'a\r\nb'], ['X', 'a\0b'], ['X', 'a\nb'], ['X', 'π'], ['', 'a'], ['a b', 'c'], ['X\r\n', 'c'], ['Host', 'x'], ['RANGE', 'bytes=0-1'], ['If-Match', '*'],
    ['accept-encoding', 'gzip'], ['Connection', 'close'], ['Content-Length', '0'], ['Transfer-Encoding', 'chunked'],
  ])('the header %j: %j is refused, without its value', (name, value) => {
    const error = thrownBy(() => createCredentials([{ name, value }]));
    expect(error.code).toBe('usage');
    if (value.length > 1) expect(error.message).not.toContain(value);
  });

  test.each(['http://a%0d%0ab:x@h/', 'http://a:%00@h/', 'http://a%3ab:x@h/', 'http://a%zz@h/'])('the userinfo of %s is refused', (url) => {
    expect(thrownBy(() => createCredentials([]).learn(new URL(url))).code).toBe('usage');
  });
});

describe('requests', () => {
  const request = { url: new URL('http://[::1]:8080/a%20b?c'), range: { start: 5, end: 10 }, validator: '"t"', asksDigest: true, userFields: [] };

  test('ask for an inclusive range, unencoded, of one version', () => {
    expect(requestText(request)).toBe(
      'GET /a%20b?c HTTP/1.1\r\nHost: [::1]:8080\r\nUser-Agent: plait/dev\r\nAccept: */*\r\nAccept-Encoding: identity\r\nRange: bytes=5-9\r\nIf-Match: "t"\r\nWant-Repr-Digest: sha-256=1\r\nConnection: keep-alive\r\n\r\n',
    );
  });

  test('use If-Unmodified-Since for a date, and the user’s own User-Agent once', () => {
    const text = requestText({ ...request, validator: 'Thu, 05 Nov 2026 12:00:00 GMT', asksDigest: false, userFields: [{ name: 'user-agent', value: 'me' }] });
    expect(text).toContain('\r\nIf-Unmodified-Since: Thu, 05 Nov 2026 12:00:00 GMT\r\n');
    expect(text.match(/user-agent: .*/giu)).toEqual(['user-agent: me']);
  });
});

test.each<[string, Record<string, string>, string | null]>([
  ['http://h/', {}, null],
  ['http://h/', { http_proxy: 'http://p:3128' }, 'http://p:3128/'],
  ['http://h/', { http_proxy: 'p:3128' }, 'http://p:3128/'],
  ['http://h/', { HTTP_PROXY: 'http://p:3128' }, null],
  ['https://h/', { http_proxy: 'http://p:3128' }, null],
  ['https://h/', { https_proxy: 'http://p:3128' }, 'http://p:3128/'],
  ['https://h/', { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128/'],
  ['https://h/', { all_proxy: 'http://p:3128' }, 'http://p:3128/'],
  ['http://h/', { http_proxy: 'p', no_proxy: '*' }, null],
  ['http://a.h.org/', { http_proxy: 'http://p', no_proxy: 'x, .h.org' }, null],
  ['http://h.org/', { http_proxy: 'http://p', no_proxy: '.h.org' }, null],
  ['http://ah.org/', { http_proxy: 'http://p', no_proxy: 'h.org' }, 'http://p/'],
  ['http://h.org/', { http_proxy: 'http://p', no_proxy: 'H.ORG:80' }, null],
  ['http://h.org:81/', { http_proxy: 'http://p', no_proxy: 'h.org:80' }, 'http://p/'],
  ['http://[2001:db8::1]/', { http_proxy: 'http://p', no_proxy: '2001:db8::1' }, null],
  ['http://localhost:1/', { http_proxy: 'http://p' }, null],
  ['http://127.0.0.1/', { http_proxy: 'http://p' }, null],
  ['http://[::1]/', { http_proxy: 'http://p' }, null],
])('the proxy for %s with %j is %s', (url, env, proxy) => {
  const way = wayTo(new URL(url), env);
  expect(way.kind === 'proxy' ? way.proxy.href : way.kind).toBe(proxy ?? 'direct');
});

test.each([
  ['https_proxy', 'proxy.corp:80a'],
  ['HTTPS_PROXY', 'proxy.corp:99999'],
  ['https_proxy', 'http://'],
  ['all_proxy', 'http://pro xy:1'],
  ['ALL_PROXY', 'socks5://'],
  ['https_proxy', 'ftp://me:hunter2@proxy.corp'],
  ['https_proxy', 'http://me:hunter2@proxy.corp:80a'],
])('%s=%s is no proxy, which is said without its value, and never passed by', (variable, value) => {
  const url = new URL('https://h/');
  expect(wayTo(url, { [variable]: value })).toEqual({ kind: 'unusable', variable });
  const error = thrownBy(() => checkWayTo(url, { [variable]: value }));
  expect(error.code).toBe('usage');
  expect(error.message).toContain(variable);
  expect(error.message).not.toMatch(/corp|hunter2|pro xy|99999/u);
  // Where nothing is to go through it, it is nobody's concern.
  for (const way of [wayTo(url, { [variable]: value, no_proxy: 'h' }), wayTo(new URL('https://127.0.0.1/'), { [variable]: value })]) expect(way).toEqual({ kind: 'direct' });
});
