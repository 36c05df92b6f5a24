import { PlaitError } from '../base/errors.ts';
import type { PlaitErrorCode } from '../base/errors.ts';
import type { ProcessEnd } from '../machines/farm-server.ts';

/** The address under which this machine reaches a server; a wildcard host is reached by loopback. */
export function serverUrl(host: string, port: number): string {
  if (host === '0.0.0.0' || host === '') return `http://127.0.0.1:${port}/`;
  if (host === '::') return `http://[::1]:${port}/`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}/`;
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly detail: string;
}

const NOT_STARTED: Readonly<Record<ProcessEnd['code'], { code: PlaitErrorCode; says: (place: Place) => string }>> = {
  'port-in-use': { code: 'usage', says: ({ port }) => `Port ${port} is in use: choose others with --ports, or 0 for a free one.` },
  'port-forbidden': {
    code: 'usage',
    says: ({ port, detail }) => `Port ${port} may not be used, or the file may not be read (${detail}): choose others with --ports, or 0 for a free one.`,
  },
  'address-unavailable': { code: 'usage', says: ({ host, detail }) => `${host} is no address of this machine (${detail}): choose another with --host.` },
  'file-unreadable': { code: 'usage', says: ({ detail }) => `The file to serve is not there any more (${detail}).` },
  killed: { code: 'aborted', says: ({ port }) => `The server on port ${port} was killed before it listened.` },
  crashed: { code: 'bug', says: ({ port, detail }) => `The server on port ${port} did not start. ${detail}` },
  'listen-failed': { code: 'bug', says: ({ port, detail }) => `The server on port ${port} did not start: ${detail}.` },
};

/** Why a server did not start, as an error that tells the user what to do. */
export function whyNotStarted({ code, detail }: ProcessEnd, host: string, port: number): PlaitError {
  const why = NOT_STARTED[code];
  return new PlaitError(why.code, why.says({ host, port, detail }));
}
