import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';

/**
 * Which authorities are trusted: Node's, the system's, and the user's. Made once, at the first https request, because
 * reading the system's store takes about 100 ms.
 */
export function createTrust(caPem: readonly string[]): () => SecureContext {
  let context: SecureContext | null = null;
  return () => {
    context ??= createSecureContext({ ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...caPem])] });
    return context;
  };
}
