/** The inspector as users start it: the built program, with --inspect, --stately and --record, and plait inspect. */
import { createWebSocketReceiver } from '@statelyai/inspect';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import type { InspectMessage } from '../../src/inspect/messages.ts';
import { KIB, MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import type { RunningPlait } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';
import { standing, view } from './support/viewing.ts';

const messagesOf = (text: string): readonly InspectMessage[] => text.trimEnd().split('\n').map((line) => JSON.parse(line) as InspectMessage);

/** An address that a run has printed, once it has. */
async function printed(plait: RunningPlait, what: RegExp): Promise<string> {
  let found: string | undefined;
  await expect.poll(() => (found = what.exec(plait.lastWords())?.[1])).toBeDefined();
  return found ?? '';
}

const liveOf = (pageUrl: string): string => `${pageUrl.replace('http:', 'ws:')}live`;

test('--inspect shows every actor of a download as it stands, its decisions, and its end', async () => {
  const env = await TestEnv.create();
  const source = await env.source(2 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [MIB, MIB, MIB], faults: '2:die@500ms' });
  // A flag that stands alone takes nothing of what follows.
  const plait = env.start(['get', '--plain', '-o', 'f.bin', '--inspect', ...urlsOf(farm)]);
  const url = await printed(plait, /^Inspector: (http:\/\/127\.0\.0\.1:\d+\/[\w-]{24}\/)$/mu);
  const page = await fetch(url);
  expect({ status: page.status, type: page.headers.get('content-type') }).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
  const viewing = view(liveOf(url));
  await viewing.told((message) => message.type === '@xstate.snapshot' && message.snapshot.value === 'downloading');
  await viewing.told((message) => message.type === 'plait.decision' && message.decision.kind === 'server-lost');
  const end = await viewing.told(({ type }) => type === 'plait.end');
  expect(end).toMatchObject({ exitStatus: 0 });
  await viewing.closed;
  const ended = await plait.ended;
  expect(ended.status).toBe(0);
  expect(await env.verdict('f.bin')).toEqual(exactly(source));
  const names = [...standing(viewing.messages).keys()].map((name) => name.split(' ')[0]);
  expect(names).toEqual(expect.arrayContaining(['coordinator', 'server-1', 'server-2', 'server-3', 'segment-1', 'transfer', 'clock', 'effects']));
  expect([...standing(viewing.messages).values()].filter((state) => state !== 'gone')).toEqual([]);
  expect(viewing.messages[0]).toMatchObject({ type: 'plait.hello', command: 'get', recording: null });
});

test('--record writes what --inspect shows, and plait inspect shows it again', async () => {
  const env = await TestEnv.create();
  const source = await env.source(512 * KIB);
  const farm = await serveFile(source, { count: 2, rates: [MIB, MIB] });
  const plait = env.start(['get', '--quiet', '-o', 'f.bin', '--inspect', '--record', 'run.ndjson', ...urlsOf(farm)]);
  const live = view(liveOf(await printed(plait, /^Inspector: (\S+)$/mu)));
  await live.told(({ type }) => type === 'plait.end');
  expect((await plait.ended).status).toBe(0);
  const recorded = await readFile(env.path('run.ndjson'), 'utf8');
  expect(messagesOf(recorded)).toEqual(live.messages);

  const again = env.start(['inspect', 'run.ndjson']);
  const shown = view(liveOf(await printed(again, /^Inspector: (\S+)$/mu)));
  await shown.closed;
  expect(shown.messages.slice(1)).toEqual(live.messages.slice(1));
  expect(shown.messages[0]).toMatchObject({ type: 'plait.hello', recording: 'run.ndjson' });
  again.kill('SIGINT');
  expect(await again.ended).toMatchObject({ status: 130, stderr: '' });
});

