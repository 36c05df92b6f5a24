import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { describe, expect, test } from 'vitest';
import { good, head } from './support/answers.ts';
import type { FaultServer, Script, SeenRequest, Step } from './support/fault-server.ts';
import { patternBytes } from './support/pattern.ts';
import { outcomeCode } from './support/plane-bench.ts';
import type { PlaneBench } from './support/plane-bench.ts';
import { openStage } from './support/stage.ts';

const TOTAL = 300_000;
const UNKNOWN_END = Number.MAX_SAFE_INTEGER;
const { serve, opened, bench } = openStage();

function expectExact(bench: PlaneBench, start: number, end: number): void {
  expect(bench.file.subarray(start, end).equals(patternBytes(start, end))).toBe(true);
  expect(bench.written.reduce((sum, times) => sum + times, 0)).toBe(end - start);
}

/** Bytes as chunks of 7,000, with the chunk that ends them unless `endless`. */
function chunks(bytes: Buffer, ending: 'proper' | 'none' = 'proper'): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < bytes.length; at += 7_000) {
    const part = bytes.subarray(at, at + 7_000);
    steps.push({ send: `${part.length.toString(16)}\r\n` }, { send: part }, { send: '\r\n' });
  }
  return ending === 'proper' ? [...steps, { send: '0\r\n\r\n' }] : steps;
}

function chunkedPart(request: SeenRequest, bytes: Buffer, ending: 'proper' | 'none' = 'proper'): Step[] {
  const { start, end } = request.range ?? { start: 0, end: 0 };
  return [head('206 P', `Content-Range: bytes ${start}-${end - 1}/${TOTAL}`, 'Transfer-Encoding: chunked'), ...chunks(bytes, ending)];
}

const whole: Script = () => [head('200 OK', `Content-Length: ${TOTAL}`), { send: patternBytes(0, TOTAL) }];
const chunkedWhole: Script = () => [head('200 OK', 'Transfer-Encoding: chunked'), ...chunks(patternBytes(0, TOTAL))];

describe('a chunked 206', () => {
  test('is counted, and the mirror’s later parts go the same way at once', async () => {
    const server = await serve((request) => chunkedPart(request, patternBytes(request.range?.start ?? 0, request.range?.end ?? 0)));
    const net = bench();
    const mirror = net.addMirror(server.url);
    expect(await net.ended(net.open(mirror, 1_000, 100_000))).toMatchObject({ writtenEnd: 100_000, outcome: { kind: 'done' } });
    expect(server.requests).toHaveLength(2);
    expect(await net.ended(net.open(mirror, 100_000, 200_000))).toMatchObject({ writtenEnd: 200_000, outcome: { kind: 'done' } });
    expect(server.requests).toHaveLength(3);
    expectExact(net, 1_000, 200_000);
    expect(net.facts.map((fact) => fact.type)).toEqual(['lease.opened', 'lease.ended', 'lease.opened', 'lease.ended']);
  });

  test('that is longer than its range is cut at the range', async () => {
    const server = await serve(() => [head('206 P', `Content-Range: bytes 0-999/${TOTAL}`, 'Transfer-Encoding: chunked'), ...chunks(patternBytes(0, 2_000))]);
    const net = bench();
    expect(await net.ended(net.open(net.addMirror(server.url), 0, 5_000))).toMatchObject({ writtenEnd: 1_000, outcome: { kind: 'done' } });
    expectExact(net, 0, 1_000);
  });

  test.each(['proper', 'none'] as const)('that is shorter than its range is no end (%s ending)', async (ending) => {
    const server = await serve((request) => [...chunkedPart(request, patternBytes(0, 500), ending), { close: 'end' }]);
    const net = bench();
    expect(await net.ended(net.open(net.addMirror(server.url), 0, 1_000))).toMatchObject({ writtenEnd: 500, outcome: { kind: 'failed', code: 'closed-early', inBody: true } });
    expectExact(net, 0, 500);
  });
});

