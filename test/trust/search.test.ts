/** With only a checksum of the whole file: the wrong bytes are found, replaced and laid at the right door. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { answerCopy, fetchAll, kinds, MIB, oracleBytes, serveCopies } from './support.ts';
import type { Copy } from './support.ts';

const SIZE = 12 * MIB - 4_321;
const honest: Copy = { sizeBytes: SIZE };
const right = { sizeBytes: SIZE, firstWrongByte: null };
const checksum = `sha-256=${createHash('sha256').update(oracleBytes(0, SIZE)).digest('hex')}`;
/** One spoiled byte in each half MiB, so that whatever the server is given to do holds one; no sample meets any. */
const spoiled: Copy = { sizeBytes: SIZE, spoiled: Array.from({ length: 23 }, (_, index) => 262_145 + index * MIB / 2) };

/** Chance that leads no sample to a spoiled byte. */
const options = { checksum, seed: 4 };

describe('a checksum that fails', () => {
  test.each([1, 2, 3])('leads to server %i of three, whose bytes are fetched again from the others', async (mirrorId) => {
    const copies = [honest, honest, honest].map((copy, index) => (index === mirrorId - 1 ? spoiled : copy));
    const ended = await fetchAll(await serveCopies(copies), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result).toMatchObject({ verified: 'checksum' });
    expect(kinds(ended, 'searching')).toHaveLength(1);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId, why: expect.stringContaining('checksum') }]);
    // At most the file once more, and what was sampled, cut off, and fetched in the place of wrong blocks.
    expect(ended.result?.wastedBytes).toBeLessThan(1.3 * SIZE);
    expect(ended.left).toEqual(['file.bin']);
  });

  test.each([1, 2])('leads to server %i of two, by trying the other’s bytes', async (mirrorId) => {
    const copies = [honest, honest].map((copy, index) => (index === mirrorId - 1 ? spoiled : copy));
    const ended = await fetchAll(await serveCopies(copies), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId }]);
  });

  test('because of one byte that was spoiled on its way once', async () => {
    let isSpoiled = false;
    const once = await startOrigin((request, response) => {
      const range = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? '');
      const place = Number(range?.[1]) + 100_000;
      const isLease = Number(range?.[2]) - Number(range?.[1]) > 200_000 && Number(range?.[2]) < SIZE;
      answerCopy(request, response, isLease && !isSpoiled ? { ...honest, spoiled: [place] } : honest);
      isSpoiled ||= isLease;
    });
    const ended = await fetchAll([`${once.url}/file.bin`, ...(await serveCopies([honest]))], options);
    expect(isSpoiled).toBe(true);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
  });

  test('where all servers agree on the wrong bytes ends with exit 4, set aside and under no final name', async () => {
    const bad: Copy = { ...honest, spoiled: [5 * MIB] };
    const ended = await fetchAll(await serveCopies([bad, bad, bad]), options);
    expect(ended.error).toMatchObject({ code: 'checksum-mismatch', exitCode: 4 });
    expect(ended.left).toEqual(['file.bin.plait-bad']);
  });

  test('with one server alone ends at once with exit 4', async () => {
    const ended = await fetchAll(await serveCopies([{ ...honest, spoiled: [5 * MIB] }]), options);
    expect(ended.error).toMatchObject({ code: 'checksum-mismatch', exitCode: 4 });
    expect(kinds(ended, 'searching')).toEqual([]);
    expect(ended.left).toEqual(['file.bin.plait-bad']);
  });

  test('overrules the user’s order of two servers with unlike files', async () => {
    const ended = await fetchAll(await serveCopies([{ ...honest, version: 1 }, honest]), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result).toMatchObject({ verified: 'checksum' });
  });
});
