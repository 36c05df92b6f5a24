/** A mirror whose redirects lead elsewhere while it is at work is another server, and is compared before it counts. */
import { describe, expect, test } from 'vitest';
import { startOrigin } from '../support/origin.ts';
import type { Origin } from '../support/origin.ts';
import { answerCopy, fetchAll, kinds, MIB, serveCopies, serveCopy } from './support.ts';
import type { Copy } from './support.ts';

const SIZE = 8 * MIB;
const old: Copy = { sizeBytes: SIZE, headers: { ETag: '"of-one"' } };
const equal: Copy = { sizeBytes: SIZE, headers: { ETag: '"of-two"' } };
const other: Copy = { sizeBytes: SIZE, version: 1, headers: { ETag: '"of-two"' } };
const right = { sizeBytes: SIZE, firstWrongByte: null };

/** Leads to a server of the first copy, which after so many answers gives no access any more, and then to one of the second. */
async function moving(first: Copy, second: Copy, answers: number): Promise<Origin> {
  let isOver = false;
  const one = await startOrigin((request, response, nth) => {
    isOver ||= nth > answers;
    if (isOver) response.writeHead(403, { 'Content-Length': 0 }).end();
    else answerCopy(request, response, first);
  });
  const two = await serveCopy(second);
  return startOrigin((_request, response) => response.writeHead(302, { Location: `${isOver ? two.url : one.url}/file.bin`, 'Content-Length': 0 }).end());
}

/** On few lanes, so that a lease after the first goes where the first was led. One that is alone gets all the rest on its second. */
const slowly = { limitBytesPerSec: 6 * MIB, connections: 1 };

describe('a mirror that leads to another server midway', () => {
  test.each([1, 2])('with another file of the same size, after %i lease(s): the two are never mixed, and the new one comes whole', async (answers) => {
    const ended = await fetchAll([`${(await moving(old, other, answers)).url}/file.bin`], { ...slowly, connections: answers });
    expect(ended.error).toBeNull();
    expect(await ended.verdict(1)).toMatchObject(right);
    expect(kinds(ended, 'started-over')).toHaveLength(1);
  });

  test('with another file, beside two good ones: it is left out and named', async () => {
    const ended = await fetchAll([`${(await moving(old, other, 1)).url}/file.bin`, ...(await serveCopies([old, old]))], slowly);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'mirror-refused')).toMatchObject([{ mirrorId: 1 }]);
  });

  test('with the same file under another tag goes on, and nothing is fetched anew', async () => {
    const ended = await fetchAll([`${(await moving(old, equal, 1)).url}/file.bin`], slowly);
    expect(ended.error).toBeNull();
    expect(await ended.verdict()).toMatchObject(right);
    expect(kinds(ended, 'started-over')).toEqual([]);
    expect(kinds(ended, 'mirror-refused')).toEqual([]);
  });
});
