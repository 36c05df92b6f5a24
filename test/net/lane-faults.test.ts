import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { good, head, partBody, partHead } from './support/answers.ts';
import type { Script } from './support/fault-server.ts';
import { patternBytes } from './support/pattern.ts';
import { outcomeCode } from './support/plane-bench.ts';
import type { PlaneBench } from './support/plane-bench.ts';
import { openStage } from './support/stage.ts';

const TOTAL = 300_000;
const { serve, bench } = openStage();

/** Every written byte is the file's byte for its place, written once, and they reach from `start` to `writtenEnd`. */
function expectExact(bench: PlaneBench, start: number, writtenEnd: number): void {
  expect(bench.file.subarray(start, writtenEnd).equals(patternBytes(start, writtenEnd))).toBe(true);
  const count = bench.written.reduce((sum, times) => sum + times, 0);
  expect(count).toBe(writtenEnd - start);
}

describe('a good server', () => {
  test('gives its range, told in order: opened, ended', async () => {
    const server = await serve(good(TOTAL, 'ETag: "v1"', 'Repr-Digest: sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'));
    const net = bench();
    const mirror = net.addMirror(server.url);
    const lease = net.open(mirror, 1_000, 200_000);
    const { head: told } = await net.opened(lease);
    const ended = await net.ended(lease);
    expect(ended).toMatchObject({ writtenEnd: 200_000, outcome: { kind: 'done' } });
    expect(told).toMatchObject({ totalBytes: TOTAL, validator: '"v1"', address: server.url, digest: { algorithm: 'sha-256', hex: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' } });
    expect(net.facts.map((fact) => fact.type)).toEqual(['lease.opened', 'lease.ended']);
    expectExact(net, 1_000, 200_000);
    expect(net.plane.receivedBytes(mirror)).toBe(199_000);
    expect(net.plane.readings()).toEqual([]);
  });

  test('is asked again on the same socket, with If-Match, and for a digest only once', async () => {
    const server = await serve(good(TOTAL, 'ETag: "v1"'));
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 0, 100_000));
    await net.ended(net.open(mirror, 100_000, TOTAL));
    expectExact(net, 0, TOTAL);
    expect(server.requests.map((request) => request.connection)).toEqual([0, 0]);
    expect(server.requests.map((request) => request.headers.get('if-match'))).toEqual([undefined, '"v1"']);
    expect(server.requests.map((request) => request.headers.get('want-repr-digest'))).toEqual(['sha-256=1', undefined]);
    expect(server.requests[0]?.headers.get('accept-encoding')).toBe('identity');
  });

  test('may end a part earlier than asked: the lease ends short and done', async () => {
    const server = await serve(() => [head('206 OK', 'Content-Range: bytes 0-99/300000', 'Content-Length: 100'), { send: patternBytes(0, 100) }]);
    const net = bench();
    const ended = await net.ended(net.open(net.addMirror(server.url), 0, 1_000));
    expect(ended).toMatchObject({ writtenEnd: 100, outcome: { kind: 'done' } });
  });

  test('may send its head byte by byte, after an interim response', async () => {
    const server = await serve((request) => {
      const text = partHead(request, TOTAL);
      const bytes = `HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n${'send' in text ? String(text.send) : ''}`.split('');
      return [...bytes.flatMap((byte) => [{ send: byte }, { wait: () => setImmediate() }]), partBody(request, TOTAL)];
    });
    const net = bench();
    expect(await net.ended(net.open(net.addMirror(server.url), 5, 5_000))).toMatchObject({ writtenEnd: 5_000, outcome: { kind: 'done' } });
    expectExact(net, 5, 5_000);
  });
});

describe('nothing is written when the head is wrong', () => {
  const wrong: [name: string, script: Script, code: string, detail?: object][] = [
    ['200 for a range', () => [head('200 OK', `Content-Length: ${TOTAL}`), { send: patternBytes(0, TOTAL) }], 'no-ranges', { totalBytes: TOTAL }],
    ['a 206 off by one', () => [head('206 P', `Content-Range: bytes 101-199/${TOTAL}`, 'Content-Length: 99'), { send: patternBytes(101, 200) }], 'wrong-range'],
    ['a 206 from earlier', () => [head('206 P', `Content-Range: bytes 99-199/${TOTAL}`, 'Content-Length: 101'), { send: patternBytes(99, 200) }], 'wrong-range'],
    ['a 206 beyond what was asked', () => [head('206 P', `Content-Range: bytes 100-200/${TOTAL}`, 'Content-Length: 101'), { send: patternBytes(100, 201) }], 'wrong-range'],
    ['a 206 without Content-Range', () => [head('206 P', 'Content-Length: 100'), { send: patternBytes(100, 200) }], 'wrong-range'],
    ['a length unlike its range', () => [head('206 P', `Content-Range: bytes 100-199/${TOTAL}`, 'Content-Length: 99'), { send: patternBytes(100, 200) }], 'wrong-length'],
    ['another total', () => [head('206 P', 'Content-Range: bytes 100-199/299999', 'Content-Length: 100'), { send: patternBytes(100, 200) }], 'other-size', { totalBytes: 299_999 }],
    ['a multipart answer', () => [head('206 P', 'Content-Type: multipart/byteranges; boundary=x', 'Content-Length: 100'), { send: patternBytes(100, 200) }], 'wrong-range'],
    ['gzip despite identity', () => [head('206 P', `Content-Range: bytes 100-199/${TOTAL}`, 'Content-Length: 100', 'Content-Encoding: gzip'), { send: patternBytes(100, 200) }], 'wrong-encoding'],
    ['both lengths', (request) => [partHead(request, TOTAL, 'Transfer-Encoding: chunked'), partBody(request, TOTAL)], 'bad-head'],
    ['two lengths', (request) => [partHead(request, TOTAL, 'Content-Length: 7'), partBody(request, TOTAL)], 'bad-head'],
    ['garbage', () => [{ send: 'SSH-2.0-OpenSSH_9.2\r\n' }], 'bad-head'],
    ['a head without end', () => [{ send: 'HTTP/1.1 206 P\r\n' }, { send: 'X-Long: ' + 'a'.repeat(20_000) }], 'head-too-large'],
    ['interim responses without end', () => Array.from({ length: 20 }, () => head('100 Continue')), 'bad-head'],
    ['404', () => [head('404 Not Found', 'Content-Length: 0')], 'not-found'],
    ['403', () => [head('403 No', 'Content-Length: 0')], 'forbidden'],
    ['429 with Retry-After', () => [head('429 Slow down', 'Retry-After: 7', 'Content-Length: 0')], 'too-many-requests', { retryAfterMs: 7_000 }],
    ['503', () => [head('503 \u001b]0;x', 'Content-Length: 0')], 'bad-head'],
    ['412', () => [head('412 Precondition Failed', 'Content-Length: 0')], 'changed'],
    ['416 for bytes that are there', () => [head('416 No', `Content-Range: bytes */${TOTAL}`, 'Content-Length: 0')], 'http-status'],
    ['204', () => [head('204 No Content')], 'http-status'],
    ['a close before the head', () => [{ close: 'end' }], 'closed-early'],
    ['a reset before the head', () => [{ close: 'reset' }], 'reset'],
  ];
  test.each(wrong)('%s', async (_name, script, code, detail = {}) => {
    const server = await serve(script);
    const net = bench();
    const lease = net.open(net.addMirror(server.url), 100, 200, { totalBytes: TOTAL });
    const ended = await net.ended(lease);
    expect(ended.outcome).toMatchObject({ kind: 'failed', code, inBody: false, ...detail });
    expect(ended.writtenEnd).toBe(100);
    expect(net.facts).toHaveLength(1);
    expectExact(net, 100, 100);
  });
});

describe('a body that goes wrong keeps its right prefix', () => {
  test('an early close is closed-early, with the prefix kept', async () => {
    const server = await serve((request) => [partHead(request, TOTAL), { send: patternBytes(0, 40_000) }, { close: 'end' }]);
    const net = bench();
    const ended = await net.ended(net.open(net.addMirror(server.url), 0, 100_000));
    expect(ended).toMatchObject({ writtenEnd: 40_000, outcome: { kind: 'failed', code: 'closed-early', inBody: true } });
    expectExact(net, 0, 40_000);
  });

  test('a longer body is cut at its length and its socket is not used again', async () => {
    const server = await serve((request) => [partHead(request, TOTAL), partBody(request, TOTAL), { send: 'and more' }]);
    const net = bench();
    const mirror = net.addMirror(server.url);
    expect(await net.ended(net.open(mirror, 0, 1_000))).toMatchObject({ writtenEnd: 1_000, outcome: { kind: 'done' } });
    expect(await net.ended(net.open(mirror, 1_000, 2_000))).toMatchObject({ writtenEnd: 2_000, outcome: { kind: 'done' } });
    expectExact(net, 0, 2_000);
    expect(new Set(server.requests.map((request) => request.connection)).size).toBe(2);
  });

  test('a body without any length is believed only if it reaches the range’s end', async () => {
    const script = (sent: number): Script => (request) => [head('206 P', `Content-Range: bytes 0-999/${TOTAL}`, `X: ${request.path}`), { send: patternBytes(0, sent) }, { close: 'end' }];
    const net = bench();
    const whole = await serve(script(1_000));
    expect(await net.ended(net.open(net.addMirror(whole.url), 0, 1_000))).toMatchObject({ writtenEnd: 1_000, outcome: { kind: 'done' } });
    const short = await serve(script(999));
    expect(await net.ended(net.open(net.addMirror(short.url), 0, 1_000))).toMatchObject({ writtenEnd: 999, outcome: { kind: 'failed', code: 'closed-early' } });
  });

  test('a version that changes midway ends the writing', async () => {
    let version = 1;
    const server = await serve((request) => [partHead(request, TOTAL, `ETag: "v${version++}"`), partBody(request, TOTAL, version)]);
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 0, 100));
    const ended = await net.ended(net.open(mirror, 100, 200));
    expect(ended).toMatchObject({ writtenEnd: 100, outcome: { kind: 'failed', code: 'changed' } });
  });

  test('a validator from an earlier run is held against the first answer', async () => {
    const server = await serve(good(TOTAL, 'ETag: "new"'));
    const net = bench();
    const ended = await net.ended(net.open(net.addMirror(server.url, '"old"'), 0, 100));
    expect(outcomeCode(ended.outcome)).toBe('changed');
    expect(server.requests[0]?.headers.get('if-match')).toBe('"old"');
  });
});

