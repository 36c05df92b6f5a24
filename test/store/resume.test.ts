import { appendFile, copyFile, mkdir, open, readFile, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { JOURNAL_REWRITE_BYTES } from '../../src/base/bounds.ts';
import { decodeJournal, encodeHeader, encodeRecords } from '../../src/store/journal-format.ts';
import type { ReadBack, Store } from '../../src/store/store.ts';
import { BOOT_B, believedBy, MIB, bytesOf, codeOf, makeFolder, openAfterKill, openFor, rangesOf, sha256Of, worldWith, journalPathOf, partPathOf } from './support.ts';

const TOTAL = MIB;

/** A store of 1 MiB with two admitted mirrors, `one` and `two`, and `three`, which waits. */
async function begin(folder: string, world = worldWith()): Promise<Store> {
  const store = await openFor(path.join(folder, 'file'), {}, world);
  store.addSource(1, 'http://one/', '"v1"');
  store.addSource(2, 'http://two/', null);
  store.addSource(3, 'http://three/', '"v3"');
  store.settleSize(TOTAL);
  store.admit(1);
  store.admit(2);
  return store;
}

let leaseId = 0;
function give(store: Store, mirrorId: number, start: number, end: number, version = 0): void {
  leaseId += 1;
  for (let from = start; from < end; from += 10_000) {
    const to = Math.min(end, from + 10_000);
    store.write({ leaseId, mirrorId }, from, bytesOf(from, to, version));
  }
}

test('what was kept is resumed, with who gave it, and finished to the exact file', async () => {
  const folder = await makeFolder();
  const first = await begin(folder);
  give(first, 1, 0, 100_000);
  give(first, 2, 500_000, 700_000);
  give(first, 1, 100_000, 150_000);
  await first.keep();

  const second = await openFor(path.join(folder, 'file'));
  expect(second.recovered?.totalBytes).toBe(TOTAL);
  expect(rangesOf(second)).toEqual([[0, 150_000, 'one'], [500_000, 700_000, 'two']]);
  expect(second.recovered?.validators).toEqual(new Map([['http://one/', '"v1"'], ['http://two/', null]]));
  second.addSource(7, 'http://seven/', null);
  second.settleSize(TOTAL);
  give(second, 7, 150_000, 500_000);
  give(second, 7, 700_000, TOTAL);
  await second.publish(TOTAL);
  expect(sha256Of(await readFile(path.join(folder, 'file')))).toBe(sha256Of(bytesOf(0, TOTAL)));
});

test('a resumed run is journalled on: a second kill loses nothing of the first run', async () => {
  const folder = await makeFolder();
  const first = await begin(folder);
  give(first, 1, 0, 100_000);
  first.flush();
  const second = await openAfterKill(first);
  second.addSource(1, 'http://four/', null);
  second.admit(1);
  give(second, 1, 100_000, 200_000);
  second.flush();
  expect(rangesOf(await openAfterKill(second))).toEqual([[0, 100_000, 'one'], [100_000, 200_000, 'four']]);
});

describe('after a kill', () => {
  test('everything recorded is there, and nothing that was not admitted', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    give(store, 3, 100_000, 200_000);
    store.flush();
    give(store, 1, 300_000, 400_000);
    expect(rangesOf(await openAfterKill(store))).toEqual([[0, 100_000, 'one']]);
  });

  test('what a mirror gave before its admission counts after it', async () => {
    const store = await begin(await makeFolder());
    give(store, 3, 100_000, 200_000);
    store.admit(3);
    give(store, 3, 300_000, 310_000);
    store.flush();
    expect(rangesOf(await openAfterKill(store))).toEqual([[100_000, 200_000, 'three'], [300_000, 310_000, 'three']]);
  });

  test('bytes written before the size was known count once it is', async () => {
    const store = await openFor(path.join(await makeFolder(), 'file'));
    store.addSource(1, 'http://one/', null);
    give(store, 1, 0, 50_000);
    store.flush();
    expect(await readdir(path.dirname(partPathOf(store)))).toEqual(['file.plait']);
    store.settleSize(TOTAL);
    store.admit(1);
    expect(rangesOf(await openAfterKill(store))).toEqual([[0, 50_000, 'one']]);
  });

  test('without a flush at most 4 MiB of admitted bytes are lost', async () => {
    const store = await openFor(path.join(await makeFolder(), 'file'));
    store.addSource(1, 'http://one/', null);
    store.settleSize(20 * MIB);
    store.admit(1);
    for (let block = 0; block < 19; block += 1) store.write({ leaseId: 1, mirrorId: 1 }, block * MIB, bytesOf(block * MIB, (block + 1) * MIB));
    expect(rangesOf(await openAfterKill(store))).toEqual([[0, 16 * MIB, 'one']]);
  });

  test('bytes that were being written over belong to nobody, before the new ones are recorded', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    store.flush();
    give(store, 3, 20_000, 30_000);
    expect(rangesOf(await openAfterKill(store))).toEqual([[0, 20_000, 'one'], [30_000, 100_000, 'one']]);
  });

  test('who wrote last gave the byte', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    store.flush();
    give(store, 2, 20_000, 40_000);
    store.flush();
    expect(rangesOf(await openAfterKill(store))).toEqual([[0, 20_000, 'one'], [20_000, 40_000, 'two'], [40_000, 100_000, 'one']]);
  });
});

