/** A lease in a simulated world, who looks on, and the rules that may be broken on purpose. */
import type { LeaseOutcome, Order } from '../../../src/net/data-plane.ts';
import type { Exchange } from './sim-net.ts';
import type { SentHead } from './sim-kept.ts';
import type { SimServer } from './sim-server.ts';

/** Looks on: every rule about leases is checked there. */
export interface PlaneWitness {
  asked(lease: SimLease, server: SimServer): void;
  wrote(lease: SimLease, start: number, end: number): void;
  ended(lease: SimLease, server: SimServer, outcome: LeaseOutcome): void;
  ordered(order: Order): void;
  /** A mirror's samples are asked for, on a lane of its own… */
  sampling(mirrorId: number): void;
  /** …and have come, or not. */
  sampled(mirrorId: number): void;
  /** …with the word to be left alone for so long. */
  sampleTurnedAway(mirrorId: number, retryAfterMs: number): void;
}

export interface SimLease {
  readonly leaseId: number;
  readonly mirrorId: number;
  readonly start: number;
  readonly manner: 'range' | 'whole';
  readonly totalBytes: number | null;
  end: number;
  writtenEnd: number;
  /** Where in the file the body begins and ends. */
  bodyStart: number;
  bodyEnd: number;
  /** What its answer was; null before. */
  sent: SentHead | null;
  exchange: Exchange | null;
}

/** Rules of the data plane that a mutation test breaks on purpose. */
export interface PlaneFaults {
  /** It says that a lease has ended, and goes on writing for a while. */
  readonly endsBeforeItsDrain: boolean;
  /** It shrinks a lease below what is written. */
  readonly shrinksBelowWritten: boolean;
  /** It keeps to itself for how long a server asked to be left alone that turned a sample away. */
  readonly hidesSamplesPause: boolean;
}

export const SOUND: PlaneFaults = { endsBeforeItsDrain: false, shrinksBelowWritten: false, hidesSamplesPause: false };
