/** The farm's front door: servers of one file, each a process of its own, wired to the machines that see to them. */
import { createActor } from 'xstate';
import type { InspectionEvent } from 'xstate';
import { farmMachine } from '../machines/farm.ts';
import { farmWish } from './farm-options.ts';
import type { FarmOptions } from './farm-options.ts';
import { copiesOf, fileToServe } from './known-file.ts';
import { serverMachineOver } from './process-actor.ts';
import { RunningFarm } from './running-farm.ts';
import type { Farm } from './running-farm.ts';
import { ServerProcess } from './server-process.ts';

export type { FarmOptions } from './farm-options.ts';
export type { FarmServerView, FarmView } from './farm-view.ts';
export type { Farm, FarmServer } from './running-farm.ts';

/**
 * Starts a farm. Settles when every server listens; rejects with an AbortError where `signal` is aborted before.
 *
 * @param inspect hears of the machines, as xstate's `inspect` does
 * @throws PlaitError `usage` for a file, a port or a fault that cannot be; `disk-failed` where copies cannot be made.
 */
export async function startFarm(options: FarmOptions, inspect?: (event: InspectionEvent) => void): Promise<Farm> {
  const { servers: wishes, input } = farmWish(options);
  const { file, sha256 } = await fileToServe(options.filePath, options.signal);
  const copies = options.copies === true ? await copiesOf(file, wishes.length, options.signal) : null;
  const host = options.host ?? '127.0.0.1';
  const processes = wishes.map((wish, position) => new ServerProcess({
    ...wish,
    file: copies?.files[position] ?? file,
    host,
    slowStart: options.slowStart ?? false,
    // Each server has a row of its own, and the same one in every run.
    seed: (options.seed ?? 1) * 1_000 + position,
    sentBytes: 0,
    beganAtMs: null,
    sha256,
    orphanFolder: copies?.folder ?? null,
  }));
  const machine = farmMachine.provide({ actors: { server: serverMachineOver(processes) } });
  const actor = createActor(machine, { input, ...(inspect === undefined ? {} : { inspect }) });
  const farm = new RunningFarm({ actor, processes, host, file, removeCopies: copies?.remove ?? (async () => {}) });
  await farm.start();
  if (options.signal?.aborted === true) {
    await farm.close();
    options.signal.throwIfAborted();
  }
  if (sha256 === null) farm.hashLater();
  return farm;
}
