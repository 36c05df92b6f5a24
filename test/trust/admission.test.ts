/** A mirror's bytes count only after it was seen to serve the same file as the others. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import { isThorough } from '../support/thorough.ts';
import { answerCopy, fetchAll, KIB, kinds, MIB, newFolder, oracleBytes, serveCopies, serveCopy } from './support.ts';
import type { Copy } from './support.ts';

const SIZE = 8 * MIB;
const honest: Copy = { sizeBytes: SIZE };
const liar: Copy = { sizeBytes: SIZE, version: 1 };
const right = { sizeBytes: SIZE, firstWrongByte: null };

describe('other content under the same size', () => {
  test.each([
    ['first', [liar, honest, honest], 1],
    ['second', [honest, liar, honest], 2],
    ['last', [honest, honest, liar], 3],
  ])('never reaches the file where most have another: the liar is named %s', async (_place, copies, mirrorId) => {
    const ended = await fetchAll(await serveCopies(copies));
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId, why: expect.stringContaining('other bytes') }]);
    expect(ended.result?.servers.find((server) => server.mirrorId === mirrorId)).toMatchObject({ state: 'retired', bytes: 0 });
    expect(ended.result?.refused).toMatchObject([{ mirrorId, code: 'other-content', isDisputed: false }]);
    expect(ended.result?.servers.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(SIZE);
    expect(ended.left).toEqual(['file.bin']);
  });

  test('of two that disagree the one that was named first is believed, and that is said', async () => {
    const ended = await fetchAll(await serveCopies([liar, honest]));
    expect(await ended.verdict(1)).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 2, why: expect.stringContaining('named first') }]);
    expect(ended.result?.verified).toBe('none');
    expect(ended.result?.refused).toMatchObject([{ mirrorId: 2, code: 'other-content', isDisputed: true }]);
  });

  test.each([
    // All of the file is there long before; its name waits for whoever was named and may still speak.
    ['answers long after the second', 1_200],
    // It takes twenty seconds, because the second is let in alone only after five.
    ...(isThorough ? [['comes back after the second was let in (with PLAIT_SLOW=1)', 8_000] as const] : []),
  ] as const)('of two that disagree the first is believed, too, where it %s', async (_when, absentMs) => {
    const openAtMs = performance.now() + absentMs;
    const first = await startOrigin((request, response) => {
      // It answers late, or it is not there at first; what it has is asked for in the meantime of nobody but the second.
      if (absentMs > 5_000 && performance.now() < openAtMs) request.socket.destroy();
      else setTimeout(() => answerCopy(request, response, honest), Math.max(0, openAtMs - performance.now()));
    });
    const ended = await fetchAll([`${first.url}/file.bin`, ...(await serveCopies([liar]))], absentMs > 5_000 ? { limitBytesPerSec: 0.8 * MIB, waitMs: 20_000 } : {});
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 2, why: expect.stringContaining('named first') }]);
  });

  test.each([
    ['the first', 0],
    ['the second', 1],
  ])('of two that disagree the checksum decides for %s, whoever was believed before', async (_which, rightOne) => {
    const copies = rightOne === 0 ? [honest, liar] : [liar, honest];
    const checksum = `sha-256=${createHash('sha256').update(oracleBytes(0, SIZE)).digest('hex')}`;
    const ended = await fetchAll(await serveCopies(copies), { checksum });
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result).toMatchObject({ verified: 'checksum' });
    const refused = kinds(ended, 'mirror-refused').map(({ mirrorId }) => mirrorId);
    expect(refused).toEqual(rightOne === 0 ? [2] : [2, 1]);
  });

  test('of two that disagree and have both the wrong file, neither is believed: exit 4, and no final name', async () => {
    const checksum = `sha-256=${createHash('sha256').update(oracleBytes(0, SIZE)).digest('hex')}`;
    const ended = await fetchAll(await serveCopies([liar, { sizeBytes: SIZE, version: 2 }]), { checksum });
    expect(ended.error).toMatchObject({ code: 'checksum-mismatch', exitCode: 4 });
    expect(ended.left).toEqual(['file.bin.plait-bad']);
  });

  test('in a file so small that it is compared whole, one byte is enough', async () => {
    const sizeBytes = 40 * KIB;
    const ended = await fetchAll(await serveCopies([{ sizeBytes, spoiled: [12_345] }, { sizeBytes }, { sizeBytes }]));
    expect(await ended.verdict()).toMatchObject({ sizeBytes, firstWrongByte: null });
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 1 }]);
  });

  test.each([
    ['', false],
    [', also where the servers were asked for the file’s name before', true],
  ])('shows in a digest alone%s', async (_where, isNameless) => {
    const origins = await Promise.all(
      ['a', 'b', 'a', null].map((byte) =>
        startOrigin((request, response) => {
          // As most servers do: only whoever wants one hears of a digest.
          const offer = byte === null || request.headers['want-repr-digest'] === undefined ? {} : { 'Repr-Digest': `sha-256=:${Buffer.alloc(32, byte).toString('base64')}:` };
          answerCopy(request, response, { ...honest, headers: { 'Content-Disposition': 'attachment; filename=file.bin', ...offer } });
        }),
      ),
    );
    const folder = await newFolder();
    const ended = await (isNameless ? fetchAll(origins.map(({ url }) => `${url}/`), { output: folder }, folder) : fetchAll(origins.map(({ url }) => `${url}/file.bin`)));
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 2, why: expect.stringContaining('digest') }]);
  });

  test('of a server that serves no parts is seen in the file’s first bytes', async () => {
    const whole = await startOrigin((request, response) => {
      delete request.headers.range;
      answerCopy(request, response, liar);
    });
    const ended = await fetchAll([`${whole.url}/file.bin`, ...(await serveCopies([honest, honest]))]);
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 1 }]);
  });
});

describe('mirrors that agree', () => {
  test('are let in, and what was compared is counted', async () => {
    const ended = await fetchAll(await serveCopies([honest, honest, honest]));
    expect(await ended.verdict()).toMatchObject(right);
    expect(ended.result).toMatchObject({ verified: 'cross-checked' });
    const { crossCheckedBytes = 0, wastedBytes = Infinity } = ended.result ?? {};
    expect(crossCheckedBytes).toBeGreaterThanOrEqual(5 * KIB);
    expect(crossCheckedBytes).toBeLessThanOrEqual(0.004 * SIZE);
    expect(wastedBytes).toBeLessThan(0.02 * SIZE);
  });

  test('have nothing to compare where there is one alone, and nothing is asked twice', async () => {
    const origin = await serveCopy(honest);
    const ended = await fetchAll([`${origin.url}/file.bin`]);
    expect(ended.result).toMatchObject({ verified: 'none', crossCheckedBytes: 0, wastedBytes: 0 });
  });

  test('do not wait for one that cannot be reached', async () => {
    const gone = await startOrigin((request) => request.socket.destroy());
    const ended = await fetchAll([`${gone.url}/file.bin`, ...(await serveCopies([honest]))]);
    expect(await ended.verdict()).toMatchObject(right);
  });

  test('are sampled between two leases where each has one lane', async () => {
    const ended = await fetchAll(await serveCopies([honest, honest, liar]), { connections: 1 });
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 3 }]);
  });
});

test('an empty file needs no samples', async () => {
  const ended = await fetchAll(await serveCopies([{ sizeBytes: 0 }, { sizeBytes: 0 }]));
  expect(ended.error).toBeNull();
  expect(await ended.verdict()).toMatchObject({ sizeBytes: 0 });
});

test('a server that gave bytes and went before it was compared has them fetched again', async () => {
  // It answers its first lease, and nothing after that.
  const fleeting = await startOrigin((request, response, nth) => (nth === 1 ? answerCopy(request, response, liar) : request.socket.destroy()));
  const ended = await fetchAll([`${fleeting.url}/file.bin`, ...(await serveCopies([honest, honest]))]);
  expect(await ended.verdict()).toMatchObject(right);
});
