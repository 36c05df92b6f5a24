import { describe, expect, test } from 'vitest';
import { good, head } from './support/answers.ts';
import { startFaultServer } from './support/fault-server.ts';
import type { FaultServer, Script } from './support/fault-server.ts';
import { patternBytes } from './support/pattern.ts';
import { outcomeCode } from './support/plane-bench.ts';
import { openStage } from './support/stage.ts';

const TOTAL = 10_000;
const { serve, bench } = openStage();

const to = (location: string): ReturnType<Script> => [head('302 Found', `Location: ${location}`, 'Content-Length: 0')];

test('a lease follows its redirect, and the next one goes there directly', async () => {
  const target = await serve(good(TOTAL, 'Content-Disposition: attachment; filename=real.iso'));
  const first = await serve(() => [head('302 Found', `Location: ${target.url}?sig=s3cret`, 'Content-Length: 0', 'Content-Disposition: attachment; filename=wrong.iso')]);
  const net = bench();
  const mirror = net.addMirror(first.url);
  const lease = net.open(mirror, 0, 5_000);
  const { head: told } = await net.opened(lease);
  expect(told).toMatchObject({ address: target.url, fileName: 'real.iso' });
  await net.ended(lease);
  expect(await net.ended(net.open(mirror, 5_000, TOTAL))).toMatchObject({ writtenEnd: TOTAL, outcome: { kind: 'done' } });
  expect(net.file.subarray(0, TOTAL).equals(patternBytes(0, TOTAL))).toBe(true);
  expect(first.requests).toHaveLength(1);
  expect(target.requests.map((request) => request.path)).toEqual(['/file.bin?sig=s3cret', '/file.bin?sig=s3cret']);
});

test('a redirect to the same server uses the same socket', async () => {
  const server = await serve((request) => (request.path === '/file.bin' ? to('/real') : good(TOTAL)(request)));
  const net = bench();
  await net.ended(net.open(net.addMirror(server.url), 0, 100));
  expect(server.requests.map((request) => [request.connection, request.path])).toEqual([[0, '/file.bin'], [0, '/real']]);
});

test('secrets stay with their origin through a redirect', async () => {
  const target = await serve(good(TOTAL));
  const first = await serve(() => to(target.url));
  const net = bench({ headers: [{ name: 'X-Key', value: 'k' }] });
  const mirror = net.addMirror(first.url.replace('//', '//user:p%40ss@'));
  const lease = net.open(mirror, 0, 100);
  const { head: told } = await net.opened(lease);
  await net.ended(lease);
  expect(first.requests[0]?.headers.get('authorization')).toBe(`Basic ${Buffer.from('user:p@ss').toString('base64')}`);
  expect(first.requests[0]?.headers.get('x-key')).toBe('k');
  expect([...(target.requests[0]?.headers.keys() ?? [])]).toEqual(['host', 'user-agent', 'accept', 'accept-encoding', 'range', 'want-repr-digest', 'connection']);
  expect(JSON.stringify(net.facts)).not.toMatch(/p@ss|p%40ss|user/u);
  expect(told.address).toBe(target.url);
});

test.each([403, 404, 410])('a redirected address that says %i is resolved again from the first, once', async (status) => {
  let old = true;
  const gone = await serve((request) => (old ? good(TOTAL)(request) : [head(`${status} X`, 'Content-Length: 0')]));
  const fresh = await serve(good(TOTAL));
  const first = await serve(() => to(old ? gone.url : fresh.url));
  const net = bench();
  const mirror = net.addMirror(first.url);
  await net.ended(net.open(mirror, 0, 100));
  old = false;
  expect(await net.ended(net.open(mirror, 100, 200))).toMatchObject({ writtenEnd: 200, outcome: { kind: 'done' } });
  expect(first.requests).toHaveLength(2);
});

test('a redirect to where only a proxy that is none would lead is not followed past it', async () => {
  const first = await serve(() => to('https://other.test/file.bin'));
  const net = bench({ env: { https_proxy: 'me:hunter2@proxy.corp:80a' } });
  const ended = await net.ended(net.open(net.addMirror(first.url), 0, 100));
  expect(ended.outcome).toMatchObject({ kind: 'failed', code: 'redirect-refused', detail: 'the variable https_proxy is not the address of a proxy' });
});

test('a redirect that asks for a pause is followed after it, and not before', async () => {
  const target = await serve(good(TOTAL));
  const first = await serve(() => [head('302 Found', `Location: ${target.url}`, 'Retry-After: 7', 'Content-Length: 0')]);
  const net = bench();
  const mirror = net.addMirror(first.url);
  expect((await net.ended(net.open(mirror, 0, 100))).outcome).toMatchObject({ kind: 'failed', code: 'unavailable', retryAfterMs: 7_000 });
  expect(target.requests).toEqual([]);
  // Whoever waits asks again when the pause is over: that goes to the new address, and no pause is asked for twice.
  expect(await net.ended(net.open(mirror, 0, 100))).toMatchObject({ writtenEnd: 100, outcome: { kind: 'done' } });
  expect(first.requests).toHaveLength(1);
});

