import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Bytes of which each tells its place: any shift, swap or gap shows. */
export function placedBytes(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (Math.imul(index ^ (index >>> 11), 0x9e3779b1) >>> 24) & 0xff;
  return bytes;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A new folder, removed by whoever made it. */
export async function newFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'plait-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** A folder with one file of placed bytes, removed when the test ends. */
export async function placedFile(length: number, name = 'file.bin'): Promise<{ folder: string; path: string; bytes: Buffer }> {
  const { path: folder, remove } = await newFolder();
  onTestFinished(remove);
  const bytes = placedBytes(length);
  const path = join(folder, name);
  await writeFile(path, bytes);
  return { folder, path, bytes };
}
