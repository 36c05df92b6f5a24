/** Two versions of a file are never mixed, whoever changes when. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { answerCopy, fetchAll, KIB, kinds, MIB, newFolder, start } from './support.ts';
import type { Copy, Ended } from './support.ts';

const SIZE = 8 * MIB;
const old: Copy = { sizeBytes: SIZE };
const anew: Copy = { sizeBytes: SIZE, version: 1 };
const retagged: Copy = { sizeBytes: SIZE, headers: { ETag: '"again"' } };
const right = { sizeBytes: SIZE, firstWrongByte: null };

/** Whoever asks for another version than the one that is there hears 412, as If-Match wants it (RFC 9110 §13.1.1). */
function answerGuarded(request: IncomingMessage, response: ServerResponse, copy: Copy): void {
  const tag = copy.headers?.['ETag'] ?? `"v${copy.version ?? 0}-${copy.sizeBytes}"`;
  const wanted = request.headers['if-match'];
  if (wanted !== undefined && !wanted.split(', ').includes(tag)) response.writeHead(412, { ETag: tag, 'Content-Length': 0 }).end();
  else answerCopy(request, response, copy);
}

interface Changing {
  readonly url: string;
  readonly origin: Origin;
  /** From now on it serves this. */
  become(copy: Copy): void;
}

/** Samples are shorter than this, leases longer. */
const SAMPLE_BYTES = 64 * KIB;

/**
 * A server that serves one copy and then, after so many answers or when told, another. Its leases after the first wait
 * until it is let go.
 */
async function changing(first: Copy, then: Copy = first, afterAnswers = Infinity, letGo: Promise<void> = Promise.resolve()): Promise<Changing> {
  let now = first;
  const origin = await startOrigin((request, response, nth) => {
    if (nth === afterAnswers + 1) now = then;
    const range = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? '');
    const isSample = Number(range?.[2]) - Number(range?.[1]) < SAMPLE_BYTES;
    if (nth === 1 || isSample) answerGuarded(request, response, now);
    else void letGo.then(() => answerGuarded(request, response, now));
  });
  return { url: `${origin.url}/file.bin`, origin, become: (copy) => (now = copy) };
}

const urls = (servers: readonly Pick<Changing, 'url'>[]): readonly string[] => servers.map(({ url }) => url);
const given = (ended: Ended, mirrorId: number): number => ended.result?.servers.find((server) => server.mirrorId === mirrorId)?.bytes ?? 0;