test('a server that is gone at its first address is out', async () => {
  const gone = await serve(() => [head('404 X', 'Content-Length: 0')]);
  const first = await serve(() => to(gone.url));
  const net = bench();
  expect(outcomeCode((await net.ended(net.open(net.addMirror(first.url), 0, 100))).outcome)).toBe('not-found');
  expect(first.requests).toHaveLength(1);
});

test('an entity tag is compared within one address, never across', async () => {
  const one = await startFaultServer(good(TOTAL, 'ETag: "one"'));
  const two = await serve(good(TOTAL, 'ETag: "two"'));
  let turn = 0;
  const first = await serve(() => to(turn === 0 ? one.url : two.url));
  const net = bench();
  const mirror = net.addMirror(first.url);
  await net.ended(net.open(mirror, 0, 100));
  turn = 1;
  await one.close();
  expect((await net.ended(net.open(mirror, 100, 200))).outcome.kind).toBe('failed');
  const lease = net.open(mirror, 100, 200);
  expect((await net.opened(lease)).head.validator).toBe('"two"');
  expect(two.requests[0]?.headers.get('if-match')).toBeUndefined();
});

describe('refused redirects', () => {
  test.each<[string, (server: () => string) => string, string]>([
    ['a loop', (server) => server(), 'too-many-redirects'],
    ['to a file', () => 'file:///etc/passwd', 'redirect-refused'],
    ['to ftp', () => 'ftp://127.0.0.1/x', 'redirect-refused'],
    ['to data', () => 'data:text/plain,x', 'redirect-refused'],
  ])('%s', async (_name, location, code) => {
    const server: FaultServer = await serve(() => to(location(() => server.url)));
    const net = bench();
    const ended = await net.ended(net.open(net.addMirror(server.url), 0, 100));
    expect(ended).toMatchObject({ writtenEnd: 0, outcome: { kind: 'failed', code, inBody: false } });
    expect(server.requests.length).toBe(code === 'too-many-redirects' ? 11 : 1);
  });
});

describe('the name alone', () => {
  test('comes from the answer after redirects, from one byte', async () => {
    const target = await serve(good(TOTAL, 'Content-Disposition: attachment; filename=real.iso'));
    const first = await serve(() => to(target.url));
    const net = bench();
    expect(await net.plane.askName(net.addMirror(first.url), new AbortController().signal)).toEqual({ kind: 'named', fileName: 'real.iso', totalBytes: TOTAL });
    expect(target.requests[0]?.range).toEqual({ start: 0, end: 1 });
    expect(net.facts).toEqual([]);
    expect(net.written.some((times) => times > 0)).toBe(false);
  });

  test('is asked for without asking for a digest, which is the first lease’s to ask that is answered', async () => {
    let isBusy = false;
    const server = await serve((request) => (isBusy ? [head('503 X', 'Content-Length: 0')] : good(TOTAL)(request)));
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.plane.askName(mirror, new AbortController().signal);
    isBusy = true;
    await net.ended(net.open(mirror, 0, 100));
    isBusy = false;
    for (const start of [0, 100]) await net.ended(net.open(mirror, start, start + 100));
    expect(server.requests.map((request) => request.headers.get('want-repr-digest'))).toEqual([undefined, 'sha-256=1', 'sha-256=1', undefined]);
  });

  test('comes from a server without ranges, too', async () => {
    const server = await serve(() => [head('200 OK', 'Content-Length: 77', 'Content-Disposition: inline; filename=x.bin')]);
    const net = bench();
    expect(await net.plane.askName(net.addMirror(server.url), new AbortController().signal)).toEqual({ kind: 'named', fileName: 'x.bin', totalBytes: 77 });
  });

  test('is nobody’s where there is no answer, and a silent server can be left', async () => {
    const broken = await serve(() => [head('500 X', 'Content-Length: 0')]);
    const silent = await serve(() => []);
    const net = bench();
    expect(await net.plane.askName(net.addMirror(broken.url), new AbortController().signal)).toMatchObject({ kind: 'failed', code: 'unavailable', detail: '500 X' });
    const patience = new AbortController();
    const asked = net.plane.askName(net.addMirror(silent.url), patience.signal);
    await expect.poll(() => silent.requests.length).toBe(1);
    patience.abort();
    expect(await asked).toMatchObject({ kind: 'failed', code: 'cancelled' });
  });
});
