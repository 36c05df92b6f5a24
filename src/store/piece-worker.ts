/** Hashes pieces of the part file in a thread of its own, and parts of them, so that givers can be told apart. */
import { createHash } from 'node:crypto';
import { openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { READ_BUFFER_BYTES } from '../base/bounds.ts';
import { systemCodeOf } from '../base/errors.ts';
import type { ByteRange } from '../base/range.ts';

export interface PieceTask {
  readonly partPath: string;
}

/** One piece to hash, and parts that are hashed for comparing. */
export interface PieceOrder {
  readonly orderId: number;
  /** As node:crypto calls it. */
  readonly hashName: string;
  readonly piece: ByteRange;
  readonly parts: readonly ByteRange[];
}

export type PieceAnswer =
  | { readonly orderId: number; readonly hex: string; readonly partHashes: readonly string[] }
  /** `code`: the system's, or null where the file ended before the piece did. */
  | { readonly orderId: number; readonly hex: null; readonly code: string | null };

const port = parentPort;
const { partPath }: PieceTask = workerData;
const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);
let fd: number | null = null;

function hashOf({ start, end }: ByteRange, hashName: string): string {
  fd ??= openSync(partPath, 'r');
  const hash = createHash(hashName);
  for (let position = start; position < end;) {
    const bytesRead = readSync(fd, buffer, 0, Math.min(buffer.length, end - position), position);
    if (bytesRead === 0) throw new Error('The part file ends before the piece does.');
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return hash.digest('hex');
}

function answerTo({ orderId, hashName, piece, parts }: PieceOrder): PieceAnswer {
  try {
    return { orderId, hex: hashOf(piece, hashName), partHashes: parts.map((part) => hashOf(part, 'sha256')) };
  } catch (error) {
    return { orderId, hex: null, code: systemCodeOf(error) };
  }
}

port?.on('message', (order: PieceOrder) => port.postMessage(answerTo(order)));
