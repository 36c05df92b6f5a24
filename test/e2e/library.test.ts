import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, inject, test } from 'vitest';
import type { Download, DownloadEvent, DownloadOptions, DownloadView, HeaderField } from '../../src/index.ts';
import { builtLibrary, looks, startIn, until } from '../support/library.ts';
import type { Library } from '../support/library.ts';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import { sentInAll, serveFile, urlsOf, viewWhere } from '../support/served.ts';

let plait: Library;

beforeAll(async () => {
  plait = await builtLibrary();
});

const start = (env: TestEnv, urls: readonly string[], more: Partial<DownloadOptions> = {}): Download => startIn(plait, env, urls, more);

test('where the program’s own event loop has no time left it is told once, and the file is exact', async () => {
  const env = await TestEnv.create();
  const source = await env.source(4 * MIB);
  const farm = await serveFile(source, { count: 4, rates: [MIB] });
  const running = start(env, urlsOf(farm), { output: 'busy.bin' });
  const told: string[] = [];
  let isSpinning = true;
  const spin = (): void => void (isSpinning && setImmediate(spin));
  running.events.subscribe((event) => {
    if (event.type !== 'decision' || event.kind !== 'machine-busy') return;
    told.push(event.why);
    isSpinning = false;
  });
  spin();
  await running.result.finally(() => {
    isSpinning = false;
  });
  expect(told).toEqual(['This machine takes no more: 2 lanes at a time fill it, and the other servers wait their turn.']);
  expect(await env.verdict('busy.bin')).toEqual(exactly(source));
});

test('events are typed and in order, views follow, and the result says what it came to', async () => {
  const env = await TestEnv.create();
  const source = await env.source(2 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [2 * MIB] });
  const running = start(env, urlsOf(farm), { checksum: `sha-256=${source.sha256}` });
  const events: DownloadEvent[] = [];
  const views: DownloadView[] = [];
  running.events.subscribe((event) => events.push(event));
  running.views.subscribe((view) => views.push(view));
  const result = await running.result;
  expect(result).toMatchObject({ path: env.path('file.bin'), bytes: source.sizeBytes, verified: 'checksum', resumedBytes: 0 });
  expect(result.servers.map(({ url }) => url)).toEqual(urlsOf(farm));
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  const courses = events.flatMap((event) => (event.type === 'course' ? [event.state] : []));
  expect(courses).toEqual(expect.arrayContaining(['discovering', 'transferring', 'verifying', 'publishing', 'done']));
  expect(courses.indexOf('discovering')).toBe(0);
  expect(courses.at(-1)).toBe('done');
  expect(views.length).toBeGreaterThan(3);
  expect(views.map(({ writtenBytes }) => writtenBytes)).toEqual(views.map(({ writtenBytes }) => writtenBytes).sort((a, b) => a - b));
  expect(views.at(-1)).toMatchObject({ course: 'done', writtenBytes: source.sizeBytes, totalBytes: source.sizeBytes });
  // Who comes late hears what was.
  const late: DownloadEvent[] = [];
  running.events.subscribe((event) => late.push(event));
  expect(late).toEqual(events);
});

test('while it is paused no byte moves, everything is kept, and it goes on from there', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [MIB] });
  const running = start(env, urlsOf(farm));
  await until(running, ({ writtenBytes }) => writtenBytes > MIB);
  running.pause();
  const paused = await until(running, ({ course, servers }) => course === 'paused' && servers.every(({ lanes }) => lanes === 0));
  const sentBytes = await sentInAll(farm);
  await looks(running, 5);
  expect(running.view()).toMatchObject({ course: 'paused', writtenBytes: paused.writtenBytes });
  expect(await sentInAll(farm)).toBe(sentBytes);
  expect(await env.left()).toEqual(['file.bin.plait', 'file.bin.plait-journal']);
  running.resume();
  expect(await running.result).toMatchObject({ bytes: source.sizeBytes });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await sentInAll(farm)).toBeLessThan(1.5 * source.sizeBytes);
});

