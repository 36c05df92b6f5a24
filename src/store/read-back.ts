/** What was written before a restart of the machine is read back, run by run, and held against its CRC-32. */
import { crcOf } from './crc-of.ts';
import type { Checkpoint, Run } from './ledger.ts';
import type { PartFile } from './part-file.ts';

/** How far a run is what was written: up to its sum, or up to what was synced of it; null for not at all. */
export async function checkpointThatHolds(part: PartFile, { start, sum, synced }: Run): Promise<Checkpoint | null> {
  for (const checkpoint of [sum, synced]) {
    if (checkpoint !== null && (await crcOf(part, { start, end: checkpoint.end, crc: 0 })) === checkpoint.crc) return checkpoint;
  }
  return null;
}