describe('refusing a mirror', () => {
  test('drops exactly its bytes, those it is yet to give, and those of earlier runs', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    give(store, 2, 100_000, 200_000);
    store.flush();
    const resumed = await openAfterKill(store);
    for (const [mirrorId, name] of [[1, 'one'], [2, 'two']] as const) {
      resumed.addSource(mirrorId, `http://${name}/`, null);
      resumed.admit(mirrorId);
    }
    give(resumed, 1, 200_000, 300_000);
    give(resumed, 2, 300_000, 400_000);
    resumed.refuse(1);
    give(resumed, 1, 500_000, 510_000);
    resumed.flush();
    expect(rangesOf(await openAfterKill(resumed))).toEqual([[100_000, 200_000, 'two'], [300_000, 400_000, 'two']]);
  });

  test('does not bring back what it had overwritten', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    store.flush();
    give(store, 2, 20_000, 40_000);
    store.flush();
    store.refuse(2);
    expect(rangesOf(await openAfterKill(store))).toEqual([[0, 20_000, 'one'], [40_000, 100_000, 'one']]);
  });

  test('does not touch what others wrote over it since', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    store.refuse(1);
    give(store, 2, 0, 60_000);
    store.flush();
    expect(rangesOf(await openAfterKill(store))).toEqual([[0, 60_000, 'two']]);
  });
});