test('a mirror added midway takes its part, and one dropped gets no more to do', async () => {
  const env = await TestEnv.create();
  const source = await env.source(5 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [MIB] });
  const [first = '', second = '', third = ''] = urlsOf(farm);
  const running = start(env, [first, second]);
  await until(running, ({ writtenBytes }) => writtenBytes > MIB / 2);
  expect(running.addMirror(third)).toBe(3);
  expect(() => running.addMirror(undefined as unknown as string)).toThrow(expect.objectContaining({ code: 'usage', message: expect.stringContaining('has to be text') }));
  expect(running.addMirror(third)).toBe(3);
  running.dropMirror(1);
  await until(running, ({ servers }) => (servers[2]?.bytes ?? 0) > 0 && servers[0]?.lanes === 0);
  const bytesThen = running.view().servers[0]?.bytes;
  const result = await running.result;
  expect(result.servers[2]?.bytes).toBeGreaterThan(MIB / 2);
  expect(result.servers[0]).toMatchObject({ bytes: bytesThen, state: 'retired' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});

test('a limit set midway holds from then on, and can be lifted', async () => {
  const env = await TestEnv.create();
  const source = await env.source(6 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [3 * MIB] });
  const running = start(env, urlsOf(farm));
  await until(running, ({ writtenBytes }) => writtenBytes > MIB);
  running.setLimit(MIB / 2);
  await until(running, ({ rateBytesPerSec, limitBytesPerSec }) => limitBytesPerSec === MIB / 2 && rateBytesPerSec < 0.6 * MIB);
  running.setLimit(null);
  await until(running, ({ rateBytesPerSec, limitBytesPerSec }) => limitBytesPerSec === null && rateBytesPerSec > MIB);
  await running.result;
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});

test('lanes set for one server are what it gets, and no other', async () => {
  const env = await TestEnv.create();
  const source = await env.source(8 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [3 * MIB] });
  const running = start(env, urlsOf(farm), { connections: 2 });
  await until(running, ({ servers }) => servers.length === 2 && servers.every(({ bytes }) => bytes > 0));
  running.setLanes(1, 5);
  await until(running, ({ servers }) => servers[0]?.lanes === 5);
  await viewWhere(farm, ({ servers }) => servers[0]?.connections === 5);
  expect(running.view().servers[1]?.lanes).toBeLessThanOrEqual(2);
  await running.result;
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});

test('lanes set before any server is there hold from its first answer on', async () => {
  const env = await TestEnv.create();
  const farm = await serveFile(await env.source(16 * MIB), { count: 2, rates: [MIB] });
  const running = start(env, urlsOf(farm), { connections: 2 });
  running.setLanes(2, 4);
  await until(running, ({ servers }) => servers[1]?.lanes === 4);
  expect(running.view().servers[0]?.laneCap).toBeLessThanOrEqual(2);
  running.abort();
  await expect(running.result).rejects.toMatchObject({ code: 'aborted' });
});

test('an AbortSignal ends it with code aborted, and everything is kept for the next run', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [MIB] });
  const stop = new AbortController();
  const running = start(env, urlsOf(farm), { signal: stop.signal });
  await until(running, ({ writtenBytes }) => writtenBytes > MIB);
  stop.abort();
  const failure: unknown = await running.result.catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(plait.PlaitError);
  expect(failure).toMatchObject({ code: 'aborted', exitCode: 130 });
  expect(await env.left()).toEqual(['file.bin.plait', 'file.bin.plait-journal']);
  const next = start(env, urlsOf(farm));
  const { resumedBytes, servers } = await next.result;
  expect(resumedBytes).toBeGreaterThan(MIB);
  expect(servers.reduce((sum, { bytes }) => sum + bytes, resumedBytes)).toBe(source.sizeBytes);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});

test('a signal that was aborted before the start fetches nothing', async () => {
  const env = await TestEnv.create();
  const farm = await serveFile(await env.source(1000), { count: 1 });
  const running = start(env, urlsOf(farm), { signal: AbortSignal.abort() });
  await expect(running.result).rejects.toMatchObject({ code: 'aborted' });
  expect(await sentInAll(farm)).toBe(0);
});

test('what goes wrong is a PlaitError with a code; wrong options are thrown at once', async () => {
  const env = await TestEnv.create();
  expect(() => plait.download({ urls: [] })).toThrow(plait.PlaitError);
  expect(() => plait.download({ urls: ['ftp://127.0.0.1/'] })).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }));
  const nobody = start(env, ['http://127.0.0.1:1/file.bin'], { waitMs: 0 });
  await expect(nobody.result).rejects.toMatchObject({ code: 'no-server', exitCode: 3 });
  const nowhere = start(env, ['http://127.0.0.1:1/file.bin'], { output: 'nowhere/file.bin' });
  await expect(nowhere.result).rejects.toMatchObject({ code: 'folder-missing', exitCode: 5 });
  // Flags are the command line’s; where one is named, the option is, too.
  await expect(nowhere.result).rejects.toMatchObject({ message: expect.not.stringContaining('--') });
  await expect(nobody.result).rejects.toMatchObject({ message: expect.stringContaining('waitMs') });
});

