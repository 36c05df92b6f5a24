/** Piece hashes convict on the first bad piece, and nobody but its source. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { PlaitError } from '../../src/base/errors.ts';
import { parsePieces } from '../../src/commands/pieces-file.ts';
import { checkPieces } from '../../src/store/pieces.ts';
import { startOrigin } from '../support/origin.ts';
import { answerCopy, fetchAll, KIB, kinds, MIB, newFolder, oracleBytes, piecesOf, serveCopies, start } from './support.ts';
import type { Copy } from './support.ts';

const SIZE = 8 * MIB - 12_345;
const LENGTH = 256 * KIB;
const honest: Copy = { sizeBytes: SIZE };
const right = { sizeBytes: SIZE, firstWrongByte: null };

const sha256 = (): string => `sha-256=${createHash('sha256').update(oracleBytes(0, SIZE)).digest('hex')}`;

/** A server that is spoiled at many places, none of which a sample is likely to meet. */
const spoiled: Copy = { sizeBytes: SIZE, spoiled: Array.from({ length: 24 }, (_, index) => 100_003 + index * 331_777) };

describe('pieces', () => {
  test('that all fit are the proof', async () => {
    const ended = await fetchAll(await serveCopies([honest, honest]), { pieces: piecesOf(SIZE, LENGTH), seed: 4 });
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result).toMatchObject({ verified: 'pieces' });
    expect(kinds(ended, 'piece-refuted')).toEqual([]);
  });

  test('give way to a checksum as the proof', async () => {
    const ended = await fetchAll(await serveCopies([honest]), { pieces: piecesOf(SIZE, LENGTH), checksum: sha256() });
    expect(ended.result).toMatchObject({ verified: 'checksum' });
  });

  test.each([1, 2, 3])('convict server %i, that spoils bytes, and leave an exact file', async (mirrorId) => {
    const copies = [honest, honest, honest].map((copy, index) => (index === mirrorId - 1 ? spoiled : copy));
    const ended = await fetchAll(await serveCopies(copies), { pieces: piecesOf(SIZE, LENGTH), seed: 4 });
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result).toMatchObject({ verified: 'pieces' });
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId, why: expect.stringContaining('piece') }]);
    expect(ended.result?.servers.map(({ state }) => state === 'quarantined')).toEqual([1, 2, 3].map((id) => id === mirrorId));
    expect(ended.left).toEqual(['file.bin']);
  });

  test('that were proved are kept by a stop after their giver was convicted', async () => {
    const [liar = '', good = ''] = await serveCopies([{ ...honest, spoiled: [3, 4, 5, 6, 7].map((at) => at * MIB) }, honest]);
    const folder = await newFolder();
    const { download, ended } = await start([liar, good], { pieces: piecesOf(SIZE, LENGTH), seed: 4, limitBytesPerSec: 4 * MIB }, folder);
    let provedBytes = 0;
    download.events.subscribe((event) => {
      if (event.type !== 'decision' || event.kind !== 'mirror-refused') return;
      // After the step in which it is refused.
      setImmediate(() => {
        provedBytes = download.view().writtenBytes;
        download.abort();
      });
    });
    const { result } = await ended;
    if (result !== null) throw new Error('It was through before the liar was convicted.');
    expect(provedBytes).toBeGreaterThan(MIB);
    const second = await fetchAll([good], { pieces: piecesOf(SIZE, LENGTH) }, folder);
    expect(await second.verdict()).toMatchObject(right);
    expect(second.result?.resumedBytes).toBeGreaterThanOrEqual(provedBytes);
  });

  test('of two servers convict the one that spoils', async () => {
    const ended = await fetchAll(await serveCopies([spoiled, honest]), { pieces: piecesOf(SIZE, LENGTH), seed: 4 });
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 1 }]);
  });

  test('that one flipped byte spoils once are fetched again from the only server there is', async () => {
    let isSpoiled = false;
    const once = await startOrigin((request, response) => {
      const range = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? '');
      const meets = Number(range?.[1]) <= 3 * MIB && 3 * MIB <= Number(range?.[2]);
      answerCopy(request, response, meets && !isSpoiled ? { ...honest, spoiled: [3 * MIB] } : honest);
      isSpoiled ||= meets;
    });
    const ended = await fetchAll([`${once.url}/file.bin`], { pieces: piecesOf(SIZE, LENGTH), seed: 4 });
    expect(isSpoiled).toBe(true);
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result).toMatchObject({ verified: 'pieces' });
    expect(kinds(ended, 'piece-refuted').length).toBeGreaterThan(0);
    // One piece, and what was on its way.
    expect(ended.result?.wastedBytes).toBeLessThan(2 * MIB);
  });

  test('that are wrong on every server end with exit 4, and no final name', async () => {
    const ended = await fetchAll(await serveCopies([{ ...honest, spoiled: [5 * MIB] }, { ...honest, spoiled: [5 * MIB] }]), { pieces: piecesOf(SIZE, LENGTH), seed: 4 });
    expect(ended.error).toMatchObject({ code: 'checksum-mismatch', exitCode: 4 });
    expect(ended.left).toEqual(['file.bin.plait-bad']);
    // The last word on the piece promises nothing that is not done.
    expect(kinds(ended, 'piece-refuted').at(-1)?.why).not.toContain('fetched again');
    expect(kinds(ended, 'piece-refuted')[0]?.why).toContain('fetched again');
  });

  test.each([
    ['too few', SIZE / 2, /has \d+: the pieces are of another file, or some are missing\.$/u],
    ['too many', SIZE * 2, /has \d+: the pieces are of another file\.$/u],
  ])('of another file, %s, end with exit 4 and a sentence that says how many there are', async (_, sizeBytes, says) => {
    const ended = await fetchAll(await serveCopies([honest]), { pieces: piecesOf(sizeBytes, LENGTH), limitBytesPerSec: 1 });
    expect(ended.error).toMatchObject({ code: 'checksum-mismatch', exitCode: 4, message: expect.stringMatching(new RegExp(`^The pieces that were given are ${Math.ceil(sizeBytes / LENGTH)} of ${LENGTH} bytes, and the servers’ file of ${SIZE} bytes has ${Math.ceil(SIZE / LENGTH)}`, 'u')) });
    expect(ended.error?.message).toMatch(says);
    // Nothing came that could be looked at.
    expect(ended.left).toEqual([]);
  });

  test('are checked in what an earlier run left, too', async () => {
    const folder = await newFolder();
    const liar = await serveCopies([spoiled]);
    const { download, ended } = await start(liar, { limitBytesPerSec: 8 * MIB }, folder);
    await new Promise<void>((resolve) => {
      download.views.subscribe(({ writtenBytes }) => {
        if (writtenBytes > SIZE / 3) resolve();
      });
    });
    download.abort();
    await ended;
    const second = await fetchAll([...liar, ...(await serveCopies([honest]))], { pieces: piecesOf(SIZE, LENGTH), seed: 4 }, folder);
    expect(second.error).toBeNull();
    expect(await second.verdict()).toMatchObject(right);
    expect(second.result?.resumedBytes).toBeGreaterThan(0);
  });

  test('are bytes that count, though their giver was never compared', async () => {
    const fleeting = await startOrigin((request, response, nth) => (nth === 1 ? answerCopy(request, response, honest) : request.socket.destroy()));
    const ended = await fetchAll([`${fleeting.url}/file.bin`, ...(await serveCopies([honest]))], { pieces: piecesOf(SIZE, LENGTH), seed: 4 });
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result?.servers[0]?.bytes).toBeGreaterThan(0);
  });
});

