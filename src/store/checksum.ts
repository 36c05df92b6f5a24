import { PlaitError } from '../base/errors.ts';
import type { Checksum, ChecksumAlgorithm } from './store.ts';

interface AlgorithmFacts {
  readonly algorithm: ChecksumAlgorithm;
  /** The name that node:crypto knows it by. */
  readonly hashName: string;
  readonly hexLength: number;
}

const ALGORITHMS: readonly AlgorithmFacts[] = [
  { algorithm: 'sha-256', hashName: 'sha256', hexLength: 64 },
  { algorithm: 'sha-512', hashName: 'sha512', hexLength: 128 },
  { algorithm: 'sha-1', hashName: 'sha1', hexLength: 40 },
  { algorithm: 'md5', hashName: 'md5', hexLength: 32 },
];

const KNOWN = ALGORITHMS.map(({ algorithm }) => algorithm).join(', ');

/** `sha-256`, `SHA256` and `sha_256` are one name. */
const plainName = (name: string): string => name.trim().toLowerCase().replaceAll(/[-_]/gu, '');

/** The name that node:crypto knows an algorithm by. */
export function hashNameOf(algorithm: ChecksumAlgorithm): string {
  return plainName(algorithm);
}

/**
 * Reads `sha-256=HEX` (also `sha256`, upper case, spaces around).
 * @throws PlaitError `usage` that names what is wrong: no `=`, an unknown algorithm, a wrong length, or no hex.
 */
export function parseChecksum(text: string): Checksum {
  const equals = text.indexOf('=');
  if (equals < 0) throw new PlaitError('usage', `A checksum is written ALGORITHM=HEX, such as sha-256=9f86…; the algorithm is one of ${KNOWN}.`);
  const name = text.slice(0, equals);
  const facts = ALGORITHMS.find(({ hashName }) => hashName === plainName(name));
  if (facts === undefined) throw new PlaitError('usage', `The checksum algorithm ${JSON.stringify(name.trim())} is not known; use one of ${KNOWN}.`);
  const hex = text.slice(equals + 1).trim().toLowerCase();
  if (!/^[0-9a-f]*$/u.test(hex)) throw new PlaitError('usage', `The ${facts.algorithm} checksum holds something other than the digits 0-9 and a-f.`);
  if (hex.length !== facts.hexLength) {
    throw new PlaitError('usage', `A ${facts.algorithm} checksum has ${facts.hexLength} hex digits; this one has ${hex.length}.`);
  }
  return { algorithm: facts.algorithm, hex };
}
