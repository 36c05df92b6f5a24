/**
 * The journal's bytes: docs/resume-file.md in code. Pure functions, and the only place that knows an offset.
 * All numbers are unsigned and big-endian.
 */
import { crc32 } from 'node:zlib';
import { JOURNAL_PAYLOAD_MAX_BYTES } from '../base/bounds.ts';
import { decodePayload, encodePayload } from './journal-records.ts';
import type { JournalRecord } from './journal-records.ts';

/** The first byte is no text, and the line ending suffers in a text-mode copy: both are seen at once. */
const MAGIC = Buffer.from([0x89, 0x50, 0x4c, 0x41, 0x49, 0x54, 0x0d, 0x0a]);
export const JOURNAL_VERSION = 1;
export const HEADER_BYTES = 56;
const RECORD_HEAD_BYTES = 9;
const CRC_BYTES = 4;

export interface JournalHeader {
  readonly totalBytes: number;
  /** The part file that the journal speaks of. */
  readonly partDevice: bigint;
  readonly partInode: bigint;
  /** A UUID in lower case, or null where the system has none. */
  readonly bootId: string | null;
}

export type DecodedJournal =
  /** `foreign`: not a journal of ours, or one of another version. `damaged`: the header is cut off or does not add up. */
  | { readonly kind: 'foreign' | 'damaged' }
  | { readonly kind: 'journal'; readonly header: JournalHeader; readonly records: readonly JournalRecord[] };

export function encodeHeader(header: JournalHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(bytes, 0);
  bytes.writeUInt16BE(JOURNAL_VERSION, 8);
  bytes.writeUInt16BE(HEADER_BYTES, 10);
  bytes.writeBigUInt64BE(BigInt(header.totalBytes), 12);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, header.partDevice), 20);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, header.partInode), 28);
  if (header.bootId !== null) Buffer.from(header.bootId.replaceAll('-', ''), 'hex').copy(bytes, 36, 0, 16);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, HEADER_BYTES - CRC_BYTES)), HEADER_BYTES - CRC_BYTES);
  return bytes;
}

/** `records` as bytes; the first one carries `firstSequence`, and each further one the next number. */
export function encodeRecords(records: readonly JournalRecord[], firstSequence: number): Buffer {
  return Buffer.concat(records.map((record, index) => encodeRecord(record, firstSequence + index)));
}

function encodeRecord(record: JournalRecord, sequence: number): Buffer {
  const { typeCode, payload } = encodePayload(record);
  const bytes = Buffer.alloc(RECORD_HEAD_BYTES + payload.length + CRC_BYTES);
  bytes.writeUInt32BE(payload.length, 0);
  bytes.writeUInt32BE(sequence, 4);
  bytes.writeUInt8(typeCode, 8);
  payload.copy(bytes, RECORD_HEAD_BYTES);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -CRC_BYTES)), bytes.length - CRC_BYTES);
  return bytes;
}

/** What can be believed of a journal: everything before the first byte that is missing or wrong. */
export function decodeJournal(bytes: Buffer): DecodedJournal {
  const magicLength = Math.min(bytes.length, MAGIC.length);
  if (!bytes.subarray(0, magicLength).equals(MAGIC.subarray(0, magicLength))) return { kind: 'foreign' };
  // The version is looked at before the checksum, which in another version may stand elsewhere.
  if (bytes.length >= 10 && bytes.readUInt16BE(8) !== JOURNAL_VERSION) return { kind: 'foreign' };
  const header = decodeHeader(bytes);
  if (header === null) return { kind: 'damaged' };
  return { kind: 'journal', header, records: decodeRecords(bytes, header.totalBytes) };
}

function decodeHeader(bytes: Buffer): JournalHeader | null {
  if (bytes.length < HEADER_BYTES || bytes.readUInt16BE(10) !== HEADER_BYTES) return null;
  const crcAt = HEADER_BYTES - CRC_BYTES;
  if (crc32(bytes.subarray(0, crcAt)) !== bytes.readUInt32BE(crcAt)) return null;
  const totalBytes = Number(bytes.readBigUInt64BE(12));
  if (!Number.isSafeInteger(totalBytes)) return null;
  const boot = bytes.toString('hex', 36, 52);
  const bootId = /^0+$/u.test(boot) ? null : boot.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
  return { totalBytes, partDevice: bytes.readBigUInt64BE(20), partInode: bytes.readBigUInt64BE(28), bootId };
}

function decodeRecords(bytes: Buffer, totalBytes: number): JournalRecord[] {
  const records: JournalRecord[] = [];
  let offset = HEADER_BYTES;
  while (offset + RECORD_HEAD_BYTES + CRC_BYTES <= bytes.length) {
    const payloadBytes = bytes.readUInt32BE(offset);
    const crcAt = offset + RECORD_HEAD_BYTES + payloadBytes;
    if (payloadBytes > JOURNAL_PAYLOAD_MAX_BYTES || crcAt + CRC_BYTES > bytes.length) break;
    if (bytes.readUInt32BE(offset + 4) !== records.length) break;
    if (crc32(bytes.subarray(offset, crcAt)) !== bytes.readUInt32BE(crcAt)) break;
    const record = decodePayload(bytes.readUInt8(offset + 8), bytes.subarray(offset + RECORD_HEAD_BYTES, crcAt), totalBytes);
    if (record === null) break;
    records.push(record);
    offset = crcAt + CRC_BYTES;
  }
  return records;
}
