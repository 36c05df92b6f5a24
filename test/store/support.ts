/** What the store's tests share: folders that go away, bytes that tell their position, and a machine to pretend to be on. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { PlaitError } from '../../src/base/errors.ts';
import type { PlaitErrorCode } from '../../src/base/errors.ts';
import { EMPTY, add, gapsIn } from '../../src/base/range-set.ts';
import type { RangeSet } from '../../src/base/range-set.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store, StoreOptions } from '../../src/store/store.ts';
import { pathsOf } from '../../src/store/target.ts';
import { thisMachine } from '../../src/store/world.ts';
import type { StoreWorld } from '../../src/store/world.ts';

export { KIB, MIB, bytesOf, sha256Of } from './patterned-bytes.ts';

export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plait-store-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export const BOOT_A = '0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a';
export const BOOT_B = '0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b';

/**
 * This machine, with a boot of its own choice that began after everything that was written. The timer never comes round:
 * tests bring things to the disk themselves.
 */
export function worldWith(changes: Partial<StoreWorld> = {}): StoreWorld {
  return { ...thisMachine(), bootId: BOOT_A, bootedAtMs: 8.64e15, syncMs: 3_600_000, ...changes };
}

/** A store that is closed at the test's end, whatever came of it. */
export async function openFor(targetPath: string, options: Partial<StoreOptions> = {}, world: StoreWorld = worldWith()): Promise<Store> {
  const store = await openStore({ targetPath, resume: true, force: false, ...options }, world);
  onTestFinished(() => store.keep());
  return store;
}

export const partPathOf = ({ targetPath }: Store): string => pathsOf(targetPath).partPath;
export const journalPathOf = ({ targetPath }: Store): string => pathsOf(targetPath).journalPath;

/** The code of the `PlaitError` that a call ends with; anything else fails the test. */
export async function codeOf(call: () => unknown): Promise<PlaitErrorCode> {
  try {
    await call();
  } catch (error) {
    if (error instanceof PlaitError) return error.code;
    throw error;
  }
  throw new Error('The call was expected to fail and did not.');
}

/**
 * What a new process would find if the one that holds `store` were killed now: the same files on the same boot. The
 * dead process is played by a store that nobody calls any more, and its lock by another place for locks.
 */
export async function openAfterKill(store: Store, world: StoreWorld = worldWith()): Promise<Store> {
  return openFor(store.targetPath, {}, { ...world, platform: 'darwin', socketFolder: await makeFolder() });
}

/** The recovered ranges that count once all of them were read back, in the same short form. */
export async function believedBy(store: Store): Promise<[number, number, string][]> {
  let lost: RangeSet = EMPTY;
  await store.readBack((part) => (lost = part.lost.reduce((set, range) => add(set, range), lost)));
  return rangesOf(store).flatMap(([start, end, url]) => gapsIn(lost, { start, end }).map((gap): [number, number, string] => [gap.start, gap.end, url]));
}

/** The recovered ranges as `[start, end, last letters of the URL]`, for short expectations. */
export const rangesOf = (store: Store): [number, number, string][] =>
  (store.recovered?.runs ?? []).map(({ start, end, url }) => [start, end, url.replace('http://', '').replace('/', '')]);