test.each([
  ['no options at all', undefined, /object of options/u],
  ['no urls', {}, /option urls is missing/u],
  ['one URL that is no list', { urls: 'http://127.0.0.1:1/f' }, /option urls has to be a list/u],
  ['an option that there is not', { urls: ['http://127.0.0.1:1/f'], wait: 5 }, /no option wait: is waitMs meant\?/u],
  ['another one', { urls: ['http://127.0.0.1:1/f'], colour: true }, /no option colour: the options are urls, .*signal\.$/u],
  ['a number as text', { urls: ['http://127.0.0.1:1/f'], waitMs: '30s' }, /option waitMs has to be a number/u],
  ['a checksum that is no text', { urls: ['http://127.0.0.1:1/f'], checksum: 5 }, /option checksum has to be text/u],
  ['headers that are none', { urls: ['http://127.0.0.1:1/f'], headers: ['a: b'] }, /option headers has to be a list of objects/u],
] as const)('%s: a PlaitError of code usage that names the option', (_, options, names) => {
  expect(() => plait.download(options as unknown as DownloadOptions)).toThrow(expect.objectContaining({ name: 'PlaitError', code: 'usage', message: expect.stringMatching(names) }));
});

test('an option that is undefined takes its default, and of several checksums every one is checked', async () => {
  const env = await TestEnv.create();
  const source = await env.source(1000);
  const farm = await serveFile(source, { count: 1 });
  const right = `sha-256=${source.sha256}`;
  const more = { waitMs: undefined, output: undefined } as unknown as Partial<DownloadOptions>;
  await expect(start(env, urlsOf(farm), { ...more, checksum: [`md5=${'0'.repeat(32)}`, right] }).result).rejects.toMatchObject({ code: 'checksum-mismatch' });
  expect(await start(env, urlsOf(farm), { ...more, checksum: [right] }).result).toMatchObject({ verified: 'checksum' });
});

test('a program’s header fields go with every request, and events tell the time of the clock that the program reads, too', async () => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 1000 }));
  const field: HeaderField = { name: 'X-Who', value: 'ada' };
  const events: DownloadEvent[] = [];
  const fromMs = performance.now();
  const running = start(env, [`${origin.url}/file.bin`], { headers: [field] });
  running.events.subscribe((event) => events.push(event));
  await running.result;
  const toMs = performance.now();
  expect(new Set(origin.requests.map(({ headers }) => headers['x-who']))).toEqual(new Set(['ada']));
  expect(events.filter(({ atMs }) => atMs < fromMs || atMs > toMs)).toEqual([]);
  expect(events.length).toBeGreaterThan(0);
});

test('two downloads in one process do not disturb one another', async () => {
  const env = await TestEnv.create();
  const sources = await Promise.all([env.source(2 * MIB, 0, 'a.bin'), env.source(2 * MIB, 1, 'b.bin')]);
  const farms = await Promise.all(sources.map((source) => serveFile(source, { count: 2, rates: [2 * MIB] })));
  await Promise.all(farms.map((farm) => start(env, urlsOf(farm)).result));
  expect(await Promise.all([env.verdict('a.bin', 0), env.verdict('b.bin', 1)])).toEqual(sources.map(exactly));
});

test('importing the library loads neither Ink nor React, nor keeps the process alive', async () => {
  const distFolder = inject('distFolder');
  // The hook writes down every file that the import really loads.
  const program = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    await import(${JSON.stringify(pathToFileURL(join(distFolder, 'index.js')).href)});
    process.stdout.write(JSON.stringify(loaded.filter((url) => url.startsWith('file:'))));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  const loaded = JSON.parse(stdout) as string[];
  expect(loaded.map((url) => basename(url))).toContain('index.js');
  for (const url of loaded) {
    const text = await readFile(new URL(url), 'utf8');
    // The bundler leaves a comment above each module that it took in.
    expect(text).not.toMatch(/^\/\/ node_modules\/(?:ink|react|react-reconciler|yoga-layout)\//mu);
    expect(text).not.toMatch(/^\/\/ src\/(?:ui|commands|farm)\//mu);
  }
});
