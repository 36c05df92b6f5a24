import { faultSays } from '../base/faults.ts';
import type { FaultCode } from '../base/faults.ts';

/** What a user of a running download cares to hear of. */
export type DecisionKind =
  | 'looking'
  | 'resumed'
  | 'recovery-read'
  | 'recovery-lost'
  | 'size-known'
  | 'size-unknown'
  | 'server-added'
  | 'server-lost'
  | 'server-returned'
  | 'server-retired'
  | 'server-quarantined'
  | 'server-whole-only'
  | 'mirror-refused'
  | 'mirror-admitted'
  | 'piece-refuted'
  | 'searching'
  | 'machine-busy'
  | 'segment-moved'
  | 'segment-split'
  | 'started-over'
  | 'paused'
  | 'disk-full'
  | 'went-on'
  | 'verifying'
  | 'publishing'
  | 'stopping';

/** A decision and the reason for it, as the coordinator emits it. */
export interface Decision {
  readonly type: 'decision';
  readonly kind: DecisionKind;
  /** A sentence for people. Servers are named by number, as on the screen. */
  readonly why: string;
  /** When, in ms of this process's monotonic clock: what `now()` of `performance` gives. */
  readonly atMs: number;
  readonly mirrorId?: number;
  readonly segmentId?: number;
  /** What a server was lost for. */
  readonly fault?: FaultCode;
}

/** "server 3": how every sentence names a mirror. */
export const serverName = (mirrorId: number): string => `server ${mirrorId}`;

/** "refused the connection (ECONNREFUSED)". */
export const faultSentence = (code: FaultCode, detail: string): string => `${faultSays(code)}${detail === '' ? '' : ` (${detail})`}`;
