import { afterEach, describe, expect, test } from 'vitest';
import type { SampleAnswer, SampleAsk } from '../../src/net/data-plane.ts';
import { good, head, partBody, partHead } from '../net/support/answers.ts';
import { startFaultServer } from '../net/support/fault-server.ts';
import type { FaultServer, Script } from '../net/support/fault-server.ts';
import { patternBytes, sha256 } from '../net/support/pattern.ts';
import { outcomeCode, planeBench } from '../net/support/plane-bench.ts';
import type { PlaneBench } from '../net/support/plane-bench.ts';

const TOTAL = 10_000;
const RANGES = [{ start: 0, end: 1_000 }, { start: 4_000, end: 4_100 }, { start: 9_000, end: TOTAL }];
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

async function serve(script: Script): Promise<FaultServer> {
  const server = await startFaultServer(script);
  open.push(server);
  return server;
}

function bench(): PlaneBench {
  const made = planeBench();
  open.push(made);
  return made;
}

const sample = (net: PlaneBench, mirrorId: number, over: Partial<SampleAsk> = {}, signal = new AbortController().signal): Promise<SampleAnswer> =>
  net.plane.sample({ mirrorId, ranges: RANGES, blockBytes: TOTAL, totalBytes: TOTAL, onFreshLanes: false, ...over }, signal);

const hashOf = (start: number, end: number): string => sha256(patternBytes(start, end));

describe('a sample', () => {
  test('comes back as hashes of the very bytes, on one connection, and nothing is written', async () => {
    const server = await serve(good(TOTAL, 'ETag: "v1"'));
    const net = bench();
    const answer = await sample(net, net.addMirror(server.url));
    expect(answer).toEqual({ kind: 'sampled', hashes: RANGES.map(({ start, end }) => [hashOf(start, end)]), validators: ['"v1"'], different: [] });
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(1);
    expect(net.written.every((times) => times === 0)).toBe(true);
    expect(net.facts).toEqual([]);
  });

  test('that is turned away tells for how long', async () => {
    const server = await serve(() => [head('429 Too Many Requests', 'Retry-After: 7', 'Content-Length: 0')]);
    const net = bench();
    expect(await sample(net, net.addMirror(server.url))).toMatchObject({ kind: 'failed', code: 'too-many-requests', retryAfterMs: 7_000 });
  });

  test('is hashed block by block where that is asked for', async () => {
    const server = await serve(good(TOTAL));
    const net = bench();
    const answer = await sample(net, net.addMirror(server.url), { ranges: [{ start: 100, end: 350 }], blockBytes: 100 });
    expect(answer).toMatchObject({ hashes: [[hashOf(100, 200), hashOf(200, 300), hashOf(300, 350)]] });
  });

  test('held against what stands elsewhere gives the bytes of the blocks that differ, and of no others', async () => {
    const server = await serve(good(TOTAL));
    const net = bench();
    const against = [[hashOf(100, 200), 'another hash', hashOf(300, 350)]];
    const answer = await sample(net, net.addMirror(server.url), { ranges: [{ start: 100, end: 350 }], blockBytes: 100, against });
    expect(answer).toMatchObject({ different: [{ start: 200 }] });
    expect(answer.kind === 'sampled' && answer.different.map(({ bytes }) => sha256(bytes))).toEqual([hashOf(200, 300)]);
  });

  test('takes any version and tells which, so that the bytes can judge', async () => {
    let turn = 0;
    const server = await serve((request) => good(TOTAL, `ETag: "v${(turn += 1) % 2}"`)(request));
    const net = bench();
    const answer = await sample(net, net.addMirror(server.url, '"v0"'));
    expect(answer).toMatchObject({ kind: 'sampled', validators: ['"v1"', '"v0"'] });
    expect(server.requests.every(({ headers }) => !headers.has('if-match'))).toBe(true);
  });

  test('has a connection for each range where a balancer may stand between', async () => {
    const server = await serve(good(TOTAL));
    const net = bench();
    await sample(net, net.addMirror(server.url), { onFreshLanes: true });
    expect(new Set(server.requests.map(({ connection }) => connection)).size).toBe(RANGES.length);
  });

  test('of a server that serves no parts is the file’s beginning alone', async () => {
    const server = await serve(() => [head('200 OK', `Content-Length: ${TOTAL}`), { send: patternBytes(0, TOTAL) }]);
    const net = bench();
    expect(await sample(net, net.addMirror(server.url))).toMatchObject({ kind: 'sampled', hashes: [[hashOf(0, 1_000)], null, null] });
  });

  test.each<[string, Script, string]>([
    ['a 404', () => [head('404 Not Found', 'Content-Length: 0')], 'not-found'],
    ['another size', (request) => [partHead(request, TOTAL + 1), partBody(request, TOTAL + 1)], 'other-size'],
    ['another range', () => [head('206 Partial Content', `Content-Range: bytes 5-9/${TOTAL}`, 'Content-Length: 5'), { send: '12345' }], 'wrong-range'],
    ['a body that breaks off', (request) => [partHead(request, TOTAL), { send: patternBytes(0, 10) }, { close: 'end' }], 'closed-early'],
  ])('fails with the fault that any lease would have: %s', async (_name, script, code) => {
    const server = await serve(script);
    const net = bench();
    expect(await sample(net, net.addMirror(server.url))).toMatchObject({ kind: 'failed', code });
  });

  test('that is called off ends at once', async () => {
    const server = await serve(() => []);
    const net = bench();
    const calledOff = new AbortController();
    const answer = sample(net, net.addMirror(server.url), {}, calledOff.signal);
    await expect.poll(() => server.requests.length).toBe(1);
    calledOff.abort();
    expect(await answer).toMatchObject({ kind: 'failed', code: 'cancelled' });
  });
});

test('validators that stand for the same bytes are all asked for, and each is accepted', async () => {
  let tag = '"a"';
  const server = await serve((request) => (request.headers.get('if-match')?.includes(tag) === false ? [head('412 X', 'Content-Length: 0')] : good(TOTAL, `ETag: ${tag}`)(request)));
  const net = bench();
  const mirror = net.addMirror(server.url);
  await net.ended(net.open(mirror, 0, 100));
  tag = '"b"';
  expect(outcomeCode((await net.ended(net.open(mirror, 100, 200))).outcome)).toBe('changed');
  net.plane.post({ type: 'mirror.equate', mirrorId: mirror, validators: ['"a"', '"b"'] });
  expect(outcomeCode((await net.ended(net.open(mirror, 100, 200))).outcome)).toBe('done');
  expect(server.requests.at(-1)?.headers.get('if-match')).toBe('"a", "b"');
  tag = '"c"';
  expect(outcomeCode((await net.ended(net.open(mirror, 200, 300))).outcome)).toBe('changed');
});


test('two first answers of two versions are not both believed, though both were asked for any version', async () => {
  let turn = 0;
  const server = await serve((request) => good(TOTAL, `ETag: "v${(turn += 1)}"`)(request));
  const net = bench();
  const mirror = net.addMirror(server.url);
  const leases = [net.open(mirror, 0, 5_000), net.open(mirror, 5_000, TOTAL)];
  const codes = await Promise.all(leases.map(async (lease) => outcomeCode((await net.ended(lease)).outcome)));
  expect(codes.sort()).toEqual(['changed', 'done']);
  expect(server.requests.every(({ headers }) => !headers.has('if-match'))).toBe(true);
});
