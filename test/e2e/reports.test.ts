import { once } from 'node:events';
import { watch } from 'node:fs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { lastLine, TestEnv } from '../support/plait.ts';
import type { JsonLine } from '../support/plait.ts';
import { hasWritten, portsOf, serveFile, urlsOf } from '../support/served.ts';

const SERVER_STATES = ['connecting', 'ready', 'downloading', 'failed', 'quarantined', 'retired', 'done'];
const SEGMENT_STATES = ['connecting', 'downloading', 'draining', 'failed', 'reassigned', 'done'];

const wholeNumber = expect.toSatisfy((value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number');
const oneOf = (words: readonly string[]): unknown => expect.toSatisfy((value: unknown) => typeof value === 'string' && words.includes(value), words.join(' | '));
const text = expect.stringMatching(/./u);
const numberOrNull = expect.toSatisfy((value: unknown) => value === null || typeof value === 'number', 'a number or null');

/** What the contract (the command line's page) promises of each type of line. */
const SCHEMAS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  server: { url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/$/u), state: oneOf(SERVER_STATES), bytes: wholeNumber, rate: wholeNumber },
  segment: { id: wholeNumber, start: wholeNumber, end: wholeNumber, server: wholeNumber, state: oneOf(SEGMENT_STATES) },
  decision: { kind: text, why: text },
  progress: { bytes: wholeNumber, total: numberOrNull, rate: wholeNumber, etaSeconds: numberOrNull },
  done: { path: text, bytes: wholeNumber, seconds: numberOrNull, verified: text, wastedBytes: wholeNumber, resumedBytes: wholeNumber, efficiency: numberOrNull },
};

function expectSchema(line: JsonLine): void {
  expect(line.t).toSatisfy((value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0);
  const schema = SCHEMAS[line.type];
  if (schema !== undefined) expect(line).toMatchObject(schema);
}

test('--json: every line is an object of the contract, and the last is the end', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [2 * MIB, MIB, MIB / 2], faults: '3:die@30%' });
  const ended = await env.run(['get', '--json', '-i', '50ms', '-p', portsOf(farm)]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  const rows = ended.stdout.trimEnd().split('\n');
  expect(ended.lines).toHaveLength(rows.length);
  for (const line of ended.lines) expectSchema(line);
  const times = ended.lines.map(({ t }) => t);
  expect(times).toEqual([...times].sort((a, b) => a - b));
  const types = new Set(ended.lines.map(({ type }) => type));
  for (const type of ['server', 'segment', 'decision', 'progress']) expect(types).toContain(type);
  expect(lastLine(ended)).toMatchObject({ type: 'done', path: env.path('file.bin'), bytes: source.sizeBytes });
  const servers = lastLine(ended)['servers'];
  expect(servers).toHaveLength(3);
  expect(servers).toEqual(urlsOf(farm).map((url) => ({ url, bytes: wholeNumber, discardedBytes: wholeNumber, state: oneOf(SERVER_STATES) })));
  expect(lastLine(ended)['refused']).toEqual([]);
});

test('--json: bytes only grow, and what the servers gave adds up to the file', async () => {
  const env = await TestEnv.create();
  const source = await env.source(2 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [2 * MIB] });
  const ended = await env.run(['get', '--json', '-i', '50ms', ...urlsOf(farm)]);
  const told = ended.lines.filter(({ type }) => type === 'progress').map(({ bytes }) => Number(bytes));
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(told.length).toBeGreaterThan(2);
  const servers = lastLine(ended)['servers'];
  const parts: readonly { readonly bytes: number }[] = Array.isArray(servers) ? servers : [];
  expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(source.sizeBytes);
});

