/** With only a checksum of the whole file: the wrong bytes are found, replaced and laid at the right door. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { answerCopy, fetchAll, KIB, kinds, MIB, oracleBytes, serveCopies, serveCopy } from './support.ts';
import type { Copy, Ended } from './support.ts';

const SIZE = 12 * MIB - 4_321;
const honest: Copy = { sizeBytes: SIZE };
const right = { sizeBytes: SIZE, firstWrongByte: null };
const checksum = `sha-256=${createHash('sha256').update(oracleBytes(0, SIZE)).digest('hex')}`;
/** One spoiled byte in each half MiB, so that whatever the server is given to do holds one; no sample meets any. */
const spoiled: Copy = { sizeBytes: SIZE, spoiled: Array.from({ length: 23 }, (_, index) => 262_145 + index * MIB / 2) };
const spoiledElsewhere: Copy = { sizeBytes: SIZE, spoiled: Array.from({ length: 23 }, (_, index) => 330_001 + index * MIB / 2) };
const spoiledAgain: Copy = { sizeBytes: SIZE, spoiled: Array.from({ length: 23 }, (_, index) => 130_002 + index * MIB / 2) };

/** What was asked of the servers from the moment on at which the checksum had failed, in bytes. */
function searchedBytes(origins: readonly Origin[], ended: Ended, since: 'searching' | 'started-over' = 'searching'): number {
  const [began] = kinds(ended, since);
  let sum = 0;
  for (const { atMs, headers } of origins.flatMap(({ requests }) => requests)) {
    const range = /^bytes=(\d+)-(\d+)$/u.exec(headers.range ?? '');
    if (range !== null && atMs >= (began?.atMs ?? Infinity)) sum += Number(range[2]) + 1 - Number(range[1]);
  }
  return sum;
}

const urlsOf = (origins: readonly Origin[]): readonly string[] => origins.map(({ url }) => `${url}/file.bin`);

/** Chance that leads no sample to a spoiled byte. */
const options = { checksum, seed: 4 };