test('pieces overrule the user’s order: the first of two may lie in everything, and the file is exact', async () => {
  const ended = await fetchAll(await serveCopies([{ ...honest, version: 1 }, honest]), { pieces: piecesOf(SIZE, LENGTH) });
  expect(ended.error).toBeNull();
  expect(await ended.verdict()).toMatchObject(right);
  expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 1 }]);
});

describe('piece hashes from outside', () => {
  const hash = 'ab'.repeat(32);
  const codeOf = (call: () => unknown): string => {
    try {
      call();
    } catch (error) {
      if (error instanceof PlaitError) return `${error.code}: ${error.message}`;
      throw error;
    }
    return 'none';
  };

  test('are taken as written', () => {
    expect(checkPieces(4_096, 'SHA256', [hash.toUpperCase()])).toEqual({ lengthBytes: 4_096, algorithm: 'sha-256', hashes: [hash] });
    expect(parsePieces(JSON.stringify({ length: 4_096, algorithm: 'sha-256', hashes: [hash] }), 'p.json')).toEqual({ lengthBytes: 4_096, algorithm: 'sha-256', hashes: [hash] });
  });

  test.each<[string, string]>([
    ['not json', 'p.json are not JSON'],
    ['[]', 'p.json have another shape'],
    ['{"length":4096,"algorithm":"sha-256"}', 'p.json have another shape'],
    ['{"length":"4096","algorithm":"sha-256","hashes":[]}', 'p.json have another shape'],
    ['{"length":4096,"algorithm":"sha-256","hashes":[7]}', 'p.json have another shape'],
    ['{"length":0,"algorithm":"sha-256","hashes":["aa"]}', 'length'],
    ['{"length":1.5,"algorithm":"sha-256","hashes":["aa"]}', 'length'],
    ['{"length":4096,"algorithm":"crc","hashes":["aa"]}', 'crc'],
    ['{"length":4096,"algorithm":"sha-256","hashes":[]}', 'no hashes'],
    [`{"length":4096,"algorithm":"sha-256","hashes":["${'ab'.repeat(32)}","zz"]}`, 'Piece 2'],
  ])('are refused in one sentence: %s', (text, word) => {
    const said = codeOf(() => {
      const { lengthBytes, algorithm, hashes } = parsePieces(text, 'p.json');
      return checkPieces(lengthBytes, algorithm, hashes);
    });
    expect(said).toMatch(/^usage: /u);
    expect(said).toContain(word);
  });
});
