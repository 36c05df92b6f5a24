/** A server that gives only the whole file, asked for several parts of it: one pass, and every byte in its place. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { BODY_KEPT_MS } from '../../src/base/bounds.ts';
import { KeptBodies } from '../../src/net/kept-body.ts';
import type { KeptBody } from '../../src/net/kept-body.ts';
import { makeCertificate } from '../support/certificates.ts';
import type { Certificate } from '../support/certificates.ts';
import { isInstalled, unlessMissing } from '../support/programs.ts';
import { seededRandom, seedsOf } from '../support/seeded.ts';
import { isThorough } from '../support/thorough.ts';
import { head } from './support/answers.ts';
import type { Script, Step } from './support/fault-server.ts';
import { patternBytes } from './support/pattern.ts';
import { outcomeCode } from './support/plane-bench.ts';
import type { PlaneBench } from './support/plane-bench.ts';
import { openStage } from './support/stage.ts';

const TOTAL = 3_000_000;
const FILE = patternBytes(0, TOTAL);
const { serve, bench } = openStage();

const withLength: Script = () => [head('200 OK', `Content-Length: ${TOTAL}`), { send: FILE }];
const chunked: Script = () => {
  const steps: Step[] = [head('200 OK', 'Transfer-Encoding: chunked')];
  for (let at = 0; at < TOTAL; at += 70_000) {
    const part = FILE.subarray(at, at + 70_000);
    steps.push({ send: `${part.length.toString(16)}\r\n` }, { send: part }, { send: '\r\n' });
  }
  return [...steps, { send: '0\r\n\r\n' }];
};

interface Part {
  readonly start: number;
  readonly end: number;
}

/** Parts of the file from its beginning on, some of them side by side. */
function partsOf(seed: number): readonly Part[] {
  const random = seededRandom(seed);
  const parts: Part[] = [];
  for (let at = 0; at < TOTAL; ) {
    const start = at + (random() < 0.3 ? 0 : Math.floor(random() * 300_000));
    const end = Math.min(TOTAL, start + 1 + Math.floor(random() ** 3 * 600_000));
    if (start < end) parts.push({ start, end });
    at = end;
  }
  return parts;
}

/** Those of the parts are there, each byte written once, and nothing else is. */
function expectOnly(net: PlaneBench, parts: readonly Part[]): void {
  const right = Buffer.alloc(net.file.length);
  const once = new Uint8Array(net.written.length);
  for (const { start, end } of parts) {
    FILE.copy(right, start, start, end);
    once.fill(1, start, end);
  }
  expect(net.file.equals(right)).toBe(true);
  expect(Buffer.compare(net.written, once)).toBe(0);
}

const WHOLE = { manner: 'whole', totalBytes: TOTAL } as const;

let made: Certificate | null = null;
const folder = mkdtempSync(join(tmpdir(), 'plait-kept-'));
afterAll(() => rmSync(folder, { recursive: true }));
const identityOf = (): Certificate => (made ??= makeCertificate(join(folder, 'server')));

/** Asks for a part, so that it is known that there are none: a lane carries the whole where its length was told then. */
async function askedForPart(net: PlaneBench, mirror: number): Promise<void> {
  expect(outcomeCode((await net.ended(net.open(mirror, 1_000, 2_000))).outcome)).toBe('no-ranges');
}

const WAYS: readonly (readonly [way: string, script: Script, isTls: boolean, limitBytesPerSec: number | null])[] = [
  ['on a lane', withLength, false, null],
  ['on a lane with a limit', withLength, false, 20_000_000],
  ['through the library', chunked, false, null],
  ['through the library with a limit', chunked, false, 20_000_000],
  ['on a lane with TLS', withLength, true, null],
  ['on a lane with TLS and a limit', withLength, true, 20_000_000],
];

describe.each(WAYS)(`a server that ignores Range is asked once for all that is missing, %s`, (_way, script, isTls, limitBytesPerSec) => {
  test.skipIf(isTls && !isInstalled('openssl')).each(seedsOf(isThorough ? 30 : 4))(`and every byte lands in its place (seed %i)${isTls ? unlessMissing('openssl') : ''}`, async (seed) => {
    const identity = isTls ? identityOf() : null;
    const server = await serve(script, identity);
    const net = bench({ limitBytesPerSec, caPem: identity === null ? [] : [identity.cert] });
    const mirror = net.addMirror(server.url);
    await askedForPart(net, mirror);
    const parts = partsOf(seed);
    for (const { start, end } of parts) expect(await net.ended(net.open(mirror, start, end, WHOLE))).toMatchObject({ writtenEnd: end, outcome: { kind: 'done' } });
    expectOnly(net, parts);
    expect(server.requests).toHaveLength(2);
    expect(net.plane.receivedBytes(mirror)).toBeLessThanOrEqual(TOTAL);
  });
});

