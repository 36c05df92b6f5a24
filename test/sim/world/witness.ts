/**
 * Looks on while a download runs and speaks up when a rule is broken: it believes neither the machines nor the plane,
 * and keeps its own books.
 */
import { BACKOFF_MIN_MS, LANES_MAX, LIVE_SERVERS_MAX, RETRY_AFTER_MAX_MS } from '../../../src/base/bounds.ts';
import { faultClassOf } from '../../../src/base/faults.ts';
import { gapsIn } from '../../../src/base/range-set.ts';
import type { CoordinatorContext } from '../../../src/machines/coordinator-context.ts';
import { assertConserved } from '../../../src/machines/plan/segment-map.ts';
import type { SegmentMap } from '../../../src/machines/plan/segment-map.ts';
import type { LeaseOutcome, Order } from '../../../src/net/data-plane.ts';
import { sameStuff } from './byte-runs.ts';
import type { Scenario } from './scenario.ts';
import type { SimDisk } from './sim-disk.ts';
import type { PlaneWitness, SimLease } from './sim-lease.ts';
import type { SimServer } from './sim-server.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** Orders from the control plane in a second, for each lane that may be: more is a storm. */
const ORDERS_PER_LANE_PER_SEC = 40;
/** …and that much for a download with hardly a lane. */
const ORDERS_PER_SEC_LEAST = 200;

/** A rule of the design was broken: the message says which and how. */
export class SafetyError extends Error {
  override readonly name = 'SafetyError';
}

export class Witness implements PlaneWitness {
  readonly #scenario: Scenario;
  readonly #clock: VirtualClock;
  readonly #disk: SimDisk;
  readonly #live = new Map<number, SimLease>();
  /** Mirrors whose samples are under way. */
  readonly #sampling = new Set<number>();
  /** Before this moment a failing server must not be asked, by mirror. */
  readonly #leaveAloneUntilMs = new Map<number, number>();
  /** Nor for a sample, by mirror. */
  readonly #noSampleBeforeMs = new Map<number, number>();
  readonly #askedAtMs = new Map<number, number>();
  /** When a mirror's last lane failed, by mirror. */
  readonly #failedAtMs = new Map<number, number>();
  readonly #isThreaded: boolean;
  #seenMap: SegmentMap | null = null;
  #second = 0;
  #ordersThisSecond = 0;
  #mostLanes = 1;
  leases = 0;
  /** The first rule that was broken. A throw inside a machine may be caught on its way. */
  violation: string | null = null;

  /** Told of every lease, for a trace. */
  onLease: ((text: string) => void) | null = null;

  constructor(scenario: Scenario, clock: VirtualClock, disk: SimDisk) {
    this.#scenario = scenario;
    this.#clock = clock;
    this.#disk = disk;
    this.#isThreaded = scenario.threadDelayMs > 0;
  }

  /** Another process begins: what the last one had under way is over. */
  processBegins(): void {
    this.#live.clear();
    this.#sampling.clear();
    this.#leaveAloneUntilMs.clear();
    this.#noSampleBeforeMs.clear();
    this.#failedAtMs.clear();
    this.#seenMap = null;
  }