describe('a file served only whole', () => {
  test.each<[string, Script]>([['with a length', whole], ['chunked', chunkedWhole]])('gives any range of it, %s', async (_name, script) => {
    const server = await serve(script);
    const net = bench();
    const mirror = net.addMirror(server.url);
    const lease = net.open(mirror, 100_000, 200_000, { manner: 'whole', totalBytes: TOTAL });
    expect(await net.ended(lease)).toMatchObject({ writtenEnd: 200_000, outcome: { kind: 'done' } });
    expect(server.requests[0]?.range).toBeNull();
    expectExact(net, 100_000, 200_000);
  });

  test('whose length is known from its first 200 is carried by a lane', async () => {
    const server = await serve(whole);
    const net = bench();
    const mirror = net.addMirror(server.url);
    expect(outcomeCode((await net.ended(net.open(mirror, 0, TOTAL))).outcome)).toBe('no-ranges');
    expect(await net.ended(net.open(mirror, 50_000, TOTAL, { manner: 'whole', totalBytes: TOTAL }))).toMatchObject({ writtenEnd: TOTAL, outcome: { kind: 'done' } });
    expectExact(net, 50_000, TOTAL);
    // A lane puts Connection last, the library near the front.
    expect([...(server.requests[1]?.headers.keys() ?? [])].at(-1)).toBe('connection');
  });

  test.each<[string, Script]>([
    ['chunked', chunkedWhole],
    ['closed at its end', () => [head('200 OK'), { send: patternBytes(0, TOTAL) }, { close: 'end' }]],
  ])('of a size that nobody knows ends where the body properly ends: %s', async (_name, script) => {
    const server = await serve(script);
    const net = bench();
    const lease = net.open(net.addMirror(server.url), 0, UNKNOWN_END, { manner: 'whole' });
    expect((await net.opened(lease)).head.totalBytes).toBeNull();
    expect(await net.ended(lease)).toMatchObject({ writtenEnd: TOTAL, outcome: { kind: 'done' } });
    expectExact(net, 0, TOTAL);
  });

  test.each<[string, Script]>([
    ['chunked without its end', () => [head('200 OK', 'Transfer-Encoding: chunked'), ...chunks(patternBytes(0, 7_000), 'none'), { close: 'end' }]],
    ['short of its length', () => [head('200 OK', `Content-Length: ${TOTAL}`), { send: patternBytes(0, 7_000) }, { close: 'end' }]],
  ])('is not complete: %s', async (_name, script) => {
    const server = await serve(script);
    const net = bench();
    const ended = await net.ended(net.open(net.addMirror(server.url), 0, UNKNOWN_END, { manner: 'whole' }));
    expect(ended).toMatchObject({ writtenEnd: 7_000, outcome: { kind: 'failed', code: 'closed-early', inBody: true } });
  });

  test('of a known size is not complete before it, and an endless body stops at it', async () => {
    const short = await serve(() => [head('200 OK'), { send: patternBytes(0, TOTAL - 1) }, { close: 'end' }]);
    const net = bench();
    expect(await net.ended(net.open(net.addMirror(short.url), 0, TOTAL, { manner: 'whole', totalBytes: TOTAL }))).toMatchObject({ writtenEnd: TOTAL - 1, outcome: { code: 'closed-early' } });
    const endless = await serve(() => [head('200 OK'), { send: patternBytes(0, TOTAL * 2) }]);
    expect(await net.ended(net.open(net.addMirror(endless.url), TOTAL - 1, TOTAL, { manner: 'whole', totalBytes: TOTAL }))).toMatchObject({ writtenEnd: TOTAL, outcome: { kind: 'done' } });
    await expect.poll(() => endless.sockets.size).toBe(0);
    expectExact(net, 0, TOTAL);
  });

  test('is refused where it is gzipped', async () => {
    const server = await serve(() => [head('200 OK', 'Content-Encoding: gzip', 'Content-Length: 5'), { send: 'xxxxx' }]);
    const net = bench();
    expect(outcomeCode((await net.ended(net.open(net.addMirror(server.url), 0, UNKNOWN_END, { manner: 'whole' }))).outcome)).toBe('wrong-encoding');
  });

  test('can be cancelled and shrunk', async () => {
    const server = await serve(() => [head('200 OK', 'Transfer-Encoding: chunked'), ...chunks(patternBytes(0, 70_000), 'none')]);
    const net = bench();
    const mirror = net.addMirror(server.url);
    const one = net.open(mirror, 0, TOTAL, { manner: 'whole', totalBytes: TOTAL });
    await net.until(() => net.plane.readings()[0]?.writtenEnd === 70_000);
    net.plane.post({ type: 'lease.shrink', leaseId: one, end: 50_000 });
    expect(net.facts.slice(-2)).toMatchObject([{ type: 'lease.shrunk', end: 70_000 }, { type: 'lease.ended', writtenEnd: 70_000, outcome: { kind: 'done' } }]);
    // The rest of the body waits for another lease of this mirror.
    await net.plane.close();
    await expect.poll(() => server.sockets.size).toBe(0);
  });
});

describe('a proxy', () => {
  /** A proxy through which every name leads to `target`. */
  async function proxyTo(target: FaultServer): Promise<{ url: string; seen: string[]; close(): Promise<void> }> {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      const inner = httpRequest({ host: '127.0.0.1', port: target.port, path: '/file.bin', headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
        answer.pipe(response);
      });
      inner.end();
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const close = async (): Promise<void> => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    };
    return { url: `http://127.0.0.1:${port}`, seen, close };
  }

  // A name that leads to loopback but is not loopback's: loopback itself is never proxied.
  const outside = (url: string): string => url.replace('127.0.0.1', 'mirror.test');

  test('carries ranges, with the same checks', async () => {
    const server = await serve(good(TOTAL));
    const proxy = await proxyTo(server);
    opened(proxy);
    const net = bench({ env: { http_proxy: proxy.url } });
    const mirror = net.addMirror(outside(server.url));
    expect(await net.ended(net.open(mirror, 5, 100_000))).toMatchObject({ writtenEnd: 100_000, outcome: { kind: 'done' } });
    expect(proxy.seen).toEqual([`GET ${outside(server.url)}`]);
    expectExact(net, 5, 100_000);
  });

  test('that is not there is a refusal, and no request goes around it', async () => {
    const server = await serve(good(TOTAL));
    const proxy = await proxyTo(server);
    await proxy.close();
    const net = bench({ env: { http_proxy: proxy.url } });
    expect(outcomeCode((await net.ended(net.open(net.addMirror(outside(server.url)), 0, 100))).outcome)).toBe('refused');
    expect(server.requests).toEqual([]);
  });

  test('is not used for loopback', async () => {
    const server = await serve(good(TOTAL));
    const net = bench({ env: { http_proxy: 'http://127.0.0.1:1', all_proxy: 'http://127.0.0.1:1' } });
    expect(await net.ended(net.open(net.addMirror(server.url), 0, 100))).toMatchObject({ outcome: { kind: 'done' } });
  });
});
