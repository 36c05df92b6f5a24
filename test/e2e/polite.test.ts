import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import type { SeenRequest } from '../support/origin.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';

/** Milliseconds between one request and the next. */
const gapsMs = (requests: readonly SeenRequest[]): readonly number[] =>
  requests.slice(1).map(({ atMs }, index) => atMs - (requests[index]?.atMs ?? 0));

test('--limit holds over the whole run', async () => {
  const env = await TestEnv.create();
  const source = await env.source(4 * MIB);
  const farm = await serveFile(source, { count: 3 });
  const ended = await env.run(['get', '--json', '--limit', '2M', ...urlsOf(farm)]);
  expect(ended.status).toBe(0);
  const { bytes, seconds } = lastLine(ended);
  // A ratio within one run, by the program's own clock: no duration is expected of this machine.
  expect(Number(bytes) / Number(seconds)).toBeLessThan(2 * MIB * 1.1);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});

test.each([1, 3])('--connections %i is the most that any server sees', async (connections) => {
  const env = await TestEnv.create();
  const sizeBytes = 12 * MIB;
  const origins = await Promise.all([0, 1].map(() => startOrigin((request, response) => answerOracle(request, response, { sizeBytes }))));
  const ended = await env.run(['get', '--json', '-n', String(connections), ...origins.map(({ url }) => `${url}/f.bin`)]);
  expect(ended.status).toBe(0);
  for (const origin of origins) expect(origin.peakSockets()).toBeLessThanOrEqual(connections);
  expect(await env.verdict('f.bin')).toMatchObject({ sizeBytes, firstWrongByte: null });
});

test('no server sees more than six connections by default', async () => {
  const env = await TestEnv.create();
  const source = await env.source(6 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [3 * MIB], latencies: [60] });
  let peak = 0;
  const watching = farm.views.subscribe((view) => {
    for (const { connections } of view.servers) peak = Math.max(peak, connections);
  });
  expect(await env.run(['get', ...urlsOf(farm)])).toMatchObject({ status: 0 });
  watching.unsubscribe();
  expect(peak).toBeGreaterThan(1);
  expect(peak).toBeLessThanOrEqual(6);
});

test.each([
  ['503 in seconds', 503, (): string => '2'],
  ['429 in seconds', 429, (): string => '2'],
  ['429 as a date', 429, (): string => new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 2_000).toUTCString()],
] as const)('Retry-After is kept to: %s', async (_, status, retryAfter) => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response, nth) => {
    if (nth === 1) response.writeHead(status, { 'Retry-After': retryAfter() }).end();
    else answerOracle(request, response, { sizeBytes: 70_000 });
  });
  const ended = await env.run(['get', '--json', '-n', '1', `${origin.url}/f.bin`]);
  expect(ended.status).toBe(0);
  expect(gapsMs(origin.requests)[0]).toBeGreaterThanOrEqual(1_950);
});

// One lane each: a server that is slow with its first answer may otherwise be asked on a second one meanwhile.
const answer503 = (response: ServerResponse): void => void response.writeHead(503).end();
const cut = (response: ServerResponse): void => void response.destroy();

test.each([
  ['503 without end', answer503],
  ['a connection that is cut', cut],
] as const)('a server that answers with %s is asked once a second at most, while another delivers', async (_, answer) => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 1, rates: [MIB] });
  const failing = await startOrigin((_, response) => answer(response));
  const ended = await env.run(['get', '--json', '-n', '1', '-o', 'file.bin', ...urlsOf(farm), failing.url]);
  expect(ended.status).toBe(0);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(failing.requests.length).toBeGreaterThan(1);
  for (const gap of gapsMs(failing.requests)) expect(gap).toBeGreaterThanOrEqual(900);
});

test('a login page instead of the file is refused, and asked for no more than a few times', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [MIB] });
  const portal = await startOrigin((_, response) => response.writeHead(200, { 'Content-Type': 'text/html' }).end('<html>Log in</html>'));
  const ended = await env.run(['get', '--json', '-n', '1', '-o', 'file.bin', portal.url, ...urlsOf(farm)]);
  expect(ended.status).toBe(0);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(portal.requests.length).toBeLessThan(5);
});

test('every request says who asks, asks for the bytes as they are, and for one range', async () => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 3 * MIB }));
  expect(await env.run(['get', '-n', '1', `${origin.url}/f.bin`])).toMatchObject({ status: 0 });
  expect(origin.requests.length).toBeGreaterThan(1);
  for (const { headers } of origin.requests) {
    expect(headers['user-agent']).toMatch(/^plait\//u);
    expect(headers['accept-encoding']).toBe('identity');
    expect(headers.range).toMatch(/^bytes=\d+-\d+$/u);
  }
  // After the first answer its strong tag goes along, so that no other version can slip in.
  const later = origin.requests.slice(1);
  for (const { headers } of later) expect(headers['if-range'] ?? headers['if-match']).toBe(`"v0-${3 * MIB}"`);
});
