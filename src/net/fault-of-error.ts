/** A failed socket as a fault with a detail that people can read. */
import { systemCodeOf } from '../base/errors.ts';
import { cleanForeignText } from '../base/foreign-text.ts';
import type { FaultCode } from '../base/faults.ts';

export interface NetFault {
  readonly code: FaultCode;
  readonly detail: string;
}

const BY_SYSTEM_CODE: Record<string, FaultCode> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'no-such-host',
  EAI_AGAIN: 'no-such-host',
  EAI_NONAME: 'no-such-host',
  EAI_NODATA: 'no-such-host',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EACCES: 'unreachable',
  EPERM: 'unreachable',
  ETIMEDOUT: 'connect-timeout',
  UND_ERR_CONNECT_TIMEOUT: 'connect-timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  EMFILE: 'too-many-files',
  ENFILE: 'too-many-files',
  UND_ERR_SOCKET: 'closed-early',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'closed-early',
  // Our own aborts are never reported: this is a proxy that refused the tunnel.
  UND_ERR_ABORTED: 'unreachable',
  UND_ERR_PRX_TLS: 'tls-failed',
  UND_ERR_HEADERS_OVERFLOW: 'head-too-large',
};

const BY_CERTIFICATE_CODE: Record<string, string> = {
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  CERT_REVOKED: 'its certificate was revoked',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate chain ends in a self-signed one that is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an unknown authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an unknown authority',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate comes from an unknown authority',
  HOSTNAME_MISMATCH: 'its certificate is for another host',
};

/** What a certificate may be refused for that other authorities might know better: an expired root has successors. */
const BY_AUTHORITIES = new Set(['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE']);

/** Whether a certificate was refused that would be accepted with more authorities to trust, perhaps. */
export const isForWantOfAuthority = (error: unknown): boolean => BY_AUTHORITIES.has(systemCodeOf(error) ?? '');

/** Node tries every address of a host: what counts is the answer of one that was there, if any was. */
function mostTelling(error: unknown): unknown {
  if (!(error instanceof AggregateError)) return error;
  return error.errors.find((each) => systemCodeOf(each) === 'ECONNREFUSED') ?? error.errors[0] ?? error;
}

/** What a socket's (or undici's) error says about the server; anything unknown counts as a reset. */
export function faultOfError(error: unknown): NetFault {
  const told = mostTelling(error);
  const code = systemCodeOf(told) ?? '';
  const certificate = BY_CERTIFICATE_CODE[code];
  if (certificate !== undefined) return { code: 'tls-failed', detail: `${certificate} (${code})` };
  if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS') || code === 'EPROTO') return { code: 'tls-failed', detail: code };
  if (code.startsWith('HPE_')) return { code: code === 'HPE_HEADER_OVERFLOW' ? 'head-too-large' : 'bad-head', detail: code };
  const fault = BY_SYSTEM_CODE[code];
  if (fault !== undefined) return { code: fault, detail: code };
  // undici wraps what happened while it connected through a proxy.
  if (told instanceof Error && told.cause instanceof Error) return faultOfError(told.cause);
  return { code: 'reset', detail: cleanForeignText(code === '' ? String(told) : code) };
}
