/** What must not grow while a soak runs. */
import { readdirSync, readFileSync } from 'node:fs';

export interface Holdings {
  readonly descriptors: number;
  readonly children: number;
  readonly heapBytes: number;
}

/** Children of this process that live, by /proc; 0 where there is none. */
function childrenNow(): number {
  try {
    return readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter((pid) => pid !== '').length;
  } catch {
    return 0;
  }
}

function descriptorsNow(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return 0;
  }
}

export const holdingsNow = (): Holdings => ({ descriptors: descriptorsNow(), children: childrenNow(), heapBytes: process.memoryUsage().heapUsed });

/** Sockets that are closing and threads that are ending: a few come and go. */
const DESCRIPTORS_SLACK = 12;
const HEAP_SLACK_BYTES = 256 * 1024 * 1024;

/** What has grown beyond what comes and goes; null where nothing has. */
export function leakSince(before: Holdings, now: Holdings): string | null {
  if (now.children > before.children) return `${now.children - before.children} processes are left over`;
  if (now.descriptors > before.descriptors + DESCRIPTORS_SLACK) return `${now.descriptors - before.descriptors} descriptors are left over`;
  if (now.heapBytes > before.heapBytes + HEAP_SLACK_BYTES) return `the heap has grown by ${Math.round((now.heapBytes - before.heapBytes) / 1024 / 1024)} MiB`;
  return null;
}
