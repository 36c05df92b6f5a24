/** What is asked of a download at its first and last moments. */
import { getEventListeners } from 'node:events';
import { beforeAll, expect, test } from 'vitest';
import type { Download, DownloadOptions } from '../../src/index.ts';
import { builtLibrary, startIn, until } from '../support/library.ts';
import type { Library } from '../support/library.ts';
import { MIB } from '../support/oracle.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import { sentInAll, serveFile, urlsOf } from '../support/served.ts';

let plait: Library;

beforeAll(async () => {
  plait = await builtLibrary();
});

const start = (env: TestEnv, urls: readonly string[], more: Partial<DownloadOptions> = {}): Download => startIn(plait, env, urls, more);

test('one that is aborted while its part file is being opened lets go of it', async () => {
  const env = await TestEnv.create();
  const source = await env.source(MIB);
  const urls = urlsOf(await serveFile(source, { count: 1 }));
  for (let turn = 0; turn < 20; turn += 1) {
    const running = start(env, urls);
    // As late as a few turns of the event loop, so that every step of opening is met.
    for (let left = turn % 10; left > 0; left -= 1) await new Promise(setImmediate);
    running.abort();
    await expect(running.result).rejects.toMatchObject({ code: 'aborted' });
  }
  await start(env, urls).result;
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
});

test('nothing is left of it at an AbortSignal that lives on', async () => {
  const env = await TestEnv.create();
  const { signal } = new AbortController();
  await start(env, urlsOf(await serveFile(await env.source(MIB), { count: 1 })), { signal }).result;
  await expect.poll(() => getEventListeners(signal, 'abort')).toEqual([]);
});

test('the limit that it was started with is one that all know of', async () => {
  const env = await TestEnv.create();
  const running = start(env, urlsOf(await serveFile(await env.source(MIB), { count: 1, rates: [MIB] })), { limitBytesPerSec: MIB / 2 });
  expect(running.view().limitBytesPerSec).toBe(MIB / 2);
});

test('one that is stopped while it is paused does not go on first', async () => {
  const env = await TestEnv.create();
  const running = start(env, urlsOf(await serveFile(await env.source(4 * MIB), { count: 1, rates: [MIB] })));
  const kinds: string[] = [];
  running.events.subscribe((event) => void (event.type === 'decision' && kinds.push(event.kind)));
  await until(running, ({ writtenBytes }) => writtenBytes > 0);
  running.pause();
  await until(running, ({ course }) => course === 'paused');
  running.abort();
  await expect(running.result).rejects.toMatchObject({ code: 'aborted' });
  expect(kinds.slice(kinds.indexOf('paused'))).toEqual(['paused', 'stopping']);
});

test('a mirror that is dropped before anybody was asked is not asked, and comes back when it is named again', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const [wanted, unwanted] = [await serveFile(source, { count: 1, rates: [MIB] }), await serveFile(source, { count: 1, rates: [MIB] })];
  const [url = ''] = urlsOf(unwanted);
  const running = start(env, [...urlsOf(wanted), url], { output: 'file.bin' });
  running.dropMirror(2);
  await until(running, ({ writtenBytes }) => writtenBytes > MIB);
  expect(await sentInAll(unwanted)).toBe(0);
  expect(running.addMirror(url)).toBe(2);
  await until(running, ({ servers }) => (servers[1]?.bytes ?? 0) > 0);
  running.dropMirror(2);
  await until(running, ({ servers }) => servers[1]?.state === 'retired');
  expect(running.addMirror(url)).toBe(2);
  await until(running, ({ servers }) => servers[1]?.state === 'downloading');
  await running.result;
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});

test('a mirror whose URL cannot be used leaves no number behind', async () => {
  const env = await TestEnv.create();
  const source = await env.source(2 * MIB);
  const [first = '', second = ''] = urlsOf(await serveFile(source, { count: 2, rates: [MIB] }));
  const running = start(env, [first]);
  expect(() => running.addMirror('http://u%zz@127.0.0.1/file.bin')).toThrow(expect.objectContaining({ code: 'usage' }));
  expect(running.addMirror(second)).toBe(2);
  await running.result;
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});
