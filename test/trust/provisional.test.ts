/** What a mirror gave before anybody could judge it survives a kill, and counts only once the mirror is let in. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { MIB, bytesOf, makeFolder, openAfterKill, openFor, rangesOf, sha256Of } from '../store/support.ts';

let leaseId = 0;
const give = (store: Store, mirrorId: number, start: number, end: number, version = 0): void => store.write({ leaseId: (leaseId += 1), mirrorId }, start, bytesOf(start, end, version));

/** A killed run in which `one` was let in and `two` was not judged yet. */
async function killed(validator: string | null): Promise<Store> {
  const store = await openFor(path.join(await makeFolder(), 'file'));
  store.addSource(1, 'http://one/', '"v1"');
  store.addSource(2, 'http://two/', validator);
  store.settleSize(MIB);
  store.admit(1);
  give(store, 1, 0, 100_000);
  give(store, 2, 300_000, 400_000);
  store.flush();
  return store;
}

const provisional = (store: Store): unknown => store.recovered?.provisional.map(({ start, end, url }) => [start, end, url]);

describe('bytes of a mirror that nobody had judged', () => {
  test('come back apart from those that count', async () => {
    const store = await openAfterKill(await killed('"v2"'));
    expect(rangesOf(store)).toEqual([[0, 100_000, 'one']]);
    expect(provisional(store)).toEqual([[300_000, 400_000, 'http://two/']]);
    expect(store.recovered?.validators.get('http://two/')).toBe('"v2"');
  });

  test('do not come back where nothing could show that its file is the same still', async () => {
    expect(provisional(await openAfterKill(await killed(null)))).toEqual([]);
  });

  test('count after a kill more, once it was let in with the same validator', async () => {
    const second = await openAfterKill(await killed('"v2"'));
    second.addSource(5, 'http://two/', '"v2"');
    second.settleSize(MIB);
    second.admit(5);
    const third = await openAfterKill(second);
    expect(rangesOf(third)).toEqual([[0, 100_000, 'one'], [300_000, 400_000, 'two']]);
  });

  test('do not count where it was let in with another validator', async () => {
    const second = await openAfterKill(await killed('"v2"'));
    second.addSource(5, 'http://two/', '"v3"');
    second.settleSize(MIB);
    second.admit(5);
    give(second, 5, 500_000, 600_000);
    second.flush();
    expect(rangesOf(await openAfterKill(second))).toEqual([[0, 100_000, 'one'], [500_000, 600_000, 'two']]);
  });

  test('are gone where it was refused', async () => {
    const second = await openAfterKill(await killed('"v2"'));
    second.addSource(5, 'http://two/', '"v2"');
    second.settleSize(MIB);
    second.refuse(5);
    const third = await openAfterKill(second);
    expect(rangesOf(third)).toEqual([[0, 100_000, 'one']]);
    expect(provisional(third)).toEqual([]);
  });

  test('are not mistaken for what another wrote over them and had not recorded yet', async () => {
    const second = await openAfterKill(await killed('"v2"'));
    second.addSource(6, 'http://six/', '"v6"');
    second.settleSize(MIB);
    give(second, 6, 320_000, 340_000, 1);
    const third = await openAfterKill(second);
    expect(provisional(third)).toEqual([[300_000, 320_000, 'http://two/'], [340_000, 400_000, 'http://two/']]);
  });
});

test('of a refused mirror what was proved by a hash is kept, over any number of kills, and nothing else', async () => {
  const store = await openFor(path.join(await makeFolder(), 'file'));
  store.addSource(1, 'http://one/', '"a"');
  store.settleSize(MIB);
  store.admit(1);
  give(store, 1, 0, 300_000);
  store.flush();
  store.refuse(1, [{ start: 100_000, end: 200_000 }]);
  expect(rangesOf(await openAfterKill(store))).toEqual([[100_000, 200_000, '']]);
  const again = await openAfterKill(store);
  again.addSource(1, 'http://one/', '"a"');
  again.refuse(1);
  expect(rangesOf(await openAfterKill(again))).toEqual([[100_000, 200_000, '']]);
});

test('a mirror that is let in stays so under another of its validators', async () => {
  const store = await openFor(path.join(await makeFolder(), 'file'));
  store.addSource(1, 'http://one/', '"a"');
  store.settleSize(MIB);
  store.admit(1);
  give(store, 1, 0, 1_000);
  store.addSource(1, 'http://one/', '"b"');
  give(store, 1, 1_000, MIB);
  await store.keep();
  const again = await openFor(store.targetPath);
  expect(rangesOf(again)).toEqual([[0, MIB, 'one']]);
  await again.publish(MIB);
  expect(sha256Of(await readFile(store.targetPath))).toBe(sha256Of(bytesOf(0, MIB)));
});
