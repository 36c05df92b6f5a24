/** What a server serves at a moment: the file's own version, or the one that its faults make of it. */
import type { FaultBoard } from './fault-board.ts';

/** The file as the disk has it. */
export interface ServedFile {
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** What the entity tag says of the content: equal on all servers that serve equal bytes. */
  readonly tag: string;
  /** SHA-256 of the whole file in base64, where it is known. */
  readonly sha256: string | null;
}

export interface Representation {
  readonly name: string;
  readonly sizeBytes: number;
  /** What the disk has of it; what a fault added stands beyond. */
  readonly fileBytes: number;
  readonly lastModifiedMs: number;
  /** The entity tag as it stands in the header (RFC 9110 §8.8.3), or null for none. */
  readonly entityTag: string | null;
  readonly sha256: string | null;
  /** The bytes are another version's: each one differs from the file's. */
  readonly isOtherVersion: boolean;
}

/** The version that a response beginning now is made of; a response under way keeps the one it began with. */
export function representationOf(file: ServedFile, faults: FaultBoard): Representation {
  const isOtherVersion = faults.has('change');
  const sizeBytes = sizeUnder(file.sizeBytes, faults);
  let tag = file.tag;
  if (isOtherVersion) tag = `changed-${tag}`;
  if (sizeBytes !== file.sizeBytes) tag = `${sizeBytes}-of-${tag}`;
  const isSameContent = tag === file.tag;
  if (faults.has('retag')) tag = `again-${tag}`;
  return {
    name: file.name,
    sizeBytes,
    fileBytes: file.sizeBytes,
    // Whole seconds, as the header has them; another version is a minute younger or older, so that both sorts occur.
    lastModifiedMs: Math.floor(file.modifiedAtMs / 1_000) * 1_000 - (isSameContent ? 0 : 60_000),
    entityTag: faults.has('no-tag') ? null : `${faults.has('weak-tag') ? 'W/' : ''}"${tag}"`,
    sha256: isSameContent ? file.sha256 : null,
    isOtherVersion,
  };
}

function sizeUnder(sizeBytes: number, faults: FaultBoard): number {
  const fault = faults.newestOf(['shrink', 'grow']);
  if (fault === undefined) return sizeBytes;
  return fault.name === 'shrink' ? Math.floor(sizeBytes / 2) : sizeBytes + Math.max(1, Math.floor(sizeBytes / 4));
}

const OTHER_VERSION_MASK = 0x55;
/** What stands past the file's end where a fault lets it grow. */
const GROWN_BYTE = 0x2b;

/** Makes another version's bytes of the file's, in place. */
export function turnIntoOtherVersion(bytes: Uint8Array): void {
  for (let index = 0; index < bytes.length; index += 1) bytes[index] = (bytes[index] ?? 0) ^ OTHER_VERSION_MASK;
}

/** Fills what the file does not have. */
export const fillGrown = (bytes: Uint8Array): Uint8Array => bytes.fill(GROWN_BYTE);
