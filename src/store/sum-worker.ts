/**
 * Sums stretches of the part file in a thread of its own. They were written within the last seconds, so they come from
 * the page cache and not from the disk.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { crcOf } from './crc-of.ts';
import type { Stretch } from './crc-of.ts';
import { PartFile } from './part-file.ts';

export interface SumTask {
  readonly partPath: string;
}

/** One CRC-32 for each stretch, in their order; null where the file is shorter or could not be read. */
export type SumAnswer = (number | null)[];

const port = parentPort;
const { partPath }: SumTask = workerData;
const opened = PartFile.reopen(partPath, 'reading');

port?.on('message', (stretches: readonly Stretch[]) => void answer(stretches));

async function answer(stretches: readonly Stretch[]): Promise<void> {
  const crcs: SumAnswer = [];
  try {
    const part = await opened;
    for (const stretch of stretches) crcs.push(await crcOf(part, stretch));
  } catch {
    // What is missing from the answer stays without a sum, and is asked for again.
  }
  port?.postMessage(crcs, []);
}