describe('midway', () => {
  test.each([
    ['changes', anew],
    ['changes only its tag', retagged],
  ])('one of three %s: it is left out and named, and what it gave before stays', async (_what, copy) => {
    // However slow the machine: nobody gives a second lease before the one is let in that then changes.
    const letGo = Promise.withResolvers<void>();
    const servers = await Promise.all([1, 2, 3].map(() => changing(old, old, Infinity, letGo.promise)));
    const running = await start(urls(servers), { limitBytesPerSec: 6 * MIB });
    running.download.events.subscribe((event) => {
      if (event.type !== 'decision' || event.kind !== 'mirror-admitted' || event.mirrorId !== 2) return;
      servers[1]?.become(copy);
      letGo.resolve();
    });
    const ended = await running.ended;
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 2, why: expect.stringContaining('another version') }]);
    expect(kinds(ended, 'started-over')).toEqual([]);
    expect(given(ended, 2)).toBeGreaterThan(0);
  });

  const longer: Copy = { sizeBytes: SIZE + MIB, version: 1 };
  /** It gives what it has, whatever version was asked for. */
  const careless = (copy: Copy): Copy => ({ ...copy, headers: { ETag: 'W/"weak"' } });

  test.each([
    ['tell it by their tags', old, longer],
    ['do not tell it but by the size', careless(old), careless(longer)],
  ])('two of four have a file of another size from then on, and %s: the two others finish what was begun', async (_how, before, after) => {
    const servers = [await changing(before), await changing(before), await changing(before, after, 6), await changing(before, after, 6)];
    const ended = await fetchAll(urls(servers), { limitBytesPerSec: 6 * MIB });
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(new Set(kinds(ended, 'mirror-refused').map(({ mirrorId }) => mirrorId))).toEqual(new Set([3, 4]));
    expect(kinds(ended, 'started-over')).toEqual([]);
  });

  test('most have a file of another size from then on, and do not tell it but by the size: it begins again', async () => {
    const servers = [await changing(careless(old)), await changing(careless(old), careless(longer), 6), await changing(careless(old), careless(longer), 6)];
    const ended = await fetchAll(urls(servers), { limitBytesPerSec: 6 * MIB });
    expect(await ended.verdict(1)).toMatchObject({ sizeBytes: SIZE + MIB, firstWrongByte: null });
    // Once, or again where the second of the two changes only after that.
    expect(kinds(ended, 'started-over')).not.toEqual([]);
  });

  test('most change: the download begins again with what they have now', async () => {
    const servers = [await changing(old), await changing(old, anew, 6), await changing(old, anew, 6)];
    const ended = await fetchAll(urls(servers), { limitBytesPerSec: 6 * MIB });
    expect(await ended.verdict(1)).toMatchObject(right);
    expect(kinds(ended, 'started-over')).toHaveLength(1);
  });

  test('most change only their tags: it begins again, and all of them are let in', async () => {
    const servers = [await changing(old), await changing(old, retagged, 6), await changing(old, retagged, 6)];
    const ended = await fetchAll(urls(servers), { limitBytesPerSec: 6 * MIB });
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'started-over')).toHaveLength(1);
    expect(ended.result?.servers.map(({ state }) => state)).toEqual(['done', 'done', 'done']);
  });

  test('all change: the new version comes whole', async () => {
    const servers = await Promise.all([1, 2, 3].map(() => changing(old, anew, 6)));
    const ended = await fetchAll(urls(servers), { limitBytesPerSec: 6 * MIB });
    expect(await ended.verdict(1)).toMatchObject(right);
    expect(kinds(ended, 'started-over')).toHaveLength(1);
  });

  test('the only one left has changed: its new version is better than none', async () => {
    // It gives two leases and is gone, so that the old version cannot become whole.
    let leases = 0;
    const leaving = await startOrigin((request, response) => {
      const range = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? '');
      if (Number(range?.[2]) - Number(range?.[1]) >= SAMPLE_BYTES) leases += 1;
      if (leases <= 2) answerGuarded(request, response, old);
      else request.socket.destroy();
    });
    const servers = [`${leaving.url}/file.bin`, (await changing(old, anew, 6)).url];
    const ended = await fetchAll(servers, { limitBytesPerSec: 6 * MIB, waitMs: 500 });
    expect(await ended.verdict(1)).toMatchObject(right);
  });

  test('a file that never stands still ends with exit 7, and no file', async () => {
    let turn = 0;
    const restless = await startOrigin((request, response) => {
      turn += 1;
      answerGuarded(request, response, { sizeBytes: SIZE, version: turn });
    });
    const ended = await fetchAll([`${restless.url}/file.bin`]);
    expect(ended.error).toMatchObject({ code: 'content-differs', exitCode: 7 });
    expect(ended.left).not.toContain('file.bin');
  });
});

test.each([2, 3, 4, 5, 6])('a server that changes with every %i answers gives one version whole, or none', async (answers) => {
  const sizeBytes = 4 * MIB;
  let turn = 0;
  const restless = await startOrigin((request, response) => {
    turn += 1;
    answerGuarded(request, response, { sizeBytes, version: Math.floor(turn / answers) });
  });
  const ended = await fetchAll([`${restless.url}/file.bin`]);
  if (ended.error !== null) {
    expect(ended.error.code).toBe('content-differs');
    expect(ended.left).not.toContain('file.bin');
    return;
  }
  const versions = Array.from({ length: Math.ceil(turn / answers) + 1 }, (_, version) => version);
  const verdicts = await Promise.all(versions.map((version) => ended.verdict(version)));
  expect(verdicts.filter(({ firstWrongByte }) => firstWrongByte === null)).toHaveLength(1);
});

describe('a balancer', () => {
  /** Every other request reaches the other machine. */
  const balancing = (copies: readonly Copy[]): Promise<Origin> =>
    startOrigin((request, response, nth) => answerGuarded(request, response, copies[nth % copies.length] ?? old));

  test('that alternates tags over equal bytes is found out and used', async () => {
    const balancer = await balancing([old, retagged]);
    const ended = await fetchAll([`${balancer.url}/file.bin`], { limitBytesPerSec: 6 * MIB });
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-admitted')).toMatchObject([{ mirrorId: 1, why: expect.stringContaining('several tags') }]);
    expect(kinds(ended, 'started-over')).toEqual([]);
  });

  test('that alternates versions never makes a mixed file', async () => {
    const balancer = await balancing([old, anew]);
    const ended = await fetchAll([`${balancer.url}/file.bin`]);
    expect(ended.error).toMatchObject({ code: 'content-differs' });
    expect(ended.left).not.toContain('file.bin');
  });
});

