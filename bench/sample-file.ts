/** The files that are fetched: incompressible, or sparse, with their digests. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

const BLOCK_BYTES = 4 * 1024 * 1024;

/** Writes `bytes` bytes that no two blocks share, and gives their SHA-256. */
export async function makeRandomFile(path: string, bytes: number): Promise<string> {
  const cipher = createCipheriv('aes-128-ctr', randomBytes(16), randomBytes(16));
  const zeros = Buffer.alloc(BLOCK_BYTES);
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    for (let at = 0; at < bytes; at += BLOCK_BYTES) {
      const block = cipher.update(zeros.subarray(0, Math.min(BLOCK_BYTES, bytes - at)));
      hash.update(block);
      await file.write(block, 0, block.length, at);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** A file of zeros that takes no room. */
export async function makeSparseFile(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: BLOCK_BYTES })) {
    if (chunk instanceof Uint8Array) hash.update(chunk);
  }
  return hash.digest('hex');
}
