import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';

/**
 * Which authorities are trusted: Node's, the system's, and the user's. Reading the system's store takes 150 ms and more
 * of the one thread that everything waits for, so it is read only when somebody shows a certificate that the nearest
 * authorities do not know. Whom they let in, all of them together would let in too.
 */
export interface Trust {
  /** What a new socket checks its server by: the user's authorities where any were named, else Node's own. */
  nearest(): SecureContext;
  /** For whoever has been turned away by `tried`: all authorities, or null where those were all. */
  beyond(tried: SecureContext): SecureContext | null;
  /** All authorities at once, for whoever cannot ask a second time. */
  all(): SecureContext;
}

export function createTrust(caPem: readonly string[]): Trust {
  let nearest: SecureContext | null = null;
  let everything: SecureContext | null = null;
  const all = (): SecureContext => {
    everything ??= createSecureContext({ ca: [...new Set([...getCACertificates('default'), ...getCACertificates('system'), ...caPem])] });
    return everything;
  };
  return {
    nearest: () => {
      // Once read, the whole store costs nothing more, and spares the others who need it a second connection.
      nearest ??= createSecureContext(caPem.length === 0 ? {} : { ca: [...caPem] });
      return everything ?? nearest;
    },
    beyond: (tried) => (tried === everything ? null : all()),
    all,
  };
}
