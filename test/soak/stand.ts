/** What all scenarios of a soak share: one farm for each file, kept and healed between scenarios. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { startFarm } from '../../src/farm/farm.ts';
import type { Farm } from '../../src/farm/farm.ts';
import { writeOracleFile } from '../support/oracle.ts';
import { FILE_SIZES, SERVERS } from './scenario.ts';

export interface Booth {
  readonly farm: Farm;
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly urls: readonly string[];
}

export interface Stand {
  /** For whatever scenarios write; empty between them. */
  readonly folder: string;
  readonly booths: readonly Booth[];
  close(): Promise<void>;
}

export async function openStand(seed: number): Promise<Stand> {
  const root = await mkdtemp(join(tmpdir(), 'plait-soak-'));
  const folder = await mkdtemp(join(root, 'work-'));
  const booths: Booth[] = [];
  for (const [index, sizeBytes] of FILE_SIZES.entries()) {
    const filePath = join(root, `source-${index}.bin`);
    const sha256 = await writeOracleFile(filePath, sizeBytes);
    const farm = await startFarm({ filePath, count: SERVERS, seed });
    booths.push({ farm, sizeBytes, sha256, urls: farm.servers.map(({ url }) => `${url}file.bin`) });
  }
  return {
    folder,
    booths,
    async close() {
      await Promise.all(booths.map(({ farm }) => farm.close()));
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Every server alive and without faults again. */
export async function heal({ farm }: Booth): Promise<void> {
  for (const { index, state } of farm.servers) {
    if (state !== 'alive') await farm.revive(index);
    farm.fault(index, 'heal');
  }
  await firstValueFrom(farm.views.pipe(filter(({ servers }) => servers.every(({ faults, state }) => state === 'alive' && faults.length === 0))));
}
