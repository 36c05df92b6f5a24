/** The farm as an HTTP server: for this runtime's own client, and for the tools that people have. */
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { isInstalled } from './support/is-installed.ts';
import { rawRequest } from './support/raw-request.ts';
import { placedBytes, placedFile, sha256 } from './support/test-file.ts';
import { portOf, sharedFarm, testFarm, urlOf, viewWhere } from './support/test-farm.ts';

const run = promisify(execFile);
const SIZE = 3_000_017;

async function served(options: { size?: number; count?: number; name?: string; rates?: number[] } = {}) {
  const { folder, path, bytes } = await placedFile(options.size ?? SIZE, options.name);
  const farm = await testFarm({ filePath: path, count: options.count ?? 1, rates: options.rates });
  const get = (headers: Record<string, string> = {}, method = 'GET'): Promise<Response> => fetch(urlOf(farm, 1), { headers, method });
  return { folder, path, bytes, farm, get };
}

const body = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

describe('other tools get the exact file', () => {
  test.skipIf(!isInstalled('curl'))('curl, whole and resumed (skipped where curl is not installed)', async () => {
    const { folder, farm, bytes } = await served();
    const target = join(folder, 'out');
    await run('curl', ['-sS', '--fail', '-r', '0-999999', '-o', target, urlOf(farm, 1)]);
    expect((await readFile(target)).length).toBe(1_000_000);
    await run('curl', ['-sS', '--fail', '-C', '-', '-o', target, urlOf(farm, 1)]);
    expect(sha256(await readFile(target))).toBe(sha256(bytes));
  });

  test.skipIf(!isInstalled('curl'))('curl -OJ takes the name from Content-Disposition (skipped where curl is not installed)', async () => {
    const { folder, farm, bytes } = await served({ size: 100, name: 'a name.bin' });
    const target = join(folder, 'target');
    await mkdir(target);
    await run('curl', ['-sS', '--fail', '-OJ', `${urlOf(farm, 1)}any/other`], { cwd: target });
    expect(await readFile(join(target, 'a name.bin'))).toEqual(bytes);
  });

  test.skipIf(!isInstalled('wget'))('wget (skipped where wget is not installed)', async () => {
    const { folder, farm, bytes } = await served();
    const target = join(folder, 'out');
    await run('wget', ['-q', '-O', target, urlOf(farm, 1)]);
    expect(sha256(await readFile(target))).toBe(sha256(bytes));
  });

  test.skipIf(!isInstalled('aria2c'))('aria2c, from three servers at once (skipped where aria2c is not installed)', async () => {
    const { folder, farm, bytes } = await served({ size: 5_000_011, count: 3, rates: [4 * 1024 * 1024] });
    await run('aria2c', ['-q', '-k', '1M', '-s', '3', '-x', '2', '-d', folder, '-o', 'out', ...farm.servers.map(({ url }) => url)]);
    expect(sha256(await readFile(join(folder, 'out')))).toBe(sha256(bytes));
    await viewWhere(farm, ({ servers }) => servers.filter(({ requests }) => requests > 0).length > 1);
  });

  test('fetch, whole and in parts on kept connections', async () => {
    const { get, bytes } = await served();
    expect(sha256(await body(await get()))).toBe(sha256(bytes));
    const parts: Buffer[] = [];
    for (let start = 0; start < SIZE; start += 700_001) {
      const response = await get({ Range: `bytes=${start}-${start + 700_000}` });
      expect(response.status).toBe(206);
      parts.push(await body(response));
    }
    expect(sha256(Buffer.concat(parts))).toBe(sha256(bytes));
  });
});

describe('ranges', () => {
  const shared = sharedFarm(1_000);
  const bytes = placedBytes(1_000);
  const getRange = (range: string): Promise<Response> => fetch(urlOf(shared(), 1), { headers: { Range: range } });

  test.each([
    ['bytes=0-0', 206, 0, 1],
    ['bytes=10-19', 206, 10, 20],
    ['bytes=990-', 206, 990, 1_000],
    ['bytes=990-99999', 206, 990, 1_000],
    ['bytes=-10', 206, 990, 1_000],
    ['bytes=-99999', 206, 0, 1_000],
    ['Bytes=5-6', 206, 5, 7],
    ['bytes=0-9,20-29', 200, 0, 1_000],
    ['bytes=20-10', 200, 0, 1_000],
    ['lines=0-9', 200, 0, 1_000],
    ['bytes=', 200, 0, 1_000],
    ['bytes=a-b', 200, 0, 1_000],
  ])('%s', async (range, status, start, end) => {
    const response = await getRange(range);
    expect(response.status).toBe(status);
    expect(response.headers.get('content-range')).toBe(status === 206 ? `bytes ${start}-${end - 1}/1000` : null);
    expect(response.headers.get('content-length')).toBe(String(end - start));
    expect((await body(response)).equals(bytes.subarray(start, end))).toBe(true);
  });

  test.each(['bytes=1000-', 'bytes=1000-1000', 'bytes=-0'])('%s cannot be satisfied, and the answer tells the size', async (range) => {
    const response = await getRange(range);
    expect(response.status).toBe(416);
    expect(response.headers.get('content-range')).toBe('bytes */1000');
    await response.body?.cancel();
  });

  test('an empty file is served as one', async () => {
    const { get } = await served({ size: 0 });
    const whole = await get();
    expect(whole.status).toBe(200);
    expect(whole.headers.get('content-length')).toBe('0');
    expect((await get({ Range: 'bytes=0-0' })).status).toBe(416);
  });

  test('HEAD tells what GET would, without a body', async () => {
    const { farm } = await served({ size: 1_000 });
    const reply = await rawRequest({ port: portOf(farm, 1), method: 'HEAD' });
    expect(reply.status).toBe(200);
    expect(reply.header('content-length')).toBe('1000');
    expect(reply.header('accept-ranges')).toBe('bytes');
    expect(reply.body.length).toBe(0);
  });

  test('another method is refused, with the ones that are served', async () => {
    const { get } = await served({ size: 10 });
    const response = await get({}, 'DELETE');
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });
});

