/** Whoever looks on, and however badly that goes: the download is not touched by it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, inject, onTestFinished, test } from 'vitest';
import type * as library from '../../src/index.ts';
import type { InspectMessage } from '../../src/inspect/messages.ts';
import { KIB, MIB } from '../support/oracle.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';
import { stare, view } from './support/viewing.ts';

test('a viewer that never reads, and one that is killed, cost a download nothing', async () => {
  const env = await TestEnv.create();
  const source = await env.source(2 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [2 * MIB, 2 * MIB] });
  const plait = env.start(['get', '--quiet', '-o', 'f.bin', '--inspect', ...urlsOf(farm)]);
  let url: string | undefined;
  await expect.poll(() => (url = /Inspector: http:(\S+)/u.exec(plait.lastWords())?.[1])).toBeDefined();
  await stare(`ws:${url}live`);
  const victim = await stare(`ws:${url}live`);
  victim.resetAndDestroy();
  expect((await plait.ended).status).toBe(0);
  expect(await env.verdict('f.bin')).toEqual(exactly(source));
});

test.skipIf(process.platform === 'win32')('a recording that the disk does not take ends alone, and says so', async () => {
  const env = await TestEnv.create();
  const source = await env.source(16 * KIB);
  const farm = await serveFile(source, { count: 2 });
  // ulimit counts blocks of 512 bytes.
  const ended = await env.run(['get', '--quiet', '-o', 'f.bin', '--record', 'run.ndjson', ...urlsOf(farm)], { under: ['sh', '-c', `ulimit -f 48 && exec "$0" "$@"`] });
  expect(ended).toMatchObject({ status: 0, stderr: 'plait: The recording stopped short (EFBIG).\n' });
  expect(await env.verdict('f.bin')).toEqual(exactly(source));
  // What is there is what was told, up to where it stopped.
  const lines = (await readFile(env.path('run.ndjson'), 'utf8')).split('\n').slice(0, -1);
  expect(lines.map((line) => (JSON.parse(line) as InspectMessage).type)[0]).toBe('plait.hello');
});

test('the library opens the same inspector, and its user hears everything that xstate reports', async () => {
  const plait = (await import(pathToFileURL(join(inject('distFolder'), 'index.js')).href)) as typeof library;
  const env = await TestEnv.create();
  const source = await env.source(MIB);
  const farm = await serveFile(source, { count: 2 });
  const inspector = await plait.openInspector({ page: true, record: 'run.ndjson', cwd: env.folder });
  onTestFinished(() => void inspector.close());
  const viewing = view(`${inspector.pageUrl?.replace('http:', 'ws:')}live`);
  const heard = new Set<string>();
  const running = plait.download({
    urls: urlsOf(farm),
    cwd: env.folder,
    output: 'f.bin',
    inspect: (each) => {
      heard.add(each.type);
      inspector.inspect(each);
    },
  });
  await running.result;
  expect(await inspector.close()).toBeNull();
  await viewing.closed;
  expect([...heard]).toEqual(expect.arrayContaining(['@xstate.actor', '@xstate.event', '@xstate.snapshot', 'decision']));
  expect(viewing.messages[0]).toMatchObject({ type: 'plait.hello', command: 'library' });
  expect(viewing.messages.at(-1)).toMatchObject({ type: 'plait.end', exitStatus: 0 });
  const recorded = (await readFile(env.path('run.ndjson'), 'utf8')).trimEnd().split('\n');
  expect(recorded.map((line) => JSON.parse(line) as InspectMessage)).toEqual(viewing.messages);
});