describe('after a restart of the machine', () => {
  test('what was synced is there, what was only written is not, and what does not check out is dropped', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    give(store, 2, 100_000, 200_000);
    await store.keep();
    const second = await openFor(store.targetPath);
    second.addSource(1, 'http://one/', null);
    second.admit(1);
    give(second, 1, 200_000, 300_000);
    second.flush();
    // The disk has lost some of what was synced, as disks do.
    const part = await open(partPathOf(store), 'r+');
    await part.write(Buffer.from([bytesOf(150_000, 150_001).readUInt8(0) ^ 1]), 0, 1, 150_000);
    await part.close();
    expect(await believedBy(await openAfterKill(second, worldWith({ bootId: BOOT_B })))).toEqual([[0, 100_000, 'one']]);
  });

  test('what was killed before it was read back is read back by the next run, though the machine has been up since', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    give(store, 2, 100_000, 200_000);
    await store.keep();
    const part = await open(partPathOf(store), 'r+');
    await part.write(Buffer.from([bytesOf(150_000, 150_001).readUInt8(0) ^ 1]), 0, 1, 150_000);
    await part.close();
    const sameBoot = worldWith({ bootId: BOOT_B });
    const second = await openFor(store.targetPath, {}, sameBoot);
    expect(second.recovered?.unread).toEqual([{ start: 0, end: 200_000 }]);
    second.addSource(1, 'http://one/', null);
    second.admit(1);
    give(second, 1, 200_000, 300_000);
    second.flush();
    // Of what the second run wrote nothing is lost by it: its page cache lives on.
    const third = await openAfterKill(second, sameBoot);
    expect(third.recovered?.unread).toEqual([{ start: 0, end: 200_000 }]);
    expect(await believedBy(third)).toEqual([[0, 100_000, 'one'], [200_000, 300_000, 'one']]);
    third.flush();
    const fourth = await openAfterKill(third, sameBoot);
    expect(fourth.recovered?.unread).toEqual([]);
    expect(rangesOf(fourth)).toEqual([[0, 100_000, 'one'], [200_000, 300_000, 'one']]);
  });

  test('what is written over meanwhile is not lost with what it was written over', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    await store.keep();
    const second = await openFor(store.targetPath, {}, worldWith({ bootId: BOOT_B }));
    second.addSource(1, 'http://one/', null);
    second.admit(1);
    give(second, 1, 40_000, 60_000, 1);
    const told: ReadBack[] = [];
    await second.readBack((each) => told.push(each));
    expect(told.flatMap(({ lost }) => lost)).toEqual([{ start: 0, end: 40_000 }, { start: 60_000, end: 100_000 }]);
    expect(rangesOf(await openAfterKill(second, worldWith({ bootId: BOOT_B })))).toEqual([[40_000, 60_000, 'one']]);
  });

  test('a run that grew on after the sync is there up to the sync', async () => {
    const store = await begin(await makeFolder(), worldWith({ syncMs: 1 }));
    store.write({ leaseId: 0, mirrorId: 1 }, 0, bytesOf(0, 10_000));
    await expect.poll(async () => recordTypes(store)).toContain('synced');
    await store.keep();
    const copy = path.join(await makeFolder(), 'file');
    await copyFile(partPathOf(store), `${copy}.plait`);
    // The same run, recorded once more after the sync, with a CRC that the file does not have.
    const decoded = decodeJournal(await readFile(journalPathOf(store)));
    if (decoded.kind !== 'journal') throw new Error('no journal');
    const grown = { type: 'written', runId: 1, sourceId: 1, start: 0, end: 20_000 } as const;
    const summed = { type: 'summed', runId: 1, end: 20_000, crc: 1 } as const;
    await writeFile(`${copy}.plait-journal`, Buffer.concat([encodeHeader(decoded.header), encodeRecords([...decoded.records, grown, summed], 0)]));
    for (const bootId of [BOOT_B, null]) {
      const resumed = await openFor(copy, {}, worldWith({ bootId }));
      expect(await believedBy(resumed)).toEqual([[0, 10_000, 'one']]);
      await resumed.keep();
    }
  });

  test('after a failed fsync only what was synced before it counts', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    await store.keep();
    const second = await openFor(store.targetPath);
    second.addSource(1, 'http://one/', null);
    second.admit(1);
    give(second, 1, 100_000, 200_000);
    second.flush();
    const decoded = decodeJournal(await readFile(journalPathOf(store)));
    if (decoded.kind !== 'journal') throw new Error('no journal');
    await appendFile(journalPathOf(store), encodeRecords([{ type: 'doubted' }], decoded.records.length));
    expect(rangesOf(await openAfterKill(second))).toEqual([[0, 100_000, 'one']]);
  });
});

