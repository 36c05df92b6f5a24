import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { HEADER_BYTES, decodeJournal, encodeHeader, encodeRecords } from '../../src/store/journal-format.ts';
import type { JournalHeader } from '../../src/store/journal-format.ts';
import type { JournalRecord } from '../../src/store/journal-records.ts';
import { BOOT_A, bytesOf, makeFolder, openFor, journalPathOf } from './support.ts';

/** A journal as a real download leaves it: several sources, an admission that comes late, a refusal, fsyncs. */
async function realJournal(): Promise<Buffer> {
  const store = await openFor(path.join(await makeFolder(), 'file'));
  store.settleSize(1_000_000);
  for (const mirrorId of [1, 2, 3]) store.addSource(mirrorId, `http://mirror${mirrorId}/ü`, mirrorId === 2 ? null : `"${mirrorId}"`);
  store.admit(1);
  store.admit(2);
  for (let block = 0; block < 12; block += 1) {
    const mirrorId = 1 + (block % 3);
    store.write({ leaseId: mirrorId, mirrorId }, block * 1000, bytesOf(block * 1000, block * 1000 + 1000));
    if (block % 4 === 3) store.flush();
    if (block === 7) store.admit(3);
  }
  store.refuse(2);
  await store.keep();
  return readFile(journalPathOf(store));
}

function recordsOf(bytes: Buffer): readonly JournalRecord[] | null {
  const decoded = decodeJournal(bytes);
  return decoded.kind === 'journal' ? decoded.records : null;
}

test('a journal cut at any byte gives a prefix of its records, and the whole gives all', async () => {
  const journal = await realJournal();
  const all = recordsOf(journal) ?? [];
  expect(new Set(all.map(({ type }) => type))).toEqual(new Set(['source', 'admitted', 'refused', 'written', 'summed', 'syncing', 'synced']));
  let most = 0;
  for (let cut = 0; cut < journal.length; cut += 1) {
    const records = recordsOf(journal.subarray(0, cut));
    if (cut < HEADER_BYTES) {
      expect(records).toBeNull();
      continue;
    }
    expect(records).toEqual(all.slice(0, records?.length ?? 0));
    expect(records?.length).toBeGreaterThanOrEqual(most);
    expect(records?.length).toBeLessThan(all.length);
    most = records?.length ?? 0;
  }
  expect(most).toBe(all.length - 1);
});

test('any flipped bit is detected: neither its record nor a later one is believed', async () => {
  const journal = await realJournal();
  const all = recordsOf(journal) ?? [];
  // Where each record ends, found by cutting: the oracle knows nothing of the records' layout.
  const ends: number[] = [];
  for (let cut = HEADER_BYTES; cut <= journal.length; cut += 1) {
    while (ends.length < (recordsOf(journal.subarray(0, cut))?.length ?? 0)) ends.push(cut);
  }
  for (let bit = 0; bit < journal.length * 8; bit += 1) {
    const flipped = Buffer.from(journal);
    const at = bit >>> 3;
    flipped.writeUInt8(flipped.readUInt8(at) ^ (1 << (bit & 7)), at);
    const records = recordsOf(flipped);
    if (at < HEADER_BYTES) expect(records).toBeNull();
    else expect(records).toEqual(all.slice(0, ends.filter((end) => end <= at).length));
  }
});

const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
const anyRecord: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({ type: fc.constant('source' as const), sourceId: uint32, url: fc.string({ unit: 'grapheme' }), validator: fc.option(fc.string({ unit: 'grapheme' })) }),
  fc.record({ type: fc.constantFrom('admitted' as const, 'refused' as const), sourceId: uint32 }),
  fc
    .record({ type: fc.constant('written' as const), runId: uint32, sourceId: uint32, start: fc.maxSafeNat(), end: fc.maxSafeNat() })
    .filter(({ start, end }) => start < end),
  fc.record({ type: fc.constant('summed' as const), runId: uint32, end: fc.maxSafeNat(), crc: uint32 }),
  fc.record({ type: fc.constantFrom('syncing' as const, 'synced' as const, 'doubted' as const) }),
);

test('what is encoded is decoded, up to the largest numbers', () => {
  const header: JournalHeader = { totalBytes: Number.MAX_SAFE_INTEGER, partDevice: 2n ** 64n - 1n, partInode: 3n, bootId: BOOT_A };
  fc.assert(
    fc.property(fc.array(anyRecord), fc.option(fc.constant(BOOT_A)), (records, bootId) => {
      const bytes = Buffer.concat([encodeHeader({ ...header, bootId }), encodeRecords(records, 0)]);
      expect(decodeJournal(bytes)).toEqual({ kind: 'journal', header: { ...header, bootId }, records });
    }),
  );
});

test('no bytes at all make the decoder throw', () => {
  const header = encodeHeader({ totalBytes: 100, partDevice: 1n, partInode: 1n, bootId: null });
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decodeJournal(Buffer.concat([header, bytes])).kind === 'journal'));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => decodeJournal(Buffer.from(bytes)).kind !== 'journal'));
});

/** Hex with the spaces that part its fields taken out. */
const fields = (hex: string): string => hex.replaceAll(' ', '');

test('the bytes are those of docs/resume-file.md', () => {
  const header = encodeHeader({ totalBytes: 0x0102, partDevice: 3n, partInode: 4n, bootId: BOOT_A });
  expect(header.toString('hex', 0, 52)).toBe(fields('89504c4149540d0a 0001 0038 0000000000000102 0000000000000003 0000000000000004 0a0a0a0a0a0a4a0a8a0a0a0a0a0a0a0a'));
  const written = { type: 'written', runId: 1, sourceId: 2, start: 3, end: 4 } as const;
  const examples: [JournalRecord, string][] = [
    [{ type: 'source', sourceId: 1, url: 'u:', validator: '"v"' }, '0000000e 00000009 01 00000001 01 00000002 753a 227622'],
    [{ type: 'admitted', sourceId: 5 }, '00000004 00000009 02 00000005'],
    [{ type: 'refused', sourceId: 5 }, '00000004 00000009 03 00000005'],
    [written, '00000018 00000009 04 00000001 00000002 0000000000000003 0000000000000004'],
    [{ type: 'summed', runId: 1, end: 4, crc: 0xaabbccdd }, '00000010 00000009 05 00000001 0000000000000004 aabbccdd'],
    [{ type: 'syncing' }, '00000000 00000009 06'],
    [{ type: 'synced' }, '00000000 00000009 07'],
    [{ type: 'doubted' }, '00000000 00000009 08'],
    [{ type: 'unread', runId: 7 }, '00000004 00000009 09 00000007'],
    [{ type: 'read', runId: 7 }, '00000004 00000009 0a 00000007'],
  ];
  for (const [record, hex] of examples) {
    const bytes = encodeRecords([record], 9);
    expect(bytes.toString('hex', 0, bytes.length - 4)).toBe(fields(hex));
    expect(bytes.readUInt32BE(bytes.length - 4)).toBe(crc32(bytes.subarray(0, -4)));
  }
});