test('a recording never replaces a file, and what cannot be recorded is not begun', async () => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: KIB }));
  await writeFile(env.path('mine.txt'), 'mine');
  for (const [file, sentence, status] of [['mine.txt', 'is there already', 6], ['none/run.ndjson', 'is not there', 5]] as const) {
    const ended = await env.run(['get', '-o', 'f.bin', '--record', file, origin.url]);
    expect(ended).toMatchObject({ status, stderr: expect.stringContaining(sentence) });
  }
  expect(await readFile(env.path('mine.txt'), 'utf8')).toBe('mine');
  expect(await env.left()).toEqual(['mine.txt']);
  expect(origin.requests).toEqual([]);
});

test('a busy or senseless port is named in a sentence, and nothing is begun', async () => {
  const env = await TestEnv.create();
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());
  const address = squatter.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const flag of ['--inspect', '--stately']) {
    expect(await env.run(['get', `${flag}=${port}`, '--record', 'run.ndjson', 'http://127.0.0.1:9/'])).toMatchObject({
      status: 2,
      stderr: `plait: Port ${port} is in use: give ${flag} another one, or none, and plait finds one.\n`,
    });
  }
  expect(await env.run(['get', '--inspect=no', 'http://127.0.0.1:9/'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--inspect=no names no port') });
  expect(await env.left()).toEqual([]);
});

test('what is no recording, of a newer plait, or cut off is told in one sentence', async () => {
  const env = await TestEnv.create();
  const hello = { type: 'plait.hello', t: 0, version: 1, plait: '0.1.0', command: 'get', startedAt: '2026-11-22T00:00:00.000Z', recording: null };
  await writeFile(env.path('foreign.txt'), 'Dear diary,\n');
  await writeFile(env.path('empty.ndjson'), '');
  await writeFile(env.path('other.ndjson'), '{"type":"progress","t":1}\n');
  await writeFile(env.path('newer.ndjson'), `${JSON.stringify({ ...hello, version: 2, plait: '9.0.0' })}\n`);
  const foreign = 'is no recording of plait: make one with plait get … --record FILE.';
  for (const [file, sentence] of [
    ['foreign.txt', foreign],
    ['empty.ndjson', foreign],
    ['other.ndjson', foreign],
    ['newer.ndjson', 'was recorded by a newer plait (9.0.0)'],
    ['none.ndjson', 'is not there'],
    ['.', 'is no file'],
  ] as const) {
    const ended = await env.run(['inspect', file]);
    expect(ended.status, file).toBe(2);
    expect(ended.stderr, file).toContain(sentence);
    expect(ended.stderr.trimEnd().split('\n'), file).toHaveLength(1);
  }

  const decision = { type: 'plait.decision', t: 5, decision: { type: 'decision', kind: 'looking', why: 'Looking.', atMs: 5 } };
  await writeFile(env.path('cut.ndjson'), `${JSON.stringify(hello)}\nnonsense\n[]\n${'x'.repeat(2 * MIB)}\n${JSON.stringify(decision)}\n`);
  await appendFile(env.path('cut.ndjson'), JSON.stringify(decision).slice(0, 20));
  const plait = env.start(['inspect', 'cut.ndjson']);
  const viewing = view(liveOf(await printed(plait, /^Inspector: (\S+)$/mu)));
  await viewing.closed;
  // Three lines of nonsense, then what is sound, then the torn one.
  expect(viewing.messages.slice(1)).toEqual([{ type: 'plait.dropped', t: 5, count: 3 }, decision, { type: 'plait.dropped', t: 5, count: 1 }]);
  plait.kill('SIGTERM');
  const ended = await plait.ended;
  expect(ended.status).toBe(143);
  expect(ended.stderr).toMatch(/^plait: cut\.ndjson has no end .*: it is shown as far as it goes\.\n$/u);
});

test('Stately’s own receiver sees plait’s machines, with their definitions', async () => {
  const env = await TestEnv.create();
  const source = await env.source(MIB);
  const farm = await serveFile(source, { count: 2, rates: [MIB, MIB] });
  const plait = env.start(['get', '--quiet', '-o', 'f.bin', '--stately', ...urlsOf(farm)]);
  const server = await printed(plait, /receivers: (ws:\S+)\)/mu);
  const seen: { readonly type: string; readonly _version: string; readonly name?: string; readonly definition?: string; readonly snapshot?: { readonly value?: unknown } }[] = [];
  createWebSocketReceiver({ server }).subscribe((event) => seen.push(event as (typeof seen)[number]));
  expect((await plait.ended).status).toBe(0);
  await expect.poll(() => seen.some(({ snapshot }) => snapshot?.value === 'done')).toBe(true);
  // Nothing of ours is among it: the Stately inspector would not know what to do.
  expect(seen.filter(({ type, _version }) => !type.startsWith('@xstate.') || _version === undefined)).toEqual([]);
  const coordinator = seen.find(({ name }) => name === 'coordinator');
  expect(JSON.parse(coordinator?.definition ?? '')).toMatchObject({ id: 'coordinator', initial: 'discovering', states: { transferring: { entry: 'planAnew' } } });
  expect(seen.filter(({ name }) => name?.startsWith('server-')).map(({ name }) => name)).toEqual(['server-1', 'server-2']);
});