  asked(lease: SimLease): void {
    this.leases += 1;
    this.onLease?.(`lease ${lease.leaseId} asks mirror ${lease.mirrorId} for [${lease.start}, ${lease.end})`);
    for (const other of this.#live.values()) {
      if (lease.start < other.end && other.start < lease.end) {
        this.#fail(`one writer per byte: lease ${lease.leaseId} [${lease.start}, ${lease.end}) was opened while lease ${other.leaseId} has [${other.start}, ${other.end})`);
      }
    }
    this.#mayBeAsked(lease.mirrorId);
    this.#askedAtMs.set(lease.mirrorId, this.#clock.nowMs);
    this.#live.set(lease.leaseId, lease);
    this.#mostLanes = Math.max(this.#mostLanes, this.#live.size);
    this.#countsLanesAt(lease.mirrorId);
    if (this.#live.size > LANES_MAX) this.#fail(`bounds: ${this.#live.size} lanes in all`);
  }

  sampling(mirrorId: number): void {
    this.onLease?.(`mirror ${mirrorId} is sampled`);
    this.#mayBeAsked(mirrorId);
    if (this.#clock.nowMs < (this.#noSampleBeforeMs.get(mirrorId) ?? 0)) this.#fail(`politeness: mirror ${mirrorId} was sampled before its Retry-After was over`);
    this.#sampling.add(mirrorId);
    this.#countsLanesAt(mirrorId);
  }

  sampled(mirrorId: number): void {
    this.#sampling.delete(mirrorId);
  }

  sampleTurnedAway(mirrorId: number, retryAfterMs: number): void {
    if (this.#isThreaded) return;
    const untilMs = this.#clock.nowMs + Math.min(retryAfterMs, RETRY_AFTER_MAX_MS);
    this.#noSampleBeforeMs.set(mirrorId, untilMs);
    // Those of its lanes that are at work go on, and so may what follows on them.
    if ([...this.#live.values()].some((lease) => lease.mirrorId === mirrorId)) return;
    this.#leaveAloneUntilMs.set(mirrorId, Math.max(this.#leaveAloneUntilMs.get(mirrorId) ?? 0, untilMs));
  }

  #mayBeAsked(mirrorId: number): void {
    const untilMs = this.#leaveAloneUntilMs.get(mirrorId) ?? 0;
    if (this.#clock.nowMs < untilMs) this.#fail(`politeness: mirror ${mirrorId} was asked ${untilMs - this.#clock.nowMs} ms before it might be`);
  }

  /** A sample takes a lane as a lease does. Across threads one that has ended may not be known to have, but none is opened for it either. */
  #countsLanesAt(mirrorId: number): void {
    const leases = [...this.#live.values()].filter((lease) => lease.mirrorId === mirrorId).length;
    const lanes = leases + (this.#sampling.has(mirrorId) ? 1 : 0);
    if (lanes > this.#scenario.maxLanes) this.#fail(`bounds: ${lanes} lanes at mirror ${mirrorId}, where ${this.#scenario.maxLanes} are allowed`);
  }

  wrote(lease: SimLease, start: number, end: number): void {
    for (const other of this.#live.values()) {
      if (other.leaseId !== lease.leaseId && start < other.end && other.start < end) {
        this.#fail(`one writer per byte: lease ${lease.leaseId} wrote [${start}, ${end}) into lease ${other.leaseId}’s [${other.start}, ${other.end})`);
      }
    }
  }

  ended(lease: SimLease, _server: SimServer, outcome: LeaseOutcome): void {
    this.#live.delete(lease.leaseId);
    const { mirrorId } = lease;
    if (lease.writtenEnd > lease.end) this.#fail(`reserved means reserved: lease ${lease.leaseId} ends at ${lease.end} and has written up to ${lease.writtenEnd}`);
    this.onLease?.(`lease ${lease.leaseId} of mirror ${mirrorId} ends at ${lease.writtenEnd} of ${lease.end}: ${outcome.kind === 'done' ? 'done' : outcome.code}`);
    if (outcome.kind === 'done') {
      this.#leaveAloneUntilMs.delete(mirrorId);
      return;
    }
    const faultClass = faultClassOf(outcome.code);
    const hasOtherLanes = [...this.#live.values()].some((other) => other.mirrorId === mirrorId);
    if (hasOtherLanes || (faultClass !== 'retry' && faultClass !== 'lie') || this.#isThreaded) return;
    // At most a request a second, and none before its Retry-After is over. One that was at work may be asked at once.
    const failedAtMs = this.#failedAtMs.get(mirrorId) ?? -Infinity;
    this.#failedAtMs.set(mirrorId, this.#clock.nowMs);
    const wasAtWork = outcome.inBody && outcome.code !== 'stalled' && this.#clock.nowMs - failedAtMs >= BACKOFF_MIN_MS;
    const secondLaterMs = wasAtWork ? this.#clock.nowMs : (this.#askedAtMs.get(mirrorId) ?? 0) + BACKOFF_MIN_MS;
    const asLongAsAskedMs = this.#clock.nowMs + Math.min(outcome.retryAfterMs ?? 0, RETRY_AFTER_MAX_MS);
    this.#leaveAloneUntilMs.set(mirrorId, Math.max(secondLaterMs, asLongAsAskedMs));
  }

  ordered(order: Order): void {
    if (order.type === 'mirror.add') return;
    if (order.type === 'lease.shrink') this.onLease?.(`lease ${order.leaseId} is to end at ${order.end}`);
    const second = Math.floor(this.#clock.nowMs / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#ordersThisSecond = 0;
    }
    this.#ordersThisSecond += 1;
    const most = Math.max(ORDERS_PER_SEC_LEAST, this.#mostLanes * ORDERS_PER_LANE_PER_SEC);
    if (this.#ordersThisSecond > most) this.#fail(`bounds: over ${most} orders in a second`);
  }

  /** After every step: what the coordinator believes against what is on the disk. */
  looksAt(context: CoordinatorContext): void {
    if (context.servers.size > LIVE_SERVERS_MAX) this.#fail(`bounds: ${context.servers.size} live servers`);
    const { map } = context;
    if (map === this.#seenMap) return;
    this.#seenMap = map;
    try {
      assertConserved(map);
    } catch (error) {
      this.#fail(`conservation: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#looksAtJournal();
    // What the disk has refused to do was done in the map already: from then on only the journal is relied on.
    if (context.ending?.code === 'disk-full' || context.ending?.code === 'disk-failed') return;
    const { part } = this.#disk;
    for (const { mirrorId, ...run } of map.written) {
      // What is being read back does not count yet.
      for (const { start, end } of gapsIn(context.trust.unread, run)) {
        if (!part.areAll(start, end, (stuff) => stuff.mirrorId === mirrorId)) this.#fail(`written means written: [${start}, ${end}) of mirror ${mirrorId} is not on the disk`);
      }
    }
    for (const { start, writtenEnd, mirrorId } of map.held.values()) {
      // What a refused mirror has in flight is thrown away when its lane has drained.
      if (mirrorId !== null && context.doubted.get(mirrorId) === 'refused') continue;
      if (!part.areAll(start, writtenEnd, (stuff) => stuff.mirrorId === mirrorId)) this.#fail(`written means written: [${start}, ${writtenEnd}) of mirror ${mirrorId ?? 0}’s lease is not on the disk`);
    }
    for (const { start, end } of context.pieces.proved) {
      if (!part.areAll(start, end, ({ version, shift }) => version === 1 && shift === 0)) this.#fail(`proved means right: [${start}, ${end}) counts as proved, and is not what the pieces’ hashes are of`);
    }
  }

  /** The final name has appeared. */
  published(versionsServed: ReadonlyMap<number, number>): void {
    const { published } = this.#disk;
    if (published === null) return;
    const { runs, totalBytes } = published;
    const version = runs[0]?.stuff.version ?? 1;
    if (versionsServed.get(version) !== totalBytes) this.#fail(`no wrong file: version ${version} has ${versionsServed.get(version) ?? 0} bytes and ${totalBytes} were published`);
    let at = 0;
    for (const run of runs) {
      if (run.start !== at) this.#fail(`no wrong file: nothing stands in [${at}, ${run.start}) of the published file`);
      if (run.stuff.version !== version) this.#fail(`no wrong file: versions ${version} and ${run.stuff.version} are mixed at ${run.start}`);
      if (run.stuff.shift !== 0) this.#fail(`no wrong file: [${run.start}, ${run.end}) of mirror ${run.stuff.mirrorId} is corrupt`);
      at = run.end;
    }
    if (at !== totalBytes) this.#fail(`no wrong file: it ends at ${at}, and has ${totalBytes} bytes`);
    const isProved = this.#scenario.hasChecksum || this.#scenario.pieceBytes !== null;
    if (isProved && version !== 1) this.#fail(`no wrong file: version ${version} was published against the hashes of version 1`);
  }

  #looksAtJournal(): void {
    const { journal, part } = this.#disk;
    if (journal === null) return;
    for (const { start, end, stuff } of journal.vouched.runs) {
      if (!part.areAll(start, end, (there) => sameStuff(there, stuff))) this.#fail(`written before recorded: the journal vouches for [${start}, ${end}), which is not there`);
    }
  }

  #fail(message: string): never {
    this.violation ??= message;
    throw new SafetyError(message);
  }
}