describe('a body that waits for its next lease', () => {
  test('is cut where the next lease lies before it, and the file is asked for anew', async () => {
    const server = await serve(withLength);
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 500_000, 600_000, WHOLE));
    await net.ended(net.open(mirror, 400_000, 500_000, WHOLE));
    expect(server.requests).toHaveLength(2);
    expectOnly(net, [{ start: 400_000, end: 600_000 }]);
    await expect.poll(() => server.sockets.size).toBe(1);
  });

  test('is not gone on with where the lease is of a file of another size', async () => {
    const server = await serve(withLength);
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 0, 100_000, WHOLE));
    expect(outcomeCode((await net.ended(net.open(mirror, 200_000, 300_000, { ...WHOLE, totalBytes: TOTAL + 1 }))).outcome)).toBe('other-size');
    expectOnly(net, [{ start: 0, end: 100_000 }]);
  });

  test('is the next lease’s where a lease was told to end sooner', async () => {
    const server = await serve(() => [head('200 OK', `Content-Length: ${TOTAL}`), { send: FILE.subarray(0, 70_000) }, { wait: () => shrunk }, { send: FILE.subarray(70_000) }]);
    const net = bench();
    let isShrunk = (): void => undefined;
    const shrunk = new Promise<void>((resolve) => {
      isShrunk = resolve;
    });
    const mirror = net.addMirror(server.url);
    const first = net.open(mirror, 0, TOTAL, WHOLE);
    await net.until(() => net.plane.readings()[0]?.writtenEnd === 70_000);
    net.plane.post({ type: 'lease.shrink', leaseId: first, end: 50_000 });
    expect(await net.ended(first)).toMatchObject({ writtenEnd: 70_000, outcome: { kind: 'done' } });
    isShrunk();
    await net.ended(net.open(mirror, 90_000, 100_000, WHOLE));
    expect(server.requests).toHaveLength(1);
    expectOnly(net, [{ start: 0, end: 70_000 }, { start: 90_000, end: 100_000 }]);
  });

  test('that the server has cut fails its next lease at its start, and the one after that is asked for anew', async () => {
    const server = await serve(({ connection }) => [head('200 OK', `Content-Length: ${TOTAL}`), { send: connection === 0 ? FILE.subarray(0, 1_000_000) : FILE }, ...(connection === 0 ? [{ close: 'reset' } as const] : [])]);
    const net = bench({ limitBytesPerSec: 30_000_000 });
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 0, 1_000, WHOLE));
    await expect.poll(() => server.sockets.size).toBe(0);
    const broken = await net.ended(net.open(mirror, 2_000_000, 2_001_000, WHOLE));
    if (broken.outcome.kind === 'failed') {
      expect(broken).toMatchObject({ writtenEnd: 2_000_000, outcome: { inBody: true } });
      await net.ended(net.open(mirror, 2_000_000, 2_001_000, WHOLE));
    }
    expect(server.requests).toHaveLength(2);
    expectOnly(net, [{ start: 0, end: 1_000 }, { start: 2_000_000, end: 2_001_000 }]);
  });

  test('takes no lane from a sample: it is cut first', async () => {
    const server = await serve(withLength);
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 0, 1_000, WHOLE));
    const ask = { mirrorId: mirror, ranges: [{ start: 0, end: 1_000 }], blockBytes: 1_000, totalBytes: TOTAL, onFreshLanes: false };
    expect(await net.plane.sample(ask, new AbortController().signal)).toMatchObject({ kind: 'sampled' });
    await net.ended(net.open(mirror, 2_000, 3_000, WHOLE));
    expect(server.requests.length).toBeGreaterThan(2);
    expectOnly(net, [{ start: 0, end: 1_000 }, { start: 2_000, end: 3_000 }]);
  });

  test('goes with the plane', async () => {
    const server = await serve(withLength);
    const net = bench();
    const mirror = net.addMirror(server.url);
    await net.ended(net.open(mirror, 0, 1_000, WHOLE));
    expect(server.sockets.size).toBe(1);
    await net.plane.close();
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  test('waits no longer than an idle socket', () => {
    vi.useFakeTimers();
    try {
      const abandon = vi.fn<() => void>();
      const transport = { abandon, flush: () => undefined, hold: () => undefined, isHeld: true, takeOn: () => undefined };
      const request = { url: new URL('http://127.0.0.1/'), range: null, validator: null, asksDigest: false, userFields: [] };
      const body: KeptBody = { request, head: { status: 200, reason: 'OK', minorVersion: 1, headers: new Map<string, string[]>(), contentLength: TOTAL }, roundTripMs: 1, at: 10, rest: new Uint8Array(0), transport };
      const kept = new KeptBodies();
      kept.keep(1, body);
      vi.advanceTimersByTime(BODY_KEPT_MS - 1);
      expect(abandon).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      expect(abandon).toHaveBeenCalledOnce();
      expect(kept.take(1, 10)).toBe(null);
    } finally {
      vi.useRealTimers();
    }
  });
});
