/** The paths of one download, and the checks of them that come before anything is touched. */
import type { BigIntStats } from 'node:fs';
import { access, constants, lstat, open, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { FILE_NAME_MAX_BYTES } from '../base/bounds.ts';
import { PlaitError, diskError, systemCodeOf } from '../base/errors.ts';
import { cleanForeignText } from '../base/foreign-text.ts';
import type { StoreWorld } from './world.ts';

export interface TargetPaths {
  readonly folderPath: string;
  readonly fileName: string;
  readonly targetPath: string;
  readonly partPath: string;
  readonly journalPath: string;
  /** Where a journal is written anew, before it is renamed over the old one. */
  readonly newJournalPath: string;
  /** What failed its checksum. */
  readonly badPath: string;
}

export function pathsOf(targetPath: string): TargetPaths {
  const { dir, base } = path.parse(path.resolve(targetPath));
  const beside = (suffix: string): string => path.join(dir, base + suffix);
  return {
    folderPath: dir,
    fileName: base,
    targetPath: beside(''),
    partPath: beside('.plait'),
    journalPath: beside('.plait-journal'),
    newJournalPath: beside('.plait-journal-new'),
    badPath: beside('.plait-bad'),
  };
}

/**
 * Room for the names of what stands beside the target. The file systems of macOS and Windows count UTF-16 units, the
 * others bytes; a stricter one is found out when the first file is made.
 * @throws PlaitError `usage`
 */
export function checkName({ fileName }: TargetPaths, { platform }: Pick<StoreWorld, 'platform'>): void {
  const countsUnits = platform === 'darwin' || platform === 'win32';
  const length = countsUnits ? fileName.length : Buffer.byteLength(fileName);
  const over = length - FILE_NAME_MAX_BYTES;
  if (over <= 0) return;
  const unit = countsUnits ? 'characters' : 'bytes';
  throw new PlaitError('usage', `The name ${cleanForeignText(fileName, 40)} has ${length} ${unit}, ${over} too many: ${FILE_NAME_MAX_BYTES} leave room for the names of the part file and its journal. Choose a shorter one.`);
}

/** lstat, so that a link is seen as a link; null where there is nothing. */
export async function lookAt(path: string): Promise<BigIntStats | null> {
  try {
    return await lstat(path, { bigint: true });
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null;
    throw diskError(error, path);
  }
}

export const isSameFile = (a: { dev: bigint; ino: bigint }, b: { dev: bigint; ino: bigint }): boolean => a.dev === b.dev && a.ino === b.ino;

/**
 * The folder that the file goes to.
 * @throws PlaitError `folder-missing`, or `disk-failed` where it cannot be written to.
 */
export async function checkFolder(folderPath: string): Promise<BigIntStats> {
  const stats = await stat(folderPath, { bigint: true }).catch((error: unknown) => {
    const code = systemCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw diskError(error, folderPath);
  });
  if (stats === null || !stats.isDirectory()) throw new PlaitError('folder-missing', `The folder ${folderPath} does not exist. Make it first, or choose another place.`);
  try {
    await access(folderPath, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new PlaitError('disk-failed', `The folder ${folderPath} cannot be written to (${systemCodeOf(error) ?? String(error)}). Choose another place.`, { cause: error });
  }
  return stats;
}

/** Refuses anything at `path` that is not a regular file: a link, a folder, a pipe, a device. Gives what is there. */
export async function regularFileOrNothing(path: string): Promise<BigIntStats | null> {
  const stats = await lookAt(path);
  if (stats === null || stats.isFile()) return stats;
  const kind = stats.isDirectory() ? 'a folder' : stats.isSymbolicLink() ? 'a link' : stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
  throw new PlaitError('target-not-a-file', `${path} is ${kind}, and plait writes only to regular files. Choose another name.`);
}

export function targetExists(targetPath: string, more = ''): PlaitError {
  return new PlaitError('target-exists', `${targetPath} exists already.${more} Have it replaced, or choose another name.`);
}

/** Removes a file that may not be there. */
export async function removeIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (systemCodeOf(error) !== 'ENOENT') throw diskError(error, path);
  }
}

/** Makes the names in a folder durable. Windows and some network folders cannot, and do without. */
export async function syncFolder(folderPath: string, world: Pick<StoreWorld, 'platform'>): Promise<void> {
  if (world.platform === 'win32') return;
  try {
    const folder = await open(folderPath, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    const code = systemCodeOf(error);
    if (code === 'EINVAL' || code === 'ENOTSUP' || code === 'EOPNOTSUPP' || code === 'EACCES') return;
    throw diskError(error, folderPath);
  }
}
