import type { FaultCode } from '../../../src/base/faults.ts';
import type { LeaseHead, LeaseOutcome } from '../../../src/net/data-plane.ts';

/** An accepted answer. */
export const head = (over: Partial<LeaseHead> = {}): LeaseHead => ({
  totalBytes: 100,
  validator: '"v1"',
  roundTripMs: 10,
  address: 'http://127.0.0.1/f',
  digest: null,
  fileName: null,
  ...over,
});

/** A lease that failed. */
export const failure = (code: FaultCode, over: { retryAfterMs?: number; totalBytes?: number; inBody?: boolean } = {}): LeaseOutcome => ({
  kind: 'failed',
  code,
  detail: '',
  retryAfterMs: null,
  totalBytes: null,
  inBody: false,
  ...over,
});