describe('kept sockets', () => {
  test('a socket closed just as it is used again costs nothing: one free retry on a fresh one', async () => {
    const server = await serve((request) => (request.connection === 0 && request.onConnection === 1 ? [{ close: 'end' }] : good(TOTAL)(request)));
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 0, 100));
    expect(await net.ended(net.open(mirror, 100, 200))).toMatchObject({ writtenEnd: 200, outcome: { kind: 'done' } });
    expect(server.requests.map((request) => request.connection)).toEqual([0, 0, 1]);
  });

  test('bytes on an idle socket cut it', async () => {
    let late: (value: unknown) => void = () => undefined;
    const server = await serve((request) => (request.connection === 0 ? [...good(TOTAL)(request), { wait: () => new Promise((resolve) => (late = resolve)) }, { send: 'HTTP/1.1 206 P\r\n' }] : good(TOTAL)(request)));
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 0, 100));
    late(null);
    await expect.poll(() => server.sockets.size).toBe(0);
    await net.ended(net.open(mirror, 100, 200));
    expectExact(net, 0, 200);
    expect(server.requests.map((request) => request.connection)).toEqual([0, 1]);
  });

  test('a server that says close is not asked again on that socket', async () => {
    const server = await serve(good(TOTAL, 'Connection: close'));
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 0, 100));
    await net.ended(net.open(mirror, 100, 200));
    expect(server.requests.map((request) => request.connection)).toEqual([0, 1]);
  });
});

