import type { FaultName } from './fault-names.ts';

/** When a fault comes into force. */
export type FaultMoment =
  | { readonly kind: 'start' }
  /** Milliseconds after the farm's first request, whichever server got it. */
  | { readonly kind: 'time'; readonly ms: number }
  /** Once this server has sent so many bytes of files. */
  | { readonly kind: 'sent'; readonly bytes: number }
  /** Once this server has sent this share (0 to 1) of the file's size. */
  | { readonly kind: 'share'; readonly share: number };

/** One fault of one server, as plain values: it travels to the server's process. */
export interface Fault {
  readonly name: FaultName;
  readonly moment: FaultMoment;
  /** What stood after `=`: a rate in bytes a second, an offset in bytes, or seconds. */
  readonly amount: number | null;
  /** What stood after `=` as text. */
  readonly text: string | null;
}

/** A fault and whose it is; servers are counted from 1. */
export interface ServerFault {
  readonly server: number;
  readonly fault: Fault;
}

/** How far a server has come: what moments are measured by. */
export interface FaultProgress {
  /** Since the farm's first request; null before it. */
  readonly elapsedMs: number | null;
  readonly sentBytes: number;
  readonly sizeBytes: number;
}

/** Whether the moment has come. */
export function isDue(moment: FaultMoment, progress: FaultProgress): boolean {
  if (moment.kind === 'start') return true;
  if (moment.kind === 'time') return progress.elapsedMs !== null && progress.elapsedMs >= moment.ms;
  return progress.sentBytes >= momentBytes(moment, progress.sizeBytes);
}

/** After how many sent bytes a moment of `sent` or `share` comes. */
export function momentBytes(moment: FaultMoment & { kind: 'sent' | 'share' }, sizeBytes: number): number {
  return moment.kind === 'sent' ? moment.bytes : Math.ceil(sizeBytes * moment.share);
}

/** The fault as people read it while it is in force: `slow=20480`, `corrupt=1048576`, `stall`. */
export function faultLabel(fault: Fault): string {
  const value = fault.text ?? fault.amount;
  return value === null ? fault.name : `${fault.name}=${value}`;
}
