/** Servers that each spoil some places of their own, by chance: every byte is right at all of them but one. */
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { seededRandom, seedsOf } from '../support/seeded.ts';
import { isThorough } from '../support/thorough.ts';
import { fetchAll, KIB, kinds, MIB, oracleBytes, serveCopy } from './support.ts';
import type { Copy } from './support.ts';

const SIZE = 3 * MIB - 1_234;
const BLOCK_BYTES = 64 * KIB;
const checksum = `sha-256=${createHash('sha256').update(oracleBytes(0, SIZE)).digest('hex')}`;

/** Three to six servers. Of up to four blocks in ten one of them has a wrong byte, or several far apart; but not at the ends, which are compared before. */
function copiesOf(seed: number): readonly Copy[] {
  const random = seededRandom(seed);
  const spoiled: number[][] = Array.from({ length: 3 + Math.floor(random() * 4) }, () => []);
  const share = random() * 0.4;
  const wrongInBlock = random() < 0.2 ? 3 : 1;
  for (let start = BLOCK_BYTES; start < SIZE - 2 * BLOCK_BYTES; start += BLOCK_BYTES) {
    if (random() >= share) continue;
    const wrong = spoiled[Math.floor(random() * spoiled.length)] ?? [];
    for (let nth = 0; nth < wrongInBlock; nth += 1) wrong.push(start + Math.floor(((nth + random()) * BLOCK_BYTES) / wrongInBlock));
  }
  return spoiled.map((places) => ({ sizeBytes: SIZE, spoiled: places }));
}

test.each(seedsOf(isThorough ? 100 : 8))('a checksum that fails because each server spoils places of its own is mended for no more traffic than the file once (seed %i)', async (seed) => {
  const origins = await Promise.all(copiesOf(seed).map(serveCopy));
  const ended = await fetchAll(origins.map(({ url }) => `${url}/file.bin`), { checksum, seed });
  const [began] = kinds(ended, 'searching');
  let askedBytes = 0;
  for (const { atMs, headers } of origins.flatMap(({ requests }) => requests)) {
    const range = /^bytes=(\d+)-(\d+)$/u.exec(headers.range ?? '');
    if (range !== null && atMs >= (began?.atMs ?? Infinity)) askedBytes += Number(range[2]) + 1 - Number(range[1]);
  }
  expect(askedBytes).toBeLessThanOrEqual(SIZE);
  expect(ended.error).toBeNull();
  expect(await ended.verdict()).toMatchObject({ sizeBytes: SIZE, firstWrongByte: null });
});
