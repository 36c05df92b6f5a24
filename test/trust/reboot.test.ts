/** After a restart of the machine what was synced is read back while the rest is fetched, and nothing wrong is published. */
import { open, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { decodeJournal, encodeHeader, encodeRecords } from '../../src/store/journal-format.ts';
import { fetchAll, KIB, kinds, MIB, newFolder, piecesOf, serveCopies, start } from './support.ts';
import type { Copy } from './support.ts';

const SIZE = 8 * MIB;
const honest: Copy = { sizeBytes: SIZE };
const right = { sizeBytes: SIZE, firstWrongByte: null };
const OTHER_BOOT = '0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b';

/** A folder in which a download was stopped at its half, and the machine has been restarted since. */
async function stoppedBefore(urls: readonly string[]): Promise<string> {
  const folder = await newFolder();
  const { download, ended } = await start(urls, { limitBytesPerSec: 8 * MIB }, folder);
  await new Promise<void>((resolve) => {
    download.views.subscribe(({ writtenBytes }) => {
      if (writtenBytes > SIZE / 2) resolve();
    });
  });
  download.abort();
  await ended;
  const path = join(folder, 'file.bin.plait-journal');
  const journal = decodeJournal(await readFile(path));
  if (journal.kind !== 'journal') throw new Error('The stopped download left no journal.');
  await writeFile(path, Buffer.concat([encodeHeader({ ...journal.header, bootId: OTHER_BOOT }), encodeRecords(journal.records, 0)]));
  // Written before this boot: otherwise another computer may be at it, and it is watched for a while.
  await utimes(join(folder, 'file.bin.plait'), 1, 1);
  return folder;
}

/** Spoils a byte that was written and synced; gives its place. */
async function spoilSyncedByte(folder: string): Promise<number> {
  const journal = decodeJournal(await readFile(join(folder, 'file.bin.plait-journal')));
  if (journal.kind !== 'journal') throw new Error('There is no journal.');
  const summed = journal.records.findLast((record) => record.type === 'summed');
  const run = journal.records.findLast((record) => record.type === 'written' && record.runId === summed?.runId);
  if (run?.type !== 'written') throw new Error('Nothing was synced.');
  const part = await open(join(folder, 'file.bin.plait'), 'r+');
  const byte = Buffer.alloc(1);
  await part.read(byte, 0, 1, run.start);
  await part.write(Buffer.from([byte.readUInt8(0) ^ 0xff]), 0, 1, run.start);
  await part.utimes(1, 1);
  await part.close();
  return run.start;
}

describe('after a restart of the machine', () => {
  test('what holds is not fetched again, and is said to have been read back', async () => {
    const urls = await serveCopies([honest, honest]);
    const ended = await fetchAll(urls, {}, await stoppedBefore(urls));
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result?.resumedBytes).toBeGreaterThan(SIZE / 2 - MIB);
    expect(kinds(ended, 'resumed')).toMatchObject([{ why: expect.stringContaining('read back') }]);
    expect(kinds(ended, 'recovery-read')).toHaveLength(1);
    expect(kinds(ended, 'recovery-lost')).toEqual([]);
  });

  test.each([['one server', [honest]], ['three', [honest, honest, honest]]])('a synced byte that the disk has lost is found by its sum and fetched again, from %s, without any checksum of the whole', async (_how, copies) => {
    const urls = await serveCopies(copies);
    const folder = await stoppedBefore(urls);
    await spoilSyncedByte(folder);
    const ended = await fetchAll(urls, {}, folder);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'recovery-lost')).toHaveLength(1);
    expect(kinds(ended, 'mirror-refused')).toEqual([]);
  });

  test('with piece hashes, what the disk has lost is not laid at a server’s door', async () => {
    const urls = await serveCopies([honest, honest]);
    const folder = await stoppedBefore(urls);
    await spoilSyncedByte(folder);
    const ended = await fetchAll(urls, { pieces: piecesOf(SIZE, 256 * KIB) }, folder);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'piece-refuted')).toEqual([]);
    expect(kinds(ended, 'mirror-refused')).toEqual([]);
  });
});
