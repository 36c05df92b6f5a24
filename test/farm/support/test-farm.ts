import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, onTestFinished } from 'vitest';
import type { Farm, FarmOptions, FarmView } from '../../../src/farm/farm.ts';
import { newFolder, placedBytes } from './test-file.ts';
import { startFarm } from '../../support/start-farm.ts';

/** A farm that is closed when the test ends. */
export async function testFarm(options: FarmOptions): Promise<Farm> {
  const farm = await startFarm(options);
  onTestFinished(() => farm.close());
  return farm;
}

/** A farm of one server and `length` placed bytes for all tests of a group; the function gives it once it stands. */
export function sharedFarm(length: number): () => Farm {
  let farm: Farm | undefined;
  let remove = async (): Promise<void> => {};
  beforeAll(async () => {
    const folder = await newFolder();
    remove = folder.remove;
    const filePath = join(folder.path, 'file.bin');
    await writeFile(filePath, placedBytes(length));
    farm = await startFarm({ filePath, count: 1 });
  });
  afterAll(async () => {
    await farm?.close();
    await remove();
  });
  return () => {
    if (farm === undefined) throw new Error('The farm does not stand yet.');
    return farm;
  };
}

/** The first view, from now on, that fits. */
export const viewWhere = (farm: Farm, fits: (view: FarmView) => boolean): Promise<FarmView> => firstValueFrom(farm.views.pipe(filter(fits)));

/** Gives a server a fault and waits until it is in force. */
export async function afflict(farm: Farm, index: number, fault: string, label = fault): Promise<void> {
  farm.fault(index, fault);
  await viewWhere(farm, (view) => view.servers[index - 1]?.faults.includes(label) === true);
}

/** Takes every fault from a server and waits until it is well. */
export async function heal(farm: Farm, index: number): Promise<void> {
  farm.fault(index, 'heal');
  await viewWhere(farm, (view) => view.servers[index - 1]?.faults.length === 0);
}

export const portOf = (farm: Farm, index: number): number => farm.servers[index - 1]?.port ?? 0;
export const urlOf = (farm: Farm, index: number): string => farm.servers[index - 1]?.url ?? '';
