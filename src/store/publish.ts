/** How the part file gets its final name: once, whole, and never over something else by accident. */
import { open, rename } from 'node:fs/promises';
import { PlaitError, diskError, systemCodeOf } from '../base/errors.ts';
import type { PartFile } from './part-file.ts';
import { regularFileOrNothing, removeIfThere, syncFolder, targetExists } from './target.ts';
import type { TargetPaths } from './target.ts';
import type { StoreWorld } from './world.ts';

/** What link(2) says on file systems without hard links (FAT, some network folders, Windows' exFAT). */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL', 'EISDIR', 'EXDEV']);

export interface Publication {
  readonly part: PartFile;
  readonly paths: TargetPaths;
  readonly totalBytes: number;
  readonly force: boolean;
  /** Brings all of the part file to the disk; what it cannot is never believed again. */
  readonly sync: () => Promise<void>;
  /** Comes before the journal is removed: nothing puts it back after that. */
  readonly endJournal: () => Promise<void>;
}

/**
 * fsync, then the name, then the folder's fsync, and only then part file and journal go: at whichever step the
 * machine stops, either the name leads to the whole file or everything for a resume is there.
 * @throws PlaitError `target-exists`, `target-not-a-file`, or a disk error; all is kept for a resume.
 */
export async function publishPart(publication: Publication, world: StoreWorld): Promise<void> {
  const { part, paths, sync, endJournal } = publication;
  await settleLength(publication);
  await sync();
  await part.close();
  await giveFinalName(publication, world);
  await syncFolder(paths.folderPath, world);
  await endJournal();
  await removeIfThere(paths.partPath);
  await removeIfThere(paths.journalPath);
}

async function settleLength({ part, paths, totalBytes }: Publication): Promise<void> {
  if (!(await part.isAtItsPath())) {
    throw new PlaitError('disk-failed', `${paths.partPath} was moved or replaced while plait was writing to it, so nothing was published.`);
  }
  const { sizeBytes } = part.identity();
  if (sizeBytes < totalBytes) {
    throw new PlaitError('disk-failed', `${paths.partPath} was cut to ${sizeBytes} of ${totalBytes} bytes by somebody else, so nothing was published.`);
  }
  if (sizeBytes > totalBytes) part.truncate(totalBytes);
}

async function giveFinalName({ paths, force }: Publication, world: StoreWorld): Promise<void> {
  const { partPath, targetPath } = paths;
  const existing = await regularFileOrNothing(targetPath);
  if (existing !== null && !force) throw takenMeanwhile(paths);
  try {
    if (existing !== null) await rename(partPath, targetPath);
    else await world.link(partPath, targetPath);
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EEXIST') throw takenMeanwhile(paths);
    if (existing !== null || code === null || !NO_LINKS.has(code)) throw diskError(error, targetPath);
    await renameOntoOwnName(paths);
  }
}

/** Without links: an empty file of our own takes the name, if it is free, and the part file then replaces it. */
async function renameOntoOwnName(paths: TargetPaths): Promise<void> {
  const { partPath, targetPath } = paths;
  try {
    const placeholder = await open(targetPath, 'wx', 0o666);
    await placeholder.close();
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') throw takenMeanwhile(paths);
    throw diskError(error, targetPath);
  }
  try {
    await rename(partPath, targetPath);
  } catch (error) {
    await removeIfThere(targetPath);
    throw diskError(error, targetPath);
  }
}

const takenMeanwhile = ({ targetPath, partPath }: TargetPaths): PlaitError => targetExists(targetPath, ` What was downloaded is kept in ${partPath}.`);
