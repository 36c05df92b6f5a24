/** A simulated server: what it can give, and what is wrong with it at present. */
import type { FaultCode } from '../../../src/base/faults.ts';
import type { SharedServer } from './fair-shares.ts';
import type { Connection, Exchange } from './sim-net.ts';

export interface ServerSpec {
  /** What it gives all of its connections together. */
  readonly rateBytesPerSec: number;
  readonly roundTripMs: number;
  /** Round trips before a new connection's request can be sent: 1 for TCP, 0 where only the answer takes its time. */
  readonly connectRoundTrips: 0 | 1;
  /** Each connection's window begins at 14,600 bytes and doubles every round trip. */
  readonly slowStart: boolean;
  /** What it gives one connection at most. */
  readonly laneBytesPerSec: number;
  /** Requests it serves at a time; further ones are turned away. */
  readonly lanesMax: number;
  readonly ranges: boolean;
  readonly tag: 'strong' | 'none';
  /** Whether its answers speak of the file's size. */
  readonly tellsSize: boolean;
}

export const PLAIN_SERVER: ServerSpec = {
  rateBytesPerSec: 1024 * 1024,
  roundTripMs: 20,
  connectRoundTrips: 0,
  slowStart: false,
  laneBytesPerSec: Infinity,
  lanesMax: Infinity,
  ranges: true,
  tag: 'strong',
  tellsSize: true,
};

/** Which file a server has. */
export interface FileVersion {
  readonly version: number;
  readonly totalBytes: number;
}

/** What every request is turned away with. */
export interface Gate {
  readonly code: FaultCode;
  readonly retryAfterMs: number | null;
}

export class SimServer implements SharedServer {
  readonly index: number;
  readonly spec: ServerSpec;
  file: FileVersion;
  isUp = true;
  /** A server that is down refuses connections, or says nothing at all. */
  isSilentWhenDown = false;
  isStalled = false;
  rateFactor = 1;
  gate: Gate | null = null;
  /** Every head is wrong in this way. */
  lie: FaultCode | null = null;
  /** The bytes of bodies that begin now are wrong. */
  corrupts = false;
  readonly exchanges = new Set<Exchange>();
  /** Those that send a body now. */
  flows: readonly Exchange[] = [];
  idle: Connection[] = [];
  /** Body bytes that have arrived at the client. */
  sentBytes = 0;
  requests = 0;

  constructor(index: number, spec: ServerSpec, file: FileVersion) {
    this.index = index;
    this.spec = spec;
    this.file = file;
  }

  get capBytesPerSec(): number {
    return this.isUp && !this.isStalled ? this.spec.rateBytesPerSec * this.rateFactor : 0;
  }
}

/** The entity tag of what it has now: it changes with the version, and no two servers have the same. */
export const validatorOf = (server: SimServer): string | null => (server.spec.tag === 'strong' ? `"v${server.file.version}-${server.index}"` : null);
