/** Digests of the whole file that a server offers in its headers (RFC 9530, and the older RFC 3230). */
import { headerValue } from './response-head.ts';
import type { Headers } from './response-head.ts';

export interface OfferedDigest {
  readonly algorithm: 'sha-256' | 'sha-512';
  readonly hex: string;
}

const DIGEST_BYTES = { 'sha-256': 32, 'sha-512': 64 } as const;
const BASE64 = /^[A-Za-z\d+/]+={0,2}$/u;

function hexOf(algorithm: OfferedDigest['algorithm'], base64: string): string | null {
  if (!BASE64.test(base64)) return null;
  const digest = Buffer.from(base64, 'base64');
  return digest.length === DIGEST_BYTES[algorithm] ? digest.toString('hex') : null;
}

/** One algorithm's digest in a comma-separated list; the last of several holds (RFC 8941 §3.2). */
function find(list: string, algorithm: OfferedDigest['algorithm'], item: RegExp): OfferedDigest | null {
  let found: OfferedDigest | null = null;
  for (const member of list.split(',')) {
    const match = item.exec(member.trim());
    if (match?.[1]?.toLowerCase() !== algorithm) continue;
    const hex = hexOf(algorithm, match[2] ?? '');
    found = hex === null ? null : { algorithm, hex };
  }
  return found;
}

// A byte sequence of structured fields stands between colons, and parameters may follow.
const STRUCTURED = /^([a-z\d-]+)=:([^:]*):(?:;.*)?$/u;
const LEGACY = /^([A-Za-z\d-]+)=(.*)$/u;

/**
 * The digest of the whole representation: Repr-Digest, else the older Digest. Content-Digest is not read, because it
 * is of one response's bytes. Only sha-256 and sha-512 count; the first is preferred, as it is what people publish.
 */
export function offeredDigest(headers: Headers): OfferedDigest | null {
  const repr = headerValue(headers, 'repr-digest') ?? '';
  const legacy = headerValue(headers, 'digest') ?? '';
  return (
    find(repr, 'sha-256', STRUCTURED) ?? find(repr, 'sha-512', STRUCTURED) ?? find(legacy, 'sha-256', LEGACY) ?? find(legacy, 'sha-512', LEGACY)
  );
}