describe('between two runs', () => {
  /** A run that is stopped when about half is there. */
  async function half(servers: readonly Pick<Changing, 'url'>[]): Promise<string> {
    const folder = await newFolder();
    const { download, ended } = await start(urls(servers), { limitBytesPerSec: 6 * MIB }, folder);
    await new Promise<void>((resolve) => {
      download.views.subscribe(({ writtenBytes }) => {
        if (writtenBytes > SIZE / 3) resolve();
      });
    });
    download.abort();
    expect((await ended).error).toMatchObject({ code: 'aborted' });
    return folder;
  }

  test('nothing changes: the rest is fetched and no more', async () => {
    const servers = [await changing(old), await changing(old)];
    const ended = await fetchAll(urls(servers), {}, await half(servers));
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result?.resumedBytes).toBeGreaterThan(SIZE / 4);
    expect(kinds(ended, 'started-over')).toEqual([]);
  });

  test('mirrors that differ in their query only, each with tags of its own, are not taken for each other', async () => {
    const secrets = ['first-secret', 'second-secret'];
    const tagOf = (path: string): string => `"tag-${secrets.indexOf(new URL(path, 'http://h/').searchParams.get('key') ?? '')}"`;
    const balancer = await startOrigin((request, response) => answerGuarded(request, response, { ...old, headers: { ETag: tagOf(request.url ?? '') } }));
    const mirrors = secrets.map((key) => ({ url: `${balancer.url}/file.bin?key=${key}` }));
    const folder = await half(mirrors);
    const journal = await readFile(join(folder, 'file.bin.plait-journal'), 'latin1');
    expect(journal).toContain('"tag-1"');
    expect(journal).not.toContain('secret');
    const before = balancer.requests.length;
    // In another order: who is who is not told by that.
    const ended = await fetchAll(urls(mirrors.toReversed()), {}, folder);
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result?.resumedBytes).toBeGreaterThan(0);
    const expected = balancer.requests.slice(before).map(({ path, headers }) => [headers['if-match'] ?? null, tagOf(path)]);
    for (const tag of ['"tag-0"', '"tag-1"']) expect(expected).toContainEqual([tag, tag]);
    expect(expected.filter(([wanted, own]) => wanted !== null && wanted !== own)).toEqual([]);
  });

  test('the only server changes, as its tag tells: it begins again', async () => {
    const server = await changing(old);
    const folder = await half([server]);
    server.become(anew);
    const ended = await fetchAll([server.url], {}, folder);
    expect(await ended.verdict(1)).toMatchObject(right);
    expect(kinds(ended, 'started-over')).toHaveLength(1);
  });

  test('the only server changes, and has no validator to tell: its bytes do', async () => {
    const untagged = { headers: { ETag: 'W/"weak"' } };
    const server = await changing({ ...old, ...untagged });
    const folder = await half([server]);
    server.become({ ...anew, ...untagged });
    const ended = await fetchAll([server.url], {}, folder);
    expect(await ended.verdict(1)).toMatchObject(right);
    expect(kinds(ended, 'started-over')).toHaveLength(1);
  });

  test('the mirrors are others, with the same file: what is there stays, and what is there was compared', async () => {
    const before = await changing(old);
    const folder = await half([before]);
    const after = [await changing(old), await changing(old)];
    const ended = await fetchAll(urls(after), {}, folder);
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result?.resumedBytes).toBeGreaterThan(SIZE / 4);
    expect(ended.result?.verified).toBe('cross-checked');
  });

  test('the mirrors are others, with another file of the same size: it begins again', async () => {
    const before = await changing(old);
    const folder = await half([before]);
    const ended = await fetchAll(urls([await changing(anew)]), {}, folder);
    expect(await ended.verdict(1)).toMatchObject(right);
  });

  test('one of two changes: what is there decides for the other', async () => {
    const servers = [await changing(old), await changing(old)];
    const folder = await half(servers);
    servers[0]?.become(anew);
    const ended = await fetchAll(urls(servers), {}, folder);
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'started-over')).toEqual([]);
  });
});
