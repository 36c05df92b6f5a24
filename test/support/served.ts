/** Farms for tests of the whole program, and what tests wait for on them. */
import { filter, firstValueFrom } from 'rxjs';
import { onTestFinished } from 'vitest';
import type { Farm, FarmOptions, FarmView } from '../../src/farm/farm.ts';
import type { RunningPlait, SourceFile } from './plait.ts';
import { startFarm } from './start-farm.ts';

/** A farm of the file on free ports, closed when the test ends. */
export async function serveFile(source: SourceFile, options: Omit<FarmOptions, 'filePath'> = {}): Promise<Farm> {
  const farm = await startFarm({ filePath: source.path, ...options });
  onTestFinished(() => farm.close());
  return farm;
}

export const urlsOf = (farm: Farm): readonly string[] => farm.servers.map(({ url }) => url);

/** The ports as `--ports` takes them. */
export const portsOf = (farm: Farm): string => farm.servers.map(({ port }) => port).join(',');

/** The first view, from now on, that fits. */
export const viewWhere = (farm: Farm, fits: (view: FarmView) => boolean): Promise<FarmView> => firstValueFrom(farm.views.pipe(filter(fits)));

/** Bytes of the file that all servers have sent, once nobody is connected any more. */
export async function sentInAll(farm: Farm): Promise<number> {
  const view = await viewWhere(farm, ({ servers }) => servers.every(({ connections, state }) => connections === 0 || state !== 'alive'));
  return view.servers.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
}

/** Gives a server a fault and waits until it is in force. */
export async function afflict(farm: Farm, index: number, fault: string): Promise<void> {
  farm.fault(index, fault);
  await viewWhere(farm, ({ servers }) => (servers[index - 1]?.faults.length ?? 0) > 0);
}

/** Every server alive, and without any fault. */
export async function healAll(farm: Farm): Promise<void> {
  for (const { index, state } of farm.servers) {
    if (state === 'alive') farm.fault(index, 'heal');
    else await farm.revive(index);
  }
  await viewWhere(farm, ({ servers }) => servers.every(({ faults, state }) => faults.length === 0 && state === 'alive'));
}

/** Whether a run with `--json` has told of so many bytes. */
const hasTold = (atLeastBytes: number) => (stdout: string): boolean => {
  const last = stdout.lastIndexOf('"type":"progress"');
  const told = last < 0 ? null : /"bytes":(\d+)/u.exec(stdout.slice(last));
  return told !== null && Number(told[1]) >= atLeastBytes;
};

/** Settles once a run with `--json` has told of so many bytes. */
export const hasWritten = (plait: RunningPlait, atLeastBytes: number): Promise<void> => plait.said(hasTold(atLeastBytes));

/** The same, or it has ended: for moments of chance. */
export const hasWrittenOrEnded = (plait: RunningPlait, atLeastBytes: number): Promise<void> => plait.saidOrEnded(hasTold(atLeastBytes));