describe('a checksum that fails', () => {
  test.each([1, 2, 3])('leads to server %i of three, whose bytes make way for the others’, for no more traffic than the file once', async (mirrorId) => {
    const origins = await Promise.all([1, 2, 3].map((id) => serveCopy(id === mirrorId ? spoiled : honest)));
    const ended = await fetchAll(urlsOf(origins), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result).toMatchObject({ verified: 'checksum' });
    expect(kinds(ended, 'searching')).toHaveLength(1);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId, why: expect.stringContaining('checksum') }]);
    expect(searchedBytes(origins, ended)).toBeGreaterThan(0);
    expect(searchedBytes(origins, ended)).toBeLessThanOrEqual(SIZE);
    expect(ended.left).toEqual(['file.bin']);
  });

  test.each([1, 2])('leads to server %i of two, by trying the other’s bytes, for no more traffic than the file once', async (mirrorId) => {
    const origins = await Promise.all([1, 2].map((id) => serveCopy(id === mirrorId ? spoiled : honest)));
    const ended = await fetchAll(urlsOf(origins), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId }]);
    expect(searchedBytes(origins, ended)).toBeLessThanOrEqual(SIZE);
  });

  test('finds each of two servers of five that spoil the file in other places', async () => {
    const origins = await Promise.all([spoiled, spoiledElsewhere, honest, honest, honest].map(serveCopy));
    const ended = await fetchAll(urlsOf(origins), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    const refused = kinds(ended, 'mirror-refused');
    expect(new Set(refused.map(({ mirrorId }) => mirrorId))).toEqual(new Set([1, 2]));
    expect(refused.every(({ why }) => why.includes('checksum'))).toBe(true);
    expect(searchedBytes(origins, ended)).toBeLessThanOrEqual(SIZE);
  });

  test('is mended where each of three servers spoils the file in many places, and no place is spoiled by two', async () => {
    const origins = await Promise.all([spoiled, spoiledElsewhere, spoiledAgain].map(serveCopy));
    const ended = await fetchAll(urlsOf(origins), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(new Set(kinds(ended, 'mirror-refused').map(({ mirrorId }) => mirrorId))).toEqual(new Set([1, 2, 3]));
    expect(searchedBytes(origins, ended)).toBeLessThanOrEqual(SIZE);
  });

  test.each([
    ['a place', 1],
    ['two places', 2],
  ])('is mended by trying where each of two servers has wrong bytes in %s of its own', async (_places, count) => {
    const places = (first: number): readonly number[] => Array.from({ length: count }, (_, index) => first + index * 5 * MIB);
    const origins = await Promise.all([places(MIB + 7_000), places(4 * MIB + 9_000)].map((wrong) => serveCopy({ sizeBytes: SIZE, spoiled: wrong })));
    const ended = await fetchAll(urlsOf(origins), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(searchedBytes(origins, ended)).toBeLessThanOrEqual(SIZE);
  });

  test('is looked into at no more than the file’s own cost where servers break off what is asked of them', async () => {
    let searched = 0;
    const flaky = await startOrigin((request, response) => {
      const range = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? '');
      const isOpinion = Number(range?.[2]) + 1 - Number(range?.[1]) === 64 * KIB;
      if (isOpinion) searched += 1;
      if (isOpinion && searched % 3 === 1) request.socket.destroy();
      else answerCopy(request, response, honest);
    });
    const origins = [flaky, await serveCopy(spoiled), await serveCopy(honest)];
    const ended = await fetchAll(urlsOf(origins), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(searched).toBeGreaterThan(0);
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

  test('where all servers agree on the wrong bytes ends with exit 4, set aside and under no final name, after the file was fetched once more', async () => {
    const bad: Copy = { ...honest, spoiled: [5 * MIB] };
    const origins = await Promise.all([bad, bad, bad].map(serveCopy));
    const ended = await fetchAll(urlsOf(origins), options);
    expect(ended.error).toMatchObject({ code: 'checksum-mismatch', exitCode: 4 });
    expect(ended.left).toEqual(['file.bin.plait-bad']);
    expect((await stat(join(ended.folder, 'file.bin.plait-bad'))).size).toBe(SIZE);
    expect(searchedBytes(origins, ended)).toBe(SIZE);
  });

  test('with one server alone ends at once with exit 4', async () => {
    const ended = await fetchAll(await serveCopies([{ ...honest, spoiled: [5 * MIB] }]), options);
    expect(ended.error).toMatchObject({ code: 'checksum-mismatch', exitCode: 4 });
    expect(kinds(ended, 'searching')).toEqual([]);
    expect(ended.left).toEqual(['file.bin.plait-bad']);
  });

  const stale: Copy = { ...honest, version: 1 };

  // One lane to each server, so that no lane takes over what another was asked for: what is asked is what comes.
  test.each([2, 3])('overrules a vote of %i against one: the file is fetched from the one, for no more traffic than the file once, and nothing is searched', async (stales) => {
    const origins = await Promise.all([...Array.from({ length: stales }, () => stale), honest].map(serveCopy));
    const ended = await fetchAll(urlsOf(origins), { ...options, connections: 1 });
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'searching')).toEqual([]);
    expect(kinds(ended, 'started-over')).toHaveLength(1);
    expect(searchedBytes(origins, ended, 'started-over')).toBe(SIZE);
  });

  test('leads, where two have lost the vote together, to both of them, who are not compared again', async () => {
    const origins = await Promise.all([stale, stale, stale, honest, honest].map(serveCopy));
    const ended = await fetchAll(urlsOf(origins), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    const [began] = kinds(ended, 'started-over');
    const lengths = origins.flatMap(({ requests }) => requests.filter(({ atMs }) => atMs >= (began?.atMs ?? 0))).map(({ headers }) => /^bytes=(\d+)-(\d+)$/u.exec(headers.range ?? ''));
    expect(lengths.filter((range) => Number(range?.[2]) - Number(range?.[1]) < 8 * KIB)).toEqual([]);
  });

  test('with the file of the one who lost the vote, too, ends with exit 4 after no more traffic than the file once', async () => {
    const origins = await Promise.all([stale, stale, stale, { ...honest, spoiled: [5 * MIB] }].map(serveCopy));
    const ended = await fetchAll(urlsOf(origins), { ...options, connections: 1 });
    expect(ended.error).toMatchObject({ code: 'checksum-mismatch', exitCode: 4 });
    expect(kinds(ended, 'searching')).toEqual([]);
    expect(searchedBytes(origins, ended, 'started-over')).toBe(SIZE);
    expect(ended.left).toEqual(['file.bin.plait-bad']);
  });

  test('does not overrule a vote that a copy with few wrong bytes has lost: there may be more such copies, and they are found', async () => {
    // Its first byte is wrong, and in the first place that is compared.
    const caught: Copy = { ...honest, spoiled: [0, 3 * MIB] };
    const origins = await Promise.all([caught, spoiled, honest, honest].map(serveCopy));
    const ended = await fetchAll(urlsOf(origins), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'started-over')).toEqual([]);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 1, why: expect.stringContaining('other bytes') }, { mirrorId: 2, why: expect.stringContaining('checksum') }]);
    expect(searchedBytes(origins, ended)).toBeLessThanOrEqual(SIZE);
  });

  test('overrules the user’s order of two servers with unlike files', async () => {
    const ended = await fetchAll(await serveCopies([{ ...honest, version: 1 }, honest]), options);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result).toMatchObject({ verified: 'checksum' });
  });
});
