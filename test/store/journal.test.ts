import fs from 'node:fs';
import { readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Journal } from '../../src/store/journal.ts';
import { decodeJournal } from '../../src/store/journal-format.ts';
import type { JournalRecord } from '../../src/store/journal-records.ts';
import type { Store } from '../../src/store/store.ts';
import { pathsOf } from '../../src/store/target.ts';
import type { TargetPaths } from '../../src/store/target.ts';
import { BOOT_A, bytesOf, makeFolder, openFor, sha256Of } from './support.ts';

const RECORD: JournalRecord = { type: 'admitted', sourceId: 1 };

async function beginJournal(): Promise<{ journal: Journal; paths: TargetPaths }> {
  const paths = pathsOf(path.join(await makeFolder(), 'file'));
  const journal = Journal.begin(paths, { totalBytes: 1_000, partDevice: 1n, partInode: 1n, bootId: BOOT_A }, [RECORD]);
  onTestFinished(() => journal.close());
  return { journal, paths };
}

async function recordsIn({ journalPath }: TargetPaths): Promise<number> {
  const decoded = decodeJournal(await readFile(journalPath));
  return decoded.kind === 'journal' ? decoded.records.length : 0;
}

/** From now on each file closes with an error, and is closed, as on a network disk that has run full. */
function closeWithErrors(): void {
  const close = fs.closeSync;
  const broken = vi.spyOn(fs, 'closeSync').mockImplementation((fd) => {
    close(fd);
    throw Object.assign(new Error('EIO: i/o error, close'), { code: 'EIO' });
  });
  onTestFinished(() => broken.mockRestore());
}

/** Until the function is called, no fsync of a journal comes to its end. */
function holdJournalSyncs(): () => void {
  const fsync = fs.fsync;
  const held: (() => void)[] = [];
  const holding = vi.spyOn(fs, 'fsync').mockImplementation((fd, done) => void held.push(() => fsync(fd, done)));
  const release = (): void => {
    holding.mockRestore();
    for (const go of held.splice(0)) go();
  };
  onTestFinished(release);
  return release;
}

test('a journal written anew takes records in its own file, also where the old one closes with an error', async () => {
  const { journal, paths } = await beginJournal();
  closeWithErrors();
  await journal.rewrite([RECORD]);
  // It gets the number of a descriptor that was closed by mistake.
  const bystander = path.join(paths.folderPath, 'bystander');
  const fd = fs.openSync(bystander, 'w');
  journal.append([RECORD]);
  expect((await stat(bystander)).size).toBe(0);
  expect(await recordsIn(paths)).toBe(2);
  vi.restoreAllMocks();
  fs.closeSync(fd);
});

test('a journal that cannot be written anew, nor what is left of the attempt removed, grows on', async () => {
  const { journal, paths } = await beginJournal();
  fs.mkdirSync(paths.newJournalPath);
  await journal.rewrite([RECORD]);
  journal.append([RECORD]);
  expect(await recordsIn(paths)).toBe(2);
});

/** A store whose next flush makes its journal so long that it is written anew. */
async function aboutToOvergrow(): Promise<Store> {
  const store = await openFor(path.join(await makeFolder(), 'file'));
  store.settleSize(60_000);
  for (let version = 0; version < 40; version += 1) store.addSource(1, `http://one/${'long/'.repeat(8_000)}`, `"${version}"`);
  store.write({ leaseId: 1, mirrorId: 1 }, 0, bytesOf(0, 60_000));
  return store;
}

/** Lets the disk do what it has to while the condition does not hold, and no longer than it takes by far. */
async function workUntil(folder: string, holds: () => boolean): Promise<void> {
  for (let step = 0; step < 200 && !holds(); step += 1) await stat(folder);
}

test.each(['publish', 'setAside'] as const)('a journal that is being written anew when a download ends (%s) does not come back', async (ending) => {
  const store = await aboutToOvergrow();
  const folder = path.dirname(store.targetPath);
  const journalPath = `${store.targetPath}.plait-journal`;
  const release = holdJournalSyncs();
  // The end of a publication flushes by itself.
  if (ending === 'setAside') store.flush();
  const ended = ending === 'publish' ? store.publish(60_000) : store.setAside();
  await workUntil(folder, () => fs.existsSync(`${journalPath}-new`));
  expect(fs.existsSync(`${journalPath}-new`)).toBe(true);
  await workUntil(folder, () => !fs.existsSync(journalPath));
  release();
  const finalPath = (await ended) ?? '';
  expect(await readdir(folder)).toEqual([path.basename(finalPath)]);
  expect(sha256Of(await readFile(finalPath))).toBe(sha256Of(bytesOf(0, 60_000)));
});