test('plain lines: each server, a total, what is lost and moved, and a summary', async () => {
  const env = await TestEnv.create();
  const source = await env.source(4 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [MIB], faults: '2:die@10%' });
  const ended = await env.run(['get', '-i', '100ms', '-p', portsOf(farm)]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  const ports = farm.servers.map(({ port }) => port);
  for (const [index, port] of ports.entries()) {
    expect(ended.stdout).toMatch(new RegExp(`^Server ${index + 1} \\(${port}\\): \\d+/\\d+ bytes, [\\d.]+ [KM]iB/s$`, 'mu'));
  }
  expect(ended.stdout).toMatch(/^Total: [\d.]+ [KM]iB of 4\.00 MiB \(\d+ %\), [\d.]+ [KM]?i?B\/s, .* left$/mu);
  expect(ended.stdout).toMatch(/^Server 2 .*(connection|reset|refused).*asked again (?:in .*|at once)\.$/mu);
  expect(ended.stdout).toMatch(/^Server 2 failed: .* moved to server [13]\.$/mu);
  const summary = ended.stdout.slice(ended.stdout.indexOf('Saved '));
  expect(summary).toMatch(/^Saved .*file\.bin: 4\.00 MiB in [\d.]+ s, [\d.]+ [KM]iB\/s on average\.$/mu);
  expect(summary).toMatch(/^\d+ % of what the servers could give; .* fetched in vain \([\d.]+ %\)\.$/mu);
  expect(summary).toMatch(/^(Unverified: |Not verified by a checksum, but cross-checked [\d.]+ %)/mu);
  for (const [index, port] of ports.entries()) expect(summary).toMatch(new RegExp(`^Server ${index + 1} \\(${port}\\): [\\d.]+ (bytes|KiB|MiB), [\\d.]+ %`, 'mu'));
  expect(ended.stdout).not.toContain('\u001B');
});

/** The shares that a summary tells, in per cent. */
const sharesIn = (summary: string): readonly number[] => [...summary.matchAll(/^(?:Server \d+ \(\d+\)|From an earlier run): [^,\n]+, ([\d.]+) %/gmu)].map(([, share]) => Number(share));

test('the parts of a file add up to it, those of an earlier run with them, and what was thrown away is no part', async () => {
  const env = await TestEnv.create();
  const source = await env.source(4 * MIB);
  const other = await env.source(4 * MIB, 1);
  const wrong = await serveFile(other, { count: 1, rates: [8 * MIB] });
  const right = await serveFile(source, { count: 1, rates: [2 * MIB] });
  const args = ['get', '--plain', '-i', '20ms', ...urlsOf(wrong), ...urlsOf(right), '-o', 'file.bin'];
  const begun = env.start(['get', '--json', '-i', '20ms', ...urlsOf(right), '-o', 'file.bin']);
  await hasWritten(begun, MIB);
  begun.kill('SIGINT');
  await begun.ended;
  const ended = await env.run([...args, '-c', `sha-256=${source.sha256}`]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  const summary = ended.stdout.slice(ended.stdout.indexOf('Saved '));
  expect(summary).toMatch(/^Server 1 \(\d+\): (?:0 bytes, 0 %|[\d.]+ [KM]iB, none of it kept), refused: it has (?:other bytes|another digest)/mu);
  const shares = sharesIn(summary.replace(/^Server 1 .*$/mu, ''));
  expect(shares.length).toBeGreaterThan(0);
  expect(Math.round(shares.reduce((sum, share) => sum + share, 0))).toBe(100);
});

test('of two servers with unlike bytes it is said that nobody can tell which is right, also under --quiet and in --json', async () => {
  const env = await TestEnv.create();
  const first = await serveFile(await env.source(MIB, 1), { count: 1 });
  const second = await serveFile(await env.source(MIB), { count: 1 });
  const urls = [...urlsOf(first), ...urlsOf(second)];
  const doubt = /server 2 \(http:\/\/127\.0\.0\.1:\d+\/\) was refused because it has (?:another digest|other bytes .*) than server 1, which is believed because it was named first\. Nobody can tell which bytes are right; a checksum \(-c\) would\.\n/u;
  const plain = await env.run(['get', '--plain', '-f', '-o', 'file.bin', ...urls]);
  expect(plain.status).toBe(0);
  expect(plain.stdout).toMatch(new RegExp(`^Unverified and in doubt: ${doubt.source}`, 'mu'));
  expect(plain.stdout).not.toContain('what the others have');
  const quiet = await env.run(['get', '-q', '-f', '-o', 'file.bin', ...urls]);
  expect(quiet).toMatchObject({ status: 0, stdout: '', stderr: expect.stringMatching(new RegExp(`^plait: The file is in doubt: ${doubt.source}$`, 'u')) });
  const json = await env.run(['get', '--json', '-f', '-o', 'file.bin', ...urls]);
  expect(json).toMatchObject({ status: 0, stderr: quiet.stderr });
  expect(lastLine(json)).toMatchObject({ verified: 'none', refused: [{ server: 2, url: urlsOf(second)[0], code: 'other-content', why: text, disputed: true }] });
  expect(await env.verdict('file.bin', 1)).toMatchObject({ sizeBytes: MIB, firstWrongByte: null });
});

test('--quiet says nothing where all goes well, and one sentence where it does not', async () => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 5 }));
  expect(await env.run(['get', '-q', `${origin.url}/f.bin`])).toMatchObject({ status: 0, stdout: '', stderr: '' });
  const again = await env.run(['get', '-q', `${origin.url}/f.bin`]);
  expect(again).toMatchObject({ status: 6, stdout: '' });
  expect(again.stderr).toMatch(/^plait: [^\n]+\n$/u);
});