describe('sums', () => {
  test('are not computed before the first sync, and a kill loses nothing for it', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    store.flush();
    expect(await recordTypes(store)).not.toContain('summed');
    expect(rangesOf(await openAfterKill(store))).toEqual([[0, 100_000, 'one']]);
  });

  test('come with every record where the system tells no boots apart', async () => {
    const world = worldWith({ bootId: null });
    const store = await begin(await makeFolder(), world);
    give(store, 1, 0, 100_000);
    store.flush();
    give(store, 1, 100_000, 150_000);
    store.flush();
    expect(rangesOf(await openAfterKill(store, world))).toEqual([[0, 150_000, 'one']]);
    const part = await open(partPathOf(store), 'r+');
    await part.write(Buffer.from([bytesOf(120_000, 120_001).readUInt8(0) ^ 1]), 0, 1, 120_000);
    await part.close();
    expect(await believedBy(await openAfterKill(store, world))).toEqual([[0, 100_000, 'one']]);
  });

  test('of much at once are a worker’s, and find one wrong byte after a restart of the machine', async () => {
    const store = await openFor(path.join(await makeFolder(), 'file'), {}, worldWith({ sumHereMaxBytes: MIB }));
    const totalBytes = 8 * MIB;
    store.addSource(1, 'http://one/', null);
    store.settleSize(totalBytes);
    store.admit(1);
    const halfBytes = totalBytes / 2;
    for (let start = 0; start < totalBytes; start += MIB) {
      store.write({ leaseId: start < halfBytes ? 1 : 2, mirrorId: 1 }, start, bytesOf(start, start + MIB));
    }
    await store.keep();
    const rebooted = await openFor(store.targetPath, {}, worldWith({ bootId: BOOT_B }));
    expect(rangesOf(rebooted)).toEqual([[0, totalBytes, 'one']]);
    await rebooted.keep();
    const part = await open(partPathOf(store), 'r+');
    await part.write(Buffer.from([bytesOf(halfBytes, halfBytes + 1).readUInt8(0) ^ 1]), 0, 1, halfBytes);
    await part.close();
    expect(await believedBy(await openFor(store.targetPath))).toEqual([[0, halfBytes, 'one']]);
  });

  test('taken of bytes that another mirror had written over never lay them at the wrong door', async () => {
    const store = await begin(await makeFolder());
    give(store, 3, 0, 100_000);
    give(store, 2, 20_000, 40_000);
    store.admit(3);
    await store.keep();
    // The journal of a machine that died after the sum of the older run and before that of the newer one.
    const decoded = decodeJournal(await readFile(journalPathOf(store)));
    if (decoded.kind !== 'journal') throw new Error('no journal');
    const [older, newer] = decoded.records.filter(({ type }) => type === 'summed');
    expect(older).toMatchObject({ end: 100_000 });
    const records = decoded.records.filter((record) => record !== newer);
    await writeFile(journalPathOf(store), Buffer.concat([encodeHeader(decoded.header), encodeRecords(records, 0)]));
    expect(await believedBy(await openFor(store.targetPath, {}, worldWith({ bootId: BOOT_B })))).toEqual([[0, 20_000, 'three'], [40_000, 100_000, 'three']]);
  });
});

async function recordTypes(store: Store): Promise<string[]> {
  const decoded = decodeJournal(await readFile(journalPathOf(store)));
  return decoded.kind === 'journal' ? decoded.records.map(({ type }) => type) : [];
}

describe('a part file that is not what the journal knows', () => {
  async function kept(): Promise<Store> {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    give(store, 2, 100_000, 200_000);
    await store.keep();
    return store;
  }

  test('replaced by a copy: checked, and what is right counts', async () => {
    const store = await kept();
    const bytes = await readFile(partPathOf(store));
    bytes.writeUInt8(bytes.readUInt8(5) ^ 0x80, 5);
    await writeFile(`${partPathOf(store)}.copy`, bytes);
    await rename(`${partPathOf(store)}.copy`, partPathOf(store));
    expect(await believedBy(await openFor(store.targetPath))).toEqual([[100_000, 200_000, 'two']]);
  });

  test('cut: what is left of it counts', async () => {
    const store = await kept();
    await truncate(partPathOf(store), 199_999);
    expect(await believedBy(await openFor(store.targetPath))).toEqual([[0, 100_000, 'one']]);
  });

  test('gone, or without its journal: a fresh start', async () => {
    const first = await kept();
    await rm(partPathOf(first));
    expect((await openFor(first.targetPath)).recovered).toBeNull();
    const second = await kept();
    await rm(journalPathOf(second));
    const fresh = await openFor(second.targetPath);
    expect(fresh.recovered).toBeNull();
    expect((await stat(partPathOf(fresh))).size).toBe(0);
  });
});

