/**
 * The lock of a target is the kernel's, so it holds on one computer. In a folder that several share, a download on
 * another one shows in its traces: a journal of another boot than ours, beside a part file that is being written.
 */
import { open } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { ELSEWHERE_LOOK_MS, ELSEWHERE_WATCH_MS } from '../base/bounds.ts';
import { PlaitError, diskError } from '../base/errors.ts';
import type { JournalHeader } from './journal-format.ts';
import type { TargetPaths } from './target.ts';
import type { StoreWorld } from './world.ts';

interface Trace {
  readonly sizeBytes: bigint;
  readonly changedAtNs: bigint;
}

/** Opened each time: that makes a network folder ask its server how the file stands. */
async function traceOf(partPath: string): Promise<Trace> {
  try {
    const file = await open(partPath, 'r');
    try {
      const { size, mtimeNs } = await file.stat({ bigint: true });
      return { sizeBytes: size, changedAtNs: mtimeNs };
    } finally {
      await file.close();
    }
  } catch (error) {
    throw diskError(error, partPath);
  }
}

/**
 * Watches a part file that was written on another boot since this one began: after a restart of this machine there is
 * none such, so that only a shared folder, or a clock that was set, costs the wait.
 * @throws PlaitError `target-in-use` where it changes meanwhile
 */
export async function throwIfWrittenElsewhere({ partPath, targetPath }: TargetPaths, { bootId: writtenOn }: JournalHeader, { bootId, bootedAtMs }: StoreWorld): Promise<void> {
  if (bootId === null || writtenOn === null || writtenOn === bootId) return;
  const before = await traceOf(partPath);
  if (before.changedAtNs < BigInt(Math.floor(bootedAtMs)) * 1_000_000n) return;
  for (let watchedMs = 0; watchedMs < ELSEWHERE_WATCH_MS; watchedMs += ELSEWHERE_LOOK_MS) {
    await pause(ELSEWHERE_LOOK_MS);
    const now = await traceOf(partPath);
    if (now.sizeBytes === before.sizeBytes && now.changedAtNs === before.changedAtNs) continue;
    throw new PlaitError('target-in-use', `Another computer is downloading to ${targetPath}: the part file in this shared folder is being written. Wait for it or stop it, or choose another name.`);
  }
}