test('--quiet with --json writes one line: the end', async () => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 5 }));
  const done = await env.run(['get', '-q', '--json', `${origin.url}/f.bin`]);
  expect(done).toMatchObject({ status: 0, stderr: '', lines: [{ type: 'done', bytes: 5 }] });
  const refused = await env.run(['get', '-q', '--json', `${origin.url}/f.bin`]);
  expect(refused).toMatchObject({ status: 6, stderr: '', lines: [{ type: 'error', code: 'target-exists', exitCode: 6 }] });
});

test('foreign text does not reach the terminal raw, nor the file name', async () => {
  const env = await TestEnv.create();
  const evil = await startOrigin((_, response) => {
    response.socket?.end('HTTP/1.1 503 \u001B[31mred\u0007\r\nContent-Length: 0\r\n\r\n');
  });
  const named = await startOrigin((request, response) =>
    answerOracle(request, response, { sizeBytes: 2 * MIB, headers: { 'Content-Disposition': 'attachment; filename="../../e\\u001B[31mtc.bin"' } }),
  );
  const ended = await env.run(['get', '--plain', `${named.url}/`, evil.url]);
  expect(ended.status).toBe(0);
  // oxlint-disable-next-line no-control-regex
  expect(ended.stdout + ended.stderr).not.toMatch(/[\u0000-\u0009\u000B-\u001F\u007F-\u009F]/u);
  const [name, ...others] = await env.left();
  expect(others).toEqual([]);
  expect(name).toMatch(/^[^/\\\u0000-\u001F]+tc\.bin$/u);
});

describe('plait demo', () => {
  test('ends with an exact file, having lost a server and found it again, and leaves nothing behind', async () => {
    const env = await TestEnv.create();
    const ended = await env.run(['demo'], { env: { TMPDIR: env.folder } });
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toMatch(/^Port: \d+, Status: Alive, To shut down server 1 enter E1$/mu);
    expect(ended.stdout).toMatch(/^Port: \d+, Status: Dead/mu);
    expect(ended.stdout).toMatch(/^Server 1 is back\.$/mu);
    expect(ended.stdout).toMatch(/exact.*removed again/u);
    expect(await env.left()).toEqual([]);
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ended by %s while its file is being made it exits with %i and leaves nothing behind', async (signal, status) => {
    const env = await TestEnv.create();
    const watching = watch(env.folder);
    onTestFinished(() => watching.close());
    const isThere = once(watching, 'change');
    const plait = env.start(['demo'], { env: { TMPDIR: env.folder } });
    await isThere;
    plait.kill(signal);
    expect(await plait.ended).toMatchObject({ status, stdout: '', stderr: 'plait: The demo was stopped, and its files are removed.\n' });
    expect(await env.left()).toEqual([]);
  });

  test('ended by SIGINT it stops its servers, removes its files and exits with 130', async () => {
    const env = await TestEnv.create();
    const plait = env.start(['demo'], { env: { TMPDIR: env.folder } });
    await plait.said(/^Total: /mu);
    plait.kill('SIGINT');
    const ended = await plait.ended;
    expect(ended.status).toBe(130);
    expect(await env.left()).toEqual([]);
    const port = /Port: (\d+)/u.exec(ended.stdout)?.[1] ?? '';
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  });
});
