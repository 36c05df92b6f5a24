import { faultClassOf } from '../../base/faults.ts';
import type { FaultCode } from '../../base/faults.ts';
import { faultSentence, serverName } from '../decisions.ts';

/** What helps against a fault that time does not cure; of all others the address is what the user can change. Flags stand beside the library’s names for them. */
const HELP: Partial<Record<FaultCode, string>> = {
  forbidden: 'check the addresses, and whether a user (user:password@host) or a header (-H; in a program: headers) is wanted there',
  'tls-failed': 'name the authority that its certificate is from (--ca; in a program: caPem), if you trust it',
  'redirect-refused': 'give the address that the redirects lead to',
  'too-many-redirects': 'give an address that does not redirect to itself',
};
const CHECK = 'check the addresses, or name other servers';

const isCuredByTime = (code: FaultCode | null): boolean => code === null || faultClassOf(code) === 'retry';

/**
 * A sentence on what the user can do where no server delivers. More time is advised only where it may help: a server that
 * does not have the file will not have it in a minute either.
 *
 * @param codes the last fault of each server; null for one that has not answered
 */
export function adviceOn(codes: readonly (FaultCode | null)[]): string {
  if (codes.some(isCuredByTime)) return 'Check the addresses, or give them more time (--wait; in a program: waitMs).';
  const helps = [...new Set(codes.map((code) => (code === null ? CHECK : (HELP[code] ?? CHECK))))].join('; ');
  return helps === '' ? 'Name the servers to download from.' : `${helps.charAt(0).toUpperCase()}${helps.slice(1)}.`;
}

/** Servers named in the sentence that says why nobody could deliver. */
const NAMED_MAX = 5;

export interface LostServer {
  readonly mirrorId: number;
  /** Redacted. */
  readonly url: string;
  /** Its last one; null where it has not answered. */
  readonly fault: { readonly code: FaultCode; readonly detail: string } | null;
}

/**
 * Why nobody could deliver, each server with its last fault, and what the user can do.
 * @param waiting how many more wait for their turn
 */
export function nobodyDelivers(servers: readonly LostServer[], waiting = 0): string {
  const faults = servers.slice(0, NAMED_MAX).map(({ mirrorId, url, fault }) => `${serverName(mirrorId)} (${url}) ${fault === null ? 'did not answer' : faultSentence(fault.code, fault.detail)}`);
  const unnamed = servers.length + waiting - faults.length;
  const more = unnamed > 0 ? `; and ${unnamed} more` : '';
  return `No server could deliver the file: ${faults.join('; ')}${more}. ${adviceOn(servers.map(({ fault }) => fault?.code ?? null))}`;
}