describe('conditional requests', () => {
  test('validators decide as RFC 9110 has it', async () => {
    const { get } = await served({ size: 1_000 });
    const first = await get();
    const tag = first.headers.get('etag') ?? '';
    const date = first.headers.get('last-modified') ?? '';
    const before = new Date(Date.parse(date) - 60_000).toUTCString();
    expect(tag).toMatch(/^"[^"]+"$/u);
    const range = { Range: 'bytes=0-9' };
    const cases: readonly (readonly [Record<string, string>, number])[] = [
      [{ 'If-Match': tag }, 200],
      [{ 'If-Match': `"other", ${tag}` }, 200],
      [{ 'If-Match': '*' }, 200],
      [{ 'If-Match': '"other"' }, 412],
      [{ 'If-Match': `W/${tag}` }, 412],
      [{ 'If-None-Match': tag }, 304],
      [{ 'If-None-Match': `W/${tag}` }, 304],
      [{ 'If-None-Match': '*' }, 304],
      [{ 'If-None-Match': '"other"' }, 200],
      [{ 'If-None-Match': '"other"', 'If-Modified-Since': date }, 200],
      [{ 'If-Modified-Since': date }, 304],
      [{ 'If-Modified-Since': before }, 200],
      [{ 'If-Modified-Since': 'yesterday, or so' }, 200],
      [{ 'If-Unmodified-Since': date }, 200],
      [{ 'If-Unmodified-Since': before }, 412],
      [{ 'If-Match': tag, 'If-Unmodified-Since': before }, 200],
      [{ ...range, 'If-Range': tag }, 206],
      [{ ...range, 'If-Range': `W/${tag}` }, 200],
      [{ ...range, 'If-Range': '"other"' }, 200],
      [{ ...range, 'If-Range': before }, 200],
    ];
    for (const [headers, status] of cases) {
      const response = await get(headers);
      await response.arrayBuffer();
      expect([headers, response.status]).toEqual([headers, status]);
    }
  });

  test('all servers agree on the tag, and the digest is there for whoever wants it', async () => {
    const { farm, bytes } = await served({ size: 1_000, count: 2 });
    const digest = createHash('sha256').update(bytes).digest('base64');
    const replies = await Promise.all(farm.servers.map(({ url }) => fetch(url, { headers: { 'Want-Repr-Digest': 'sha-512=3, sha-256=10', Range: 'bytes=0-9' } })));
    expect(new Set(replies.map(({ headers }) => headers.get('etag'))).size).toBe(1);
    for (const reply of replies) expect(reply.headers.get('repr-digest')).toBe(`sha-256=:${digest}:`);
    for (const wish of [{}, { 'Want-Repr-Digest': 'sha-256=0' }, { 'Want-Repr-Digest': 'sha-512=1' }]) {
      expect((await fetch(urlOf(farm, 1), { headers: wish })).headers.get('repr-digest')).toBeNull();
    }
  });

  test('a name beyond ASCII is told in both forms', async () => {
    const { get } = await served({ size: 10, name: `naïve "file" (1)'s.bin` });
    const response = await get();
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="na_ve _file_ (1)'s.bin"; filename*=UTF-8''na%C3%AFve%20%22file%22%20%281%29%27s.bin`,
    );
  });
});

test('pipelined requests are answered in order, each with its own bytes', async () => {
  const { farm, bytes } = await served({ size: 2_000_003 });
  const port = portOf(farm, 1);
  const ranges = [[0, 999_999], [5, 700_000], [1_000_000, 2_000_002]] as const;
  const received = await new Promise<Buffer>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('end', () => resolve(Buffer.concat(chunks)));
    socket.on('error', reject);
    for (const [index, [first, last]] of ranges.entries()) {
      const connection = index === ranges.length - 1 ? 'close' : 'keep-alive';
      socket.write(`GET / HTTP/1.1\r\nHost: farm\r\nConnection: ${connection}\r\nRange: bytes=${first}-${last}\r\n\r\n`);
    }
  });
  let rest = received;
  for (const [first, last] of ranges) {
    const start = rest.indexOf('\r\n\r\n') + 4;
    expect(rest.subarray(0, 12).toString()).toBe('HTTP/1.1 206');
    expect(rest.subarray(start, start + last - first + 1).equals(bytes.subarray(first, last + 1))).toBe(true);
    rest = rest.subarray(start + last - first + 1);
  }
  expect(rest.length).toBe(0);
});

test('a client that reads late gets the exact bytes all the same', async () => {
  const { farm, bytes } = await served({ size: 40_000_003 });
  const socket = connect(portOf(farm, 1), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: farm\r\nConnection: close\r\n\r\n');
  // Nothing is read until the server has filled what lies between them.
  await viewWhere(farm, ({ servers }) => (servers[0]?.sentBytes ?? 0) > 500_000);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const received = Buffer.concat(chunks);
  expect(sha256(received.subarray(received.indexOf('\r\n\r\n') + 4))).toBe(sha256(bytes));
});
