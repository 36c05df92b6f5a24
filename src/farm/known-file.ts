import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, copyFile, mkdir, mkdtemp, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { FARM_HASH_FIRST_MAX_BYTES } from '../base/bounds.ts';
import { PlaitError, systemCodeOf } from '../base/errors.ts';
import { plainTag } from './file-source.ts';
import type { KnownFile } from './file-source.ts';

/** The file to serve, as it is at the start. */
export interface FileToServe {
  readonly file: KnownFile;
  /** Base64 of its SHA-256; null for a large file, whose digest takes too long to wait for. */
  readonly sha256: string | null;
}

/**
 * Looks at the file once for all servers, so that all agree on its entity tag: made of its time, size and content, or
 * without its content where that would take long to read.
 *
 * @throws PlaitError `usage` where there is no such file, or none that can be served; an AbortError where the signal ends the hashing.
 */
export async function fileToServe(path: string, signal?: AbortSignal): Promise<FileToServe> {
  const file = await knownFile(resolve(path), path);
  if (file.sizeBytes > FARM_HASH_FIRST_MAX_BYTES) return { file, sha256: null };
  const sha256 = await sha256Of(file.path, signal);
  return { file: { ...file, tag: `${file.tag}-${Buffer.from(sha256, 'base64').toString('hex', 0, 8)}` }, sha256 };
}

async function knownFile(path: string, asGiven: string): Promise<KnownFile> {
  try {
    const found = await stat(path, { bigint: true });
    if (!found.isFile()) throw new PlaitError('usage', `${asGiven} is ${found.isDirectory() ? 'a folder' : 'no regular file'}: name a file to serve.`);
    await access(path, constants.R_OK);
    const sizeBytes = Number(found.size);
    const modifiedAtMs = Number(found.mtimeNs) / 1e6;
    return { path, name: basename(path), sizeBytes, modifiedAtMs, tag: plainTag(sizeBytes, modifiedAtMs) };
  } catch (error) {
    if (error instanceof PlaitError) throw error;
    const code = systemCodeOf(error);
    const what = code === 'ENOENT' || code === 'ENOTDIR' ? 'does not exist' : `cannot be read (${code ?? String(error)})`;
    throw new PlaitError('usage', `${asGiven} ${what}: name a file to serve.`, { cause: error });
  }
}

/** Base64 of a file's SHA-256. Rejects when the signal aborts. */
export async function sha256Of(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const stream = createReadStream(path, { highWaterMark: 1024 * 1024, ...(signal === undefined ? {} : { signal }) });
  for await (const chunk of stream) hash.update(Buffer.isBuffer(chunk) ? chunk : String(chunk));
  return hash.digest('base64');
}

/** A copy of the file for each server, in a new folder of its own, which `remove` removes. */
export async function copiesOf(file: KnownFile, count: number, signal?: AbortSignal): Promise<{ folder: string; files: KnownFile[]; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'plait-farm-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const files: KnownFile[] = [];
    for (let index = 1; index <= count; index += 1) {
      signal?.throwIfAborted();
      files.push(await copyOf(file, join(folder, String(index), file.name)));
    }
    return { folder, files, remove };
  } catch (error) {
    await remove();
    signal?.throwIfAborted();
    throw new PlaitError('disk-failed', `The copies for the servers could not be made in ${folder} (${systemCodeOf(error) ?? String(error)}): make room there, or serve without --copies.`, { cause: error });
  }
}

async function copyOf(file: KnownFile, path: string): Promise<KnownFile> {
  await mkdir(dirname(path), { recursive: true });
  await copyFile(file.path, path, constants.COPYFILE_FICLONE);
  // Whole seconds are what Last-Modified shows, and what every file system keeps exactly.
  const seconds = Math.floor(file.modifiedAtMs / 1_000);
  await utimes(path, seconds, seconds);
  return { ...file, path, modifiedAtMs: seconds * 1_000 };
}
