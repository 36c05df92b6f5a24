import { BUSY_LANES_MAX, LANES_MAX } from '../../base/bounds.ts';
import { remembered } from '../../base/remembered.ts';

/**
 * What the planner does by choice: each choice has its reason in docs/scheduling.md, and can be left out to see what it
 * is worth. The program always plans by `DEFAULT_POLICY`.
 */
export interface PlanPolicy {
  /** So many lanes may be at work at once; idle servers wait until there are fewer. */
  readonly lanesMax: number;
  /** The share of its fair part of what is left that a lane is given at a time (guided self-scheduling). */
  readonly leaseShare: number;
  /** The same for a server that has only one lane. */
  readonly loneLeaseShare: number;
  /** The same for each of the lanes of a server that is alone. */
  readonly aloneLeaseShare: number;
  /**
   * The file is planned as if it ended so far ahead of its written front, and idle lanes take from who holds that front
   * up before they go further.
   */
  readonly aheadMaxBytes: number;
  /** No lease is meant to last shorter than this: below it the cost of asking shows. */
  readonly leaseMinMs: number;
  /**
   * …nor shorter than this for each lane at work: what asking costs us falls on all of them, and of many short leases
   * nothing else would be done.
   */
  readonly leaseMinMsPerLane: number;
  /** Lanes of one server do not end together. */
  readonly staggers: boolean;
  /** Further lanes to a server that has never failed do not wait for its first answer, where that takes long. */
  readonly opensEarly: boolean;
  /** Idle lanes take from those that would finish last. */
  readonly steals: boolean;
  /** A steal must bring the end nearer by this much, or it is not worth a request and a lost connection. */
  readonly stealGainMinMs: number;
  /** …and at least this for each lane at work, for the same reason. */
  readonly stealGainMinMsPerLane: number;
  /** A server that turns out to have more in hand than it can give keeps what it can. */
  readonly handsBack: boolean;
  /** The only lane of a server leaves small gaps to others. */
  readonly sparesLoneLanes: boolean;
  /** Nobody is given what the others would have finished before it. */
  readonly sparesTheSlow: boolean;
}

export const DEFAULT_POLICY: PlanPolicy = {
  lanesMax: LANES_MAX,
  leaseShare: 0.5,
  loneLeaseShare: 0.95,
  aloneLeaseShare: 0.75,
  aheadMaxBytes: Infinity,
  leaseMinMs: 120,
  leaseMinMsPerLane: 4,
  staggers: true,
  opensEarly: true,
  steals: true,
  stealGainMinMs: 40,
  stealGainMinMsPerLane: 1.5,
  handsBack: true,
  sparesLoneLanes: true,
  sparesTheSlow: true,
};

/**
 * Where a digest follows the written front: what lies far ahead of it is hashed only after the last byte has come, and at
 * the speed of memory one slow lane at the front would put off the hash of nearly the whole file. 256 MiB are hashed in a
 * fifth of a second.
 */
export const FOLLOWED_POLICY: PlanPolicy = { ...DEFAULT_POLICY, aheadMaxBytes: 256 * 1024 * 1024 };

/**
 * Where our own event loop has no moment to itself, it is what the download waits for, and not the servers: more lanes
 * bring nothing, and each costs requests and smaller reads. As soon as so few leave it a moment, there are more again.
 */
export const whenBusy = remembered((policy: PlanPolicy): PlanPolicy => ({ ...policy, lanesMax: BUSY_LANES_MAX }));
