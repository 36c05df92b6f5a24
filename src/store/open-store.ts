/** Opens the disk side of a download: every check first, then the lock, and only then is anything touched. */
import { PlaitError } from '../base/errors.ts';
import { DiskStore } from './disk-store.ts';
import type { DiskStoreParts } from './disk-store.ts';
import { throwIfWrittenElsewhere } from './elsewhere.ts';
import type { DecodedJournal } from './journal-format.ts';
import { Ledger } from './ledger.ts';
import { takeLock } from './lock.ts';
import { PartFile } from './part-file.ts';
import { journalForeign, readJournal, recoverLedger, recoveredOf } from './recover.ts';
import type { Store, StoreOptions } from './store.ts';
import { checkFolder, checkName, isSameFile, lookAt, pathsOf, regularFileOrNothing, removeIfThere, syncFolder, targetExists } from './target.ts';
import type { TargetPaths } from './target.ts';
import { thisMachine } from './world.ts';
import type { StoreWorld } from './world.ts';

/**
 * Takes the lock of a target and readies its part file, going on from an earlier run where its journal fits.
 * @throws PlaitError `folder-missing`, `disk-failed` or `disk-full`, `target-exists`, `target-not-a-file`,
 * `target-in-use`, `journal-foreign`, or `usage` for a name that is too long. Where a download had finished and was stopped while cleaning up, the cleaning is
 * finished and the error is `target-exists`, saying so.
 */
export async function openStore(options: StoreOptions, world: StoreWorld = thisMachine()): Promise<Store> {
  const paths = pathsOf(options.targetPath);
  checkName(paths, world);
  const folder = await checkFolder(paths.folderPath);
  const lock = await takeLock({ device: folder.dev, inode: folder.ino, fileName: paths.fileName, targetPath: paths.targetPath }, world);
  try {
    const journal = await checkTarget(paths, options, world);
    const begun = (await resume(paths, journal, world)) ?? (await startFresh(paths));
    try {
      return new DiskStore({ ...begun, paths, lock, force: options.force }, world);
    } catch (error) {
      await begun.part.close();
      throw error;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Looks at all four names, and gives the journal to go on from, if any. */
async function checkTarget(paths: TargetPaths, { force, resume }: StoreOptions, world: StoreWorld): Promise<DecodedJournal | null> {
  const target = await regularFileOrNothing(paths.targetPath);
  const part = await regularFileOrNothing(paths.partPath);
  const journal = await readJournal(paths.journalPath);
  if (target !== null) {
    // One inode under both names (a stop after link), or the journal's part file under the final one (after rename).
    const renamed = part === null && journal?.kind === 'journal' && isSameFile(target, { dev: journal.header.partDevice, ino: journal.header.partInode });
    const hasFinished = renamed || (part !== null && isSameFile(target, part));
    if (hasFinished) await finishCleaning(paths, world);
    if (!force) throw targetExists(paths.targetPath, hasFinished ? ' An earlier download of it had finished; what that left behind is cleaned up now.' : '');
    if (hasFinished) return null;
  }
  if (part !== null && journal?.kind === 'journal') await throwIfWrittenElsewhere(paths, journal.header, world);
  if (!resume) return null;
  if (journal?.kind === 'foreign') throw journalForeign(paths.journalPath);
  return part === null ? null : journal;
}

async function finishCleaning(paths: TargetPaths, world: StoreWorld): Promise<void> {
  await syncFolder(paths.folderPath, world);
  await removeIfThere(paths.partPath);
  await removeIfThere(paths.journalPath);
  await removeIfThere(paths.newJournalPath);
}

type Begun = Pick<DiskStoreParts, 'part' | 'beginning' | 'recovered'>;

/** Null where there is nothing to go on from. */
async function resume(paths: TargetPaths, journal: DecodedJournal | null, world: StoreWorld): Promise<Begun | null> {
  if (journal?.kind !== 'journal') return null;
  const part = await PartFile.reopen(paths.partPath);
  try {
    const ledger = recoverLedger(journal, part, world.bootId);
    if (ledger.vouched().length > 0 || ledger.provisional().length > 0) {
      const { totalBytes } = journal.header;
      return { part, beginning: { ledger, totalBytes }, recovered: recoveredOf(ledger, totalBytes) };
    }
  } catch (error) {
    await part.close();
    throw error;
  }
  await part.close();
  return null;
}

/** What is there without a journal that vouches for it is of no use, and is ours by its name. */
async function startFresh(paths: TargetPaths): Promise<Begun> {
  await removeIfThere(paths.journalPath);
  await removeIfThere(paths.newJournalPath);
  // Removed and made anew rather than truncated: the old file may have another name somewhere, under which it is kept.
  await removeIfThere(paths.partPath);
  if ((await lookAt(paths.partPath)) !== null) throw new PlaitError('disk-failed', `${paths.partPath} could not be removed.`);
  return { part: await PartFile.create(paths.partPath), beginning: { ledger: new Ledger(), totalBytes: null }, recovered: null };
}
