import { createHash } from 'node:crypto';
import { readFile, truncate } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { MIB, bytesOf, codeOf, makeFolder, openFor, sha256Of, partPathOf } from './support.ts';

const TOTAL = 5 * MIB + 3;
const never = new AbortController().signal;

async function begin(): Promise<Store> {
  const store = await openFor(path.join(await makeFolder(), 'file'));
  store.addSource(1, 'http://one/', null);
  store.addSource(2, 'http://two/', null);
  store.settleSize(TOTAL);
  store.admit(1);
  return store;
}

const give = (store: Store, mirrorId: number, start: number, end: number, version = 0): void =>
  store.write({ leaseId: mirrorId, mirrorId }, start, bytesOf(start, end, version));

test.each(['sha-256', 'sha-512', 'sha-1', 'md5'] as const)('the %s that follows the front equals that of the file', async (algorithm) => {
  const store = await begin();
  for (let start = 0; start < TOTAL; start += 700_001) {
    give(store, 1, start, Math.min(TOTAL, start + 700_001));
    store.hashUpTo(algorithm, Math.min(TOTAL, start + 700_001));
  }
  const digest = await store.digest(algorithm, TOTAL, never);
  expect(digest).toBe(createHash(algorithm.replace('-', '')).update(await readFile(partPathOf(store))).digest('hex'));
  expect(await store.digest(algorithm, TOTAL, never)).toBe(digest);
});

test('bytes that are written again under the front are hashed again', async () => {
  const store = await begin();
  give(store, 1, 0, TOTAL, 1);
  store.hashUpTo('sha-256', TOTAL);
  expect(await store.digest('sha-256', TOTAL, never)).toBe(sha256Of(bytesOf(0, TOTAL, 1)));
  give(store, 1, 10, 20, 2);
  store.hashUpTo('sha-256', TOTAL);
  expect(await store.digest('sha-256', TOTAL, never)).toBe(sha256Of(await readFile(partPathOf(store))));
});

test('a refused mirror’s bytes and a file started over are hashed again', async () => {
  const store = await begin();
  give(store, 1, 0, MIB);
  give(store, 2, MIB, TOTAL, 1);
  store.hashUpTo('sha-256', TOTAL);
  store.refuse(2);
  give(store, 1, MIB, TOTAL);
  expect(await store.digest('sha-256', TOTAL, never)).toBe(sha256Of(bytesOf(0, TOTAL)));
  store.startOver();
  give(store, 1, 0, TOTAL, 7);
  store.hashUpTo('sha-256', MIB);
  expect(await store.digest('sha-256', TOTAL, never)).toBe(sha256Of(bytesOf(0, TOTAL, 7)));
});

test('a digest that is aborted, or whose store ends, says so; a file that is too short fails', async () => {
  const store = await begin();
  give(store, 1, 0, TOTAL);
  const abort = new AbortController();
  const first = codeOf(() => store.digest('sha-256', TOTAL, abort.signal));
  abort.abort();
  expect(await first).toBe('aborted');
  expect(await store.digest('sha-256', TOTAL, never)).toBe(sha256Of(bytesOf(0, TOTAL)));
  await truncate(partPathOf(store), 5);
  store.startOver();
  expect(await codeOf(() => store.digest('sha-256', TOTAL, never))).toBe('disk-failed');

  const other = await begin();
  give(other, 1, 0, TOTAL);
  const waiting = codeOf(() => other.digest('sha-256', TOTAL, never));
  await other.keep();
  expect(await waiting).toBe('aborted');
});