describe('orders while a lease runs', () => {
  const half: Script = (request) => [partHead(request, TOTAL), { send: patternBytes(request.range?.start ?? 0, 50_000) }];

  test('a lease shrunk below what is written ends there, done, and its socket is cut', async () => {
    const server = await serve(half);
    const net = bench();
    const lease = net.open(net.addMirror(server.url), 0, 200_000);
    await net.until(() => net.plane.readings()[0]?.writtenEnd === 50_000);
    net.plane.post({ type: 'lease.shrink', leaseId: lease, end: 10_000 });
    expect(net.facts.slice(1)).toEqual([
      { type: 'lease.shrunk', leaseId: lease, end: 50_000 },
      { type: 'lease.ended', leaseId: lease, writtenEnd: 50_000, outcome: { kind: 'done' } },
    ]);
    await expect.poll(() => server.sockets.size).toBe(0);
    expectExact(net, 0, 50_000);
  });

  test('a lease shrunk above what is written stops exactly there', async () => {
    let on: (value: unknown) => void = () => undefined;
    const server = await serve((request) => [...half(request), { wait: () => new Promise((resolve) => (on = resolve)) }, { send: patternBytes(50_000, 200_000) }]);
    const net = bench();
    const lease = net.open(net.addMirror(server.url), 0, 200_000);
    await net.until(() => net.plane.readings()[0]?.writtenEnd === 50_000);
    net.plane.post({ type: 'lease.shrink', leaseId: lease, end: 60_000 });
    on(null);
    expect(await net.ended(lease)).toMatchObject({ writtenEnd: 60_000, outcome: { kind: 'done' } });
    expectExact(net, 0, 60_000);
  });

  test('a cancelled lease ends at once with the code it was given', async () => {
    const server = await serve(half);
    const net = bench();
    const lease = net.open(net.addMirror(server.url), 0, 200_000);
    await net.until(() => net.plane.readings()[0]?.writtenEnd === 50_000);
    net.plane.post({ type: 'lease.cancel', leaseId: lease, code: 'stalled' });
    expect(net.facts.at(-1)).toMatchObject({ type: 'lease.ended', writtenEnd: 50_000, outcome: { code: 'stalled', inBody: true } });
  });

  test('a lease cancelled before it began ends once, and asks nobody', async () => {
    const server = await serve(good(TOTAL));
    const net = bench();
    const mirror = net.addMirror(server.url);
    const lease = net.open(mirror, 0, 100);
    net.plane.post({ type: 'lease.cancel', leaseId: lease, code: 'cancelled' });
    await net.ended(net.open(mirror, 100, 200));
    expect(net.facts.filter((fact) => fact.leaseId === lease)).toHaveLength(1);
    expect(server.requests).toHaveLength(1);
  });

  test('closing ends what runs and writes no more', async () => {
    const server = await serve(half);
    const net = bench();
    const lease = net.open(net.addMirror(server.url), 0, 200_000);
    await net.until(() => net.plane.readings()[0]?.writtenEnd === 50_000);
    await net.plane.close();
    expect(await net.ended(lease)).toMatchObject({ writtenEnd: 50_000, outcome: { code: 'cancelled' } });
    await expect.poll(() => server.sockets.size).toBe(0);
  });

});

describe('the size', () => {
  test.each<[string, Script]>([
    ['a 416 that tells it', () => [head('416 No', 'Content-Range: bytes */0', 'Content-Length: 0')]],
    ['an empty 200', () => [head('200 OK', 'Content-Length: 0')]],
  ])('an empty file is known by %s', async (_name, script) => {
    const server = await serve(script);
    const net = bench();
    const lease = net.open(net.addMirror(server.url), 0, 1_000);
    expect((await net.opened(lease)).head.totalBytes).toBe(0);
    expect(await net.ended(lease)).toMatchObject({ writtenEnd: 0, outcome: { kind: 'done' } });
  });

  test('one byte is a file', async () => {
    const server = await serve(good(1));
    const net = bench();
    const lease = net.open(net.addMirror(server.url), 0, 1_000);
    expect((await net.opened(lease)).head.totalBytes).toBe(1);
    expect(await net.ended(lease)).toMatchObject({ writtenEnd: 1, outcome: { kind: 'done' } });
  });
});