describe('a journal that is not ours', () => {
  test.each([
    ['of a newer version', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, 8), Buffer.from([0, 2]), bytes.subarray(10)])],
    ['of another program', () => Buffer.from('{"downloads": []}')],
  ])('%s: refused with nothing touched; --no-resume starts over', async (_, change) => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    await store.keep();
    const journal = change(await readFile(journalPathOf(store)));
    await writeFile(journalPathOf(store), journal);
    expect(await codeOf(() => openFor(store.targetPath))).toBe('journal-foreign');
    expect(await readFile(journalPathOf(store))).toEqual(journal);
    expect(await readFile(partPathOf(store))).toEqual(bytesOf(0, 100_000));
    expect((await openFor(store.targetPath, { resume: false })).recovered).toBeNull();
  });

  test('of another file size: the caller has to start over, and then nothing old is left', async () => {
    const store = await begin(await makeFolder());
    give(store, 1, 0, 100_000);
    await store.keep();
    const second = await openFor(store.targetPath);
    expect(await codeOf(() => second.settleSize(TOTAL + 1))).toBe('bug');
    second.startOver();
    expect(second.recovered).toBeNull();
    expect((await stat(partPathOf(second))).size).toBe(0);
    second.settleSize(TOTAL + 1);
    second.addSource(9, 'http://nine/', null);
    second.admit(9);
    give(second, 9, TOTAL - 1000, TOTAL + 1, 2);
    second.flush();
    const third = await openAfterKill(second);
    expect(third.recovered?.totalBytes).toBe(TOTAL + 1);
    expect(rangesOf(third)).toEqual([[TOTAL - 1000, TOTAL + 1, 'nine']]);
  });
});

test('starting over needs every mirror to be admitted again', async () => {
  const store = await begin(await makeFolder());
  give(store, 1, 0, 100_000);
  store.startOver();
  give(store, 1, 0, 50_000, 2);
  give(store, 2, 50_000, 60_000, 2);
  store.admit(2);
  expect(rangesOf(await openAfterKill(store))).toEqual([[50_000, 60_000, 'two']]);
});

test('a journal cut anywhere never lays a byte at the wrong door', async () => {
  const store = await begin(await makeFolder());
  const names = ['http://one/', 'http://two/', 'http://three/'];
  const giverOf: string[] = [];
  for (let turn = 0; turn < 12; turn += 1) {
    const start = turn * 7_000;
    give(store, 1 + (turn % 3), start, start + 15_000, turn);
    for (let at = start; at < start + 15_000; at += 1) giverOf[at] = names[turn % 3] ?? '';
    if (turn === 5) store.admit(3);
    store.flush();
  }
  store.refuse(2);
  await store.keep();
  const journal = await readFile(journalPathOf(store));
  const part = await readFile(partPathOf(store));
  let mostBytes = 0;
  for (let cut = 0; cut <= journal.length; cut += 13) {
    const folder = path.join(path.dirname(partPathOf(store)), String(cut));
    await mkdir(folder);
    await writeFile(path.join(folder, 'file.plait'), part);
    await writeFile(path.join(folder, 'file.plait-journal'), journal.subarray(0, cut));
    const resumed = await openFor(path.join(folder, 'file'));
    let bytes = 0;
    for (const { start, end, url } of resumed.recovered?.runs ?? []) {
      expect(giverOf.slice(start, end).every((giver) => giver === url)).toBe(true);
      bytes += end - start;
    }
    mostBytes = Math.max(mostBytes, bytes);
    await resumed.keep();
  }
  expect(mostBytes).toBeGreaterThan(10_000);
});

test('a journal of many records is written anew, small, while records go on coming', async () => {
  const store = await begin(await makeFolder());
  let end = 0;
  const sizes: number[] = [];
  // Each flush adds one record of 37 bytes, and each lease of 100 bytes a run of its own.
  while (end < 60_000) {
    store.write({ leaseId: 1 + Math.floor(end / 100), mirrorId: 1 }, end, bytesOf(end, end + 1));
    store.flush();
    end += 1;
    if (end % 500 === 0) {
      sizes.push((await stat(journalPathOf(store))).size);
    }
  }
  expect(Math.max(...sizes)).toBeGreaterThan(JOURNAL_REWRITE_BYTES);
  expect(sizes.some((size, index) => size < (sizes[index - 1] ?? 0))).toBe(true);
  expect(rangesOf(await openAfterKill(store))).toEqual([[0, 60_000, 'one']]);
  const files = await readdir(path.dirname(partPathOf(store)));
  expect(files).toEqual(['file.plait', 'file.plait-journal']);
});
