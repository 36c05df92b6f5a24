/**
 * What a lease can end with other than its bytes, and what that says about the server. One table, so that the net
 * plane names a fault and the control plane alone decides what follows from it.
 */

/**
 * What follows from a fault:
 * - `retry`: back off, then try this server again (the network's or the moment's fault);
 * - `lie`: the same, but few are forgiven (what it said was wrong);
 * - `out`: this server cannot serve the file; it retires;
 * - `whole`: it serves the file only as one whole; a last resort;
 * - `vote`: it speaks of another file; the mirrors' vote decides about it;
 * - `ours`: our own doing or our own disk's, and no mark against the server.
 */
export type FaultClass = 'retry' | 'lie' | 'out' | 'whole' | 'vote' | 'ours';

export const FAULTS = {
  refused: { class: 'retry', says: 'refused the connection' },
  unreachable: { class: 'retry', says: 'cannot be reached' },
  'no-such-host': { class: 'retry', says: 'has a name that nobody knows' },
  'connect-timeout': { class: 'retry', says: 'did not take the connection in time' },
  'head-timeout': { class: 'retry', says: 'did not answer in time' },
  reset: { class: 'retry', says: 'reset the connection' },
  'closed-early': { class: 'retry', says: 'closed the connection before the end' },
  stalled: { class: 'retry', says: 'stopped sending' },
  'too-many-requests': { class: 'retry', says: 'asks for fewer requests' },
  unavailable: { class: 'retry', says: 'is unavailable for now' },
  'lane-refused': { class: 'retry', says: 'takes no more connections' },
  'too-many-files': { class: 'retry', says: 'could not be given another socket: too many open files' },
  'bad-head': { class: 'lie', says: 'sent a response that is not HTTP' },
  'web-page': { class: 'retry', says: 'sent a web page instead of the file: log in there, or give another address' },
  'head-too-large': { class: 'lie', says: 'sent a response head over the limit' },
  'wrong-range': { class: 'lie', says: 'sent another range than the one asked for' },
  'wrong-length': { class: 'lie', says: 'announced a length that does not fit its range' },
  'wrong-encoding': { class: 'out', says: 'sends the file encoded though asked not to' },
  'http-status': { class: 'lie', says: 'answered with an unexpected status' },
  'not-found': { class: 'out', says: 'does not have the file' },
  forbidden: { class: 'out', says: 'does not allow access to the file' },
  'tls-failed': { class: 'out', says: 'has a certificate or a TLS setup that cannot be trusted' },
  'redirect-refused': { class: 'out', says: 'redirects to where plait does not follow' },
  'too-many-redirects': { class: 'out', says: 'redirects without end' },
  'no-ranges': { class: 'whole', says: 'does not serve parts of the file' },
  'other-size': { class: 'vote', says: 'serves a file of another size' },
  changed: { class: 'vote', says: 'serves another version than before' },
  'other-content': { class: 'vote', says: 'serves other bytes under the same size' },
  'bad-piece': { class: 'lie', says: 'sent bytes that are not the file’s' },
  cancelled: { class: 'ours', says: 'was told to stop' },
  'disk-full': { class: 'ours', says: 'was stopped: the disk is full' },
  'disk-failed': { class: 'ours', says: 'was stopped: the disk failed' },
} as const satisfies Record<string, { class: FaultClass; says: string }>;

export type FaultCode = keyof typeof FAULTS;

export const faultClassOf = (code: FaultCode): FaultClass => FAULTS[code].class;

/** The fault as the end of a sentence whose subject is the server: "refused the connection". */
export const faultSays = (code: FaultCode): string => FAULTS[code].says;
