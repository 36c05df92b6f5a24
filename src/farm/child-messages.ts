/** The words between the farm and the process of one server. */
import type { Fault } from './fault.ts';
import type { KnownFile } from './file-source.ts';

export interface ChildConfig {
  readonly file: KnownFile;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Bytes a second; null for no cap. */
  readonly rateBytesPerSec: number | null;
  readonly latencyMs: number;
  readonly slowStart: boolean;
  readonly seed: number;
  readonly faults: readonly Fault[];
  /** What earlier processes of this server have sent: moments in bytes count on. */
  readonly sentBytes: number;
  /** The moment of the farm's first request, on the machine's monotonic clock; null before it. */
  readonly beganAtMs: number | null;
  /** Base64 of the file's SHA-256, where it is known already. */
  readonly sha256: string | null;
  /** A folder to remove when the farm has vanished and cannot do it itself. */
  readonly orphanFolder: string | null;
}

export type ToChild =
  | { readonly type: 'server.configure'; readonly config: ChildConfig }
  | { readonly type: 'farm.begin'; readonly atMs: number }
  | { readonly type: 'fault.add'; readonly fault: Fault }
  | { readonly type: 'digest.set'; readonly sha256: string };

/** What a server has done so far, since its process started (`sentBytes`: since its first process started). */
export interface ChildReport {
  readonly connections: number;
  readonly requests: number;
  readonly sentBytes: number;
  /** Labels of the faults in force. */
  readonly faults: readonly string[];
}

export type FromChild =
  | { readonly type: 'child.ready' }
  | { readonly type: 'server.listening'; readonly port: number }
  | { readonly type: 'listen.failed'; readonly code: string }
  | { readonly type: 'request.arrived'; readonly atMs: number }
  | { readonly type: 'server.reported'; readonly report: ChildReport }
  /** This fault kills the process now. */
  | { readonly type: 'server.dying'; readonly report: ChildReport; readonly fault: Fault };
