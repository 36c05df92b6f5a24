/** A scenario as data: the servers, the file, and what goes wrong when. Everything that happens in a world follows from it. */
import type { FaultCode } from '../../../src/base/faults.ts';
import type { CoordinatorEvent } from '../../../src/machines/events.ts';
import type { ServerSpec } from './sim-server.ts';

export type ServerFault =
  /** Its process dies, sockets and all. `isSilent`: nothing answers at its address; otherwise connections are refused. */
  | { readonly kind: 'die'; readonly isSilent: boolean }
  | { readonly kind: 'revive' }
  /** It stops sending and keeps its sockets. */
  | { readonly kind: 'stall' }
  | { readonly kind: 'unstall' }
  /** From then on it gives this share of its rate. */
  | { readonly kind: 'slow'; readonly factor: number }
  /** Bodies under way break off. */
  | { readonly kind: 'reset'; readonly code: 'reset' | 'closed-early' }
  /** Every request is turned away so. */
  | { readonly kind: 'gate'; readonly code: FaultCode; readonly retryAfterMs: number | null }
  | { readonly kind: 'ungate' }
  /** Every head is wrong so. */
  | { readonly kind: 'lie'; readonly code: FaultCode }
  | { readonly kind: 'honest' }
  /** The bytes of bodies that begin from then on are wrong. */
  | { readonly kind: 'corrupt' }
  | { readonly kind: 'sound' }
  /** It has another version of the file; bodies under way go on with the old one. */
  | { readonly kind: 'change'; readonly version: number; readonly totalBytes: number };

export type ClientFault =
  | { readonly kind: 'kill' }
  /** The machine goes down: unsynced writes may vanish or tear. */
  | { readonly kind: 'crash' }
  | { readonly kind: 'disk'; readonly fault: 'disk-full' | 'disk-failed' | null }
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  | { readonly kind: 'abort' }
  /** The user does something else. */
  | { readonly kind: 'tell'; readonly event: CoordinatorEvent };

/** `server`: the index of the server it befalls. */
export type Fault = { readonly atMs: number } & (({ readonly server: number } & (ServerFault | { readonly kind: 'add' | 'drop' })) | ClientFault);

export interface Scenario {
  readonly name: string;
  readonly seed: number;
  readonly totalBytes: number;
  readonly linkBytesPerSec: number;
  readonly servers: readonly ServerSpec[];
  readonly faults: readonly Fault[];
  /** How long an order or a fact takes between the planes: 0 in one thread. */
  readonly threadDelayMs: number;
  /** The user gave a checksum of version 1. */
  readonly hasChecksum: boolean;
  /** The user gave the hashes of version 1's pieces of this length; null: none. */
  readonly pieceBytes: number | null;
  /** A full disk pauses it until it is told to go on, instead of ending it. */
  readonly waitsForRoom: boolean;
  /** How long it takes to open, verify, publish or keep the file. */
  readonly effectMs: number;
  readonly maxLanes: number;
  /** Until then the event loop has no moment to itself. */
  readonly busyUntilMs: number;
  readonly waitMs: number;
  /** From then on every server works as it did at first. Infinity: never. */
  readonly healAtMs: number;
}

export const SCENARIO_DEFAULTS: Omit<Scenario, 'name' | 'totalBytes' | 'servers'> = {
  seed: 1,
  linkBytesPerSec: Infinity,
  faults: [],
  threadDelayMs: 0,
  hasChecksum: false,
  pieceBytes: null,
  waitsForRoom: false,
  effectMs: 0,
  maxLanes: 6,
  busyUntilMs: 0,
  waitMs: 30_000,
  healAtMs: Infinity,
};

/** One line a fault, as the trace and a shrunk failure print it. */
export function faultText(fault: Fault): string {
  const { atMs, kind, ...rest } = fault;
  const words = Object.entries(rest).map(([name, value]) => `${name}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
  return `${(atMs / 1_000).toFixed(3)} s ${[kind, ...words].join(' ')}`;
}

/** Whether a server that lies is part of it: then only safety is judged. */
export const hasLiars = (scenario: Scenario): boolean =>
  scenario.faults.some(({ kind }) => kind === 'lie' || kind === 'corrupt' || kind === 'change');
