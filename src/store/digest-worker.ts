/**
 * Hashes the part file in a thread of its own, from its first byte up to a front that moves. It reads what was
 * written moments ago, so the bytes come from the page cache and not from the disk.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { READ_BUFFER_BYTES } from '../base/bounds.ts';
import { systemCodeOf } from '../base/errors.ts';

export interface DigestTask {
  readonly partPath: string;
  /** As node:crypto calls it. */
  readonly hashName: string;
}

/** Always the whole of what is wanted, so that of two orders only the later one matters. */
export interface DigestOrder {
  /** Counts how often hashed bytes have changed; with another one, hashing begins at 0 again. */
  readonly generation: number;
  readonly front: number;
  /** Give the digest once the front is reached. */
  readonly isEnd: boolean;
}

export type DigestAnswer =
  | { readonly generation: number; readonly front: number; readonly hex: string }
  /** `code`: the system's, or null where the file ended before the front. */
  | { readonly generation: number; readonly hex: null; readonly code: string | null };

const port = parentPort;
const { partPath, hashName }: DigestTask = workerData;
const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);
let order: DigestOrder = { generation: 0, front: 0, isEnd: false };
let fd: number | null = null;
let isFollowing = false;
let generation = 0;
let offset = 0;
let hash: Hash = createHash(hashName);

port?.on('message', (next: DigestOrder) => {
  order = next;
  if (!isFollowing) void follow();
});

async function follow(): Promise<void> {
  isFollowing = true;
  try {
    while (advance()) await setImmediate();
    if (order.isEnd) port?.postMessage({ generation, front: offset, hex: hash.copy().digest('hex') } satisfies DigestAnswer);
  } catch (error) {
    port?.postMessage({ generation, hex: null, code: systemCodeOf(error) } satisfies DigestAnswer);
  }
  isFollowing = false;
}

/** One read's worth of hashing; false where the front is reached. Orders are looked at between two. */
function advance(): boolean {
  if (generation !== order.generation || offset > order.front) {
    generation = order.generation;
    offset = 0;
    hash = createHash(hashName);
  }
  if (offset === order.front) return false;
  fd ??= openSync(partPath, 'r');
  const bytesRead = readSync(fd, buffer, 0, Math.min(buffer.length, order.front - offset), offset);
  if (bytesRead === 0) throw new Error('The part file ends before the front that was to be hashed.');
  hash.update(buffer.subarray(0, bytesRead));
  offset += bytesRead;
  return true;
}