test('no secret reaches the page, the Stately inspector or a recording', async () => {
  const env = await TestEnv.create();
  const secrets = ['canary-user', 'canary-pass', Buffer.from('canary-user:canary-pass').toString('base64'), 'canary-token', 'query-canary', 'redirect-canary'];
  const sizeBytes = 512 * KIB;
  const stranger = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes }));
  const own = await startOrigin((request, response, nth) => {
    if (nth % 4 === 1) response.writeHead(503, { 'Retry-After': '0' }).end();
    else if (nth % 4 === 2) response.writeHead(302, { Location: `${stranger.url}/else?sig=redirect-canary` }).end();
    else if (nth % 4 === 3) response.destroy();
    else answerOracle(request, response, { sizeBytes });
  });
  const url = `${own.url.replace('://', '://canary-user:canary-pass@')}/f.bin?key=query-canary`;
  const plait = env.start(['get', '--quiet', '--inspect', '--stately', '--record', 'run.ndjson', '-H', 'X-Token: canary-token', url, `${stranger.url}/f.bin`]);
  const page = view(liveOf(await printed(plait, /^Inspector: (\S+)$/mu)));
  const stately = view(await printed(plait, /receivers: (ws:\S+)\)/mu));
  await Promise.all([page.closed, stately.closed, plait.ended]);
  // The canary sang where it may: the test would be worth nothing if it had not been sent.
  expect(JSON.stringify(own.requests)).toContain('canary-token');
  const shown = { page: JSON.stringify(page.messages), stately: JSON.stringify(stately.messages), recording: await readFile(env.path('run.ndjson'), 'utf8') };
  for (const [where, text] of Object.entries(shown)) {
    expect(text.length, where).toBeGreaterThan(10_000);
    expect(secrets.filter((secret) => text.includes(secret)), where).toEqual([]);
  }
});

test('serve and demo show their farm, too', async () => {
  const env = await TestEnv.create();
  const source = await env.source(KIB);
  const plait = env.start(['serve', '--plain', '-n', '2', '-p', '0', '--inspect', source.path]);
  const viewing = view(liveOf(await printed(plait, /^Inspector: (\S+)$/mu)));
  await viewing.told((message) => message.type === '@xstate.snapshot' && message.snapshot.value === 'ready');
  plait.kill('SIGTERM');
  await viewing.told(({ type }) => type === 'plait.end');
  expect((await plait.ended).status).toBe(143);
  expect(viewing.messages[0]).toMatchObject({ command: 'serve' });
  const names = viewing.messages.flatMap((message) => (message.type === '@xstate.actor' ? [message.name] : []));
  expect(names).toEqual(expect.arrayContaining(['farm', 'server-1', 'server-2', 'process']));
});
