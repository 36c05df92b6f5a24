/** What the journal can say, and each saying's payload as docs/resume-file.md lays it out. */

/** The source id of bytes that nobody vouches for, because something else is being written over them. */
export const NOBODY_ID = 0;

export type JournalRecord =
  /** An address that gives bytes, redacted, and its strong validator then. It counts for nothing before `admitted`. */
  | { readonly type: 'source'; readonly sourceId: number; readonly url: string; readonly validator: string | null }
  | { readonly type: 'admitted'; readonly sourceId: number }
  /** Nothing that this source gave counts, now or later. */
  | { readonly type: 'refused'; readonly sourceId: number }
  /**
   * `[start, end)` is in the part file. A later record of the same run replaces the earlier one. Where runs overlap,
   * the greater run id is what stands in the file.
   */
  | { readonly type: 'written'; readonly runId: number; readonly sourceId: number; readonly start: number; readonly end: number }
  /** From the run's start up to `end` the part file has this CRC-32. */
  | { readonly type: 'summed'; readonly runId: number; readonly end: number; readonly crc: number }
  /** An fsync of the part file begins… */
  | { readonly type: 'syncing' }
  /** …and has succeeded: what was recorded before the last `syncing` is on the disk. */
  | { readonly type: 'synced' }
  /** An fsync has failed: only what was synced before may still be there. */
  | { readonly type: 'doubted' }
  /** This run is of another boot, or of another part file: it counts once it was read back and has its CRC-32… */
  | { readonly type: 'unread'; readonly runId: number }
  /** …and it has. */
  | { readonly type: 'read'; readonly runId: number };

const TYPE_CODES = { source: 1, admitted: 2, refused: 3, written: 4, summed: 5, syncing: 6, synced: 7, doubted: 8, unread: 9, read: 10 } as const;
const WRITTEN_BYTES = 24;
const SUMMED_BYTES = 16;

export function encodePayload(record: JournalRecord): { typeCode: number; payload: Buffer } {
  return { typeCode: TYPE_CODES[record.type], payload: payloadOf(record) };
}

function payloadOf(record: JournalRecord): Buffer {
  switch (record.type) {
    case 'source':
      return sourcePayload(record.sourceId, record.url, record.validator);
    case 'admitted':
    case 'refused':
      return idPayload(record.sourceId);
    case 'unread':
    case 'read':
      return idPayload(record.runId);
    case 'written': {
      const payload = Buffer.alloc(WRITTEN_BYTES);
      payload.writeUInt32BE(record.runId, 0);
      payload.writeUInt32BE(record.sourceId, 4);
      payload.writeBigUInt64BE(BigInt(record.start), 8);
      payload.writeBigUInt64BE(BigInt(record.end), 16);
      return payload;
    }
    case 'summed': {
      const payload = Buffer.alloc(SUMMED_BYTES);
      payload.writeUInt32BE(record.runId, 0);
      payload.writeBigUInt64BE(BigInt(record.end), 4);
      payload.writeUInt32BE(record.crc, 12);
      return payload;
    }
    case 'syncing':
    case 'synced':
    case 'doubted':
      break;
  }
  return Buffer.alloc(0);
}

function idPayload(id: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(id, 0);
  return payload;
}

function sourcePayload(sourceId: number, url: string, validator: string | null): Buffer {
  const urlBytes = Buffer.from(url, 'utf8');
  const validatorBytes = Buffer.from(validator ?? '', 'utf8');
  const payload = Buffer.alloc(9 + urlBytes.length + validatorBytes.length);
  payload.writeUInt32BE(sourceId, 0);
  payload.writeUInt8(validator === null ? 0 : 1, 4);
  payload.writeUInt32BE(urlBytes.length, 5);
  urlBytes.copy(payload, 9);
  validatorBytes.copy(payload, 9 + urlBytes.length);
  return payload;
}

/** The record, or null where the payload is none that this version writes for a file of `totalBytes`. */
export function decodePayload(typeCode: number, payload: Buffer, totalBytes: number): JournalRecord | null {
  switch (typeCode) {
    case TYPE_CODES.source:
      return decodeSource(payload);
    case TYPE_CODES.admitted:
      return payload.length === 4 ? { type: 'admitted', sourceId: payload.readUInt32BE(0) } : null;
    case TYPE_CODES.refused:
      return payload.length === 4 ? { type: 'refused', sourceId: payload.readUInt32BE(0) } : null;
    case TYPE_CODES.written:
      return decodeWritten(payload, totalBytes);
    case TYPE_CODES.summed:
      return decodeSummed(payload, totalBytes);
    case TYPE_CODES.syncing:
      return payload.length === 0 ? { type: 'syncing' } : null;
    case TYPE_CODES.synced:
      return payload.length === 0 ? { type: 'synced' } : null;
    case TYPE_CODES.doubted:
      return payload.length === 0 ? { type: 'doubted' } : null;
    case TYPE_CODES.unread:
      return payload.length === 4 ? { type: 'unread', runId: payload.readUInt32BE(0) } : null;
    case TYPE_CODES.read:
      return payload.length === 4 ? { type: 'read', runId: payload.readUInt32BE(0) } : null;
    default:
      return null;
  }
}

function decodeSource(payload: Buffer): JournalRecord | null {
  if (payload.length < 9) return null;
  const urlEnd = 9 + payload.readUInt32BE(5);
  if (urlEnd > payload.length) return null;
  const validator = payload.readUInt8(4) === 1 ? payload.toString('utf8', urlEnd) : null;
  return { type: 'source', sourceId: payload.readUInt32BE(0), url: payload.toString('utf8', 9, urlEnd), validator };
}

function decodeWritten(payload: Buffer, totalBytes: number): JournalRecord | null {
  if (payload.length !== WRITTEN_BYTES) return null;
  const start = Number(payload.readBigUInt64BE(8));
  const end = Number(payload.readBigUInt64BE(16));
  if (start >= end || end > totalBytes) return null;
  return { type: 'written', runId: payload.readUInt32BE(0), sourceId: payload.readUInt32BE(4), start, end };
}

function decodeSummed(payload: Buffer, totalBytes: number): JournalRecord | null {
  if (payload.length !== SUMMED_BYTES) return null;
  const end = Number(payload.readBigUInt64BE(4));
  if (end > totalBytes) return null;
  return { type: 'summed', runId: payload.readUInt32BE(0), end, crc: payload.readUInt32BE(12) };
}
