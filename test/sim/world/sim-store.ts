/**
 * What the session does with its store, in a simulated process: it opens what was left, does what rulings ask of the
 * disk, makes hashes, and gives the file its name.
 */
import { JOURNAL_FLUSH_MS, SYNC_MS } from '../../../src/base/bounds.ts';
import type { Difference } from '../../../src/base/difference.ts';
import { PlaitError } from '../../../src/base/errors.ts';
import type { ByteRange } from '../../../src/base/range.ts';
import { EMPTY, add, subtract } from '../../../src/base/range-set.ts';
import type { RangeSet } from '../../../src/base/range-set.ts';
import type { Proof } from '../../../src/machines/coordinator-context.ts';
import type { PieceFact, RecoveryFact } from '../../../src/machines/events.ts';
import type { EndReason } from '../../../src/machines/plan/ending.ts';
import { pieceRange } from '../../../src/machines/plan/pieces.ts';
import type { PieceGrid } from '../../../src/machines/plan/pieces.ts';
import type { Outcome, RecoveredWork } from '../../../src/machines/rulings/on-course.ts';
import type { Effect } from '../../../src/machines/rulings/ruling.ts';
import type { Order } from '../../../src/net/data-plane.ts';
import { hashOf } from './byte-runs.ts';
import type { ByteRun } from './byte-runs.ts';
import type { Scenario } from './scenario.ts';
import type { SimDisk } from './sim-disk.ts';
import type { SimIo } from './sim-io.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How fast the bytes of the part file are hashed: so much that a piece’s hash comes a while after its last byte. */
const HASH_BYTES_PER_SEC = 1024 * 1024 * 1024;

export interface SimStoreOptions {
  readonly scenario: Scenario;
  readonly clock: VirtualClock;
  readonly disk: SimDisk;
  readonly io: SimIo;
  /** Numbers of all mirrors that there are. */
  readonly mirrorIds: readonly number[];
  readonly introduce: (mirrorId: number, validator: string | null) => void;
  readonly post: (order: Order) => void;
}

/** The pieces whose hashes the user gave; undefined where none were given. */
export const piecesOf = ({ pieceBytes, totalBytes }: Scenario): PieceGrid | undefined =>
  pieceBytes === null ? undefined : { lengthBytes: pieceBytes, count: Math.ceil(totalBytes / pieceBytes) };

export class SimStore {
  readonly #options: SimStoreOptions;
  /** Bytes of pieces that have their hash. */
  #proved: RangeSet = EMPTY;
  /** Blocks of which servers have unlike versions, by mirror and place. */
  readonly #versions = new Map<string, readonly ByteRun[]>();
  /** When the journal was flushed and the part file synced last; null before it is open. */
  #kept: { flushedAtMs: number; syncedAtMs: number } | null = null;

  constructor(options: SimStoreOptions) {
    this.#options = options;
  }

  open(): Outcome<{ readonly recovered: RecoveredWork | null }> {
    const { clock, disk } = this.#options;
    const left = disk.open();
    this.#kept = { flushedAtMs: clock.nowMs, syncedAtMs: clock.nowMs };
    if (left === null) return { kind: 'done', recovered: null };
    for (const [mirrorId, validator] of left.validators) this.#options.introduce(mirrorId, validator);
    const runs = left.runs.map(({ start, end, stuff: { mirrorId } }) => ({ start, end, mirrorId }));
    return { kind: 'done', recovered: { totalBytes: left.totalBytes, runs, unread: left.unread } };
  }

  /** What comes back ten times a second. */
  followUp(): void {
    const { clock: { nowMs }, disk } = this.#options;
    if (this.#kept === null) return;
    if (nowMs - this.#kept.flushedAtMs >= JOURNAL_FLUSH_MS) {
      this.#kept.flushedAtMs = nowMs;
      disk.flush();
    }
    if (nowMs - this.#kept.syncedAtMs >= SYNC_MS) {
      this.#kept.syncedAtMs = nowMs;
      disk.sync();
    }
  }

  carryOut(effect: Effect, tell: (fact: PieceFact | RecoveryFact) => void): void {
    const { disk, mirrorIds, introduce, post } = this.#options;
    switch (effect.type) {
      case 'disk.settle':
        disk.settle(effect.totalBytes);
        break;
      case 'disk.admit':
        disk.admit(effect.mirrorId);
        break;
      case 'disk.refuse':
        disk.refuse(effect.mirrorId, this.#proved);
        break;
      case 'disk.validator':
        disk.addSource(effect.mirrorId, effect.validator);
        break;
      case 'disk.readBack':
        this.#readBack(tell);
        break;
      case 'disk.startOver':
        disk.startOver();
        this.#proved = EMPTY;
        // The validators of the version that is gone would refuse the new one.
        for (const mirrorId of mirrorIds) introduce(mirrorId, null);
        break;
      case 'disk.forget':
        disk.forget(effect.range.start, effect.range.end);
        this.#proved = subtract(this.#proved, effect.range);
        break;
      case 'disk.exchange':
        this.#exchange(effect);
        break;
      case 'piece.check':
        this.#checkPiece(effect, tell);
        break;
      case 'limit.set':
      case 'mirror.equate':
        post(effect);
        break;
    }
  }

  /** Of each block, what stands there. */
  hashBlocks({ start, end }: ByteRange, blockBytes: number): Promise<readonly string[]> {
    const { io, disk: { part } } = this.#options;
    const hashes = Array.from({ length: Math.ceil((end - start) / blockBytes) }, (_, index) => {
      const from = start + index * blockBytes;
      return hashOf(part.within(from, Math.min(end, from + blockBytes)));
    });
    io.settles();
    return Promise.resolve(hashes);
  }

  /** Of a simulated block that differs all does. */
  keepDifferences(mirrorId: number, { start, end }: ByteRange, bytes: Uint8Array): readonly Difference[] {
    this.keepVersion(mirrorId, start, bytes);
    const [version = 0, shift = 0] = bytes;
    return [{ start, end, fileHash: hashOf(this.#options.disk.part.within(start, end)), hash: hashOf([{ start, end, stuff: { mirrorId, version, shift } }]) }];
  }

  /** @param bytes a sample’s: version and shift of what the mirror has there */
  keepVersion(mirrorId: number, start: number, bytes: Uint8Array): void {
    const { fault } = this.#options.disk;
    if (fault !== null) throw new PlaitError(fault, 'The simulated disk takes nothing more.');
    const [version = 0, shift = 0] = bytes;
    this.#keep(mirrorId, start, [{ start, end: Infinity, stuff: { mirrorId, version, shift } }]);
  }

  verify(totalBytes: number): Outcome<{ readonly proof: Proof }> {
    const { scenario } = this.#options;
    if (!scenario.hasChecksum) return { kind: 'done', proof: 'none' };
    if (totalBytes === scenario.totalBytes && this.#isRight({ start: 0, end: totalBytes })) return { kind: 'done', proof: 'checksum' };
    return { kind: 'failed', reason: { code: 'checksum-mismatch', message: 'The content is wrong.' } };
  }

  publish(totalBytes: number): Outcome<{ readonly path: string }> {
    const { disk } = this.#options;
    if (disk.fault !== null) return { kind: 'failed', reason: { code: disk.fault, message: 'The simulated disk takes nothing more.' } };
    disk.publish(totalBytes);
    return { kind: 'done', path: '/sim/file' };
  }

  keep(reason: EndReason): EndReason {
    const { disk } = this.#options;
    if (reason.code === 'checksum-mismatch') disk.setAside();
    else if (disk.fault === null) disk.sync();
    return reason;
  }

  /** Both the checksum and the pieces’ hashes that a user gives are of version 1. */
  #isRight({ start, end }: ByteRange): boolean {
    return this.#options.disk.part.areAll(start, end, ({ version, shift }) => version === 1 && shift === 0);
  }

  /** Run by run, as long as there is one. */
  #readBack(tell: (fact: RecoveryFact) => void): void {
    const { clock, disk, io } = this.#options;
    const [run] = disk.unread;
    if (run === undefined) {
      tell({ type: 'recovery.read', held: EMPTY, lost: EMPTY, left: EMPTY, atMs: clock.nowMs });
      return;
    }
    io.later(((run.end - run.start) * 1_000) / HASH_BYTES_PER_SEC, () => {
      // It may have been taken away meanwhile.
      const [next] = disk.unread;
      if (next !== undefined) tell({ type: 'recovery.read', ...disk.readBack(next), atMs: clock.nowMs });
      this.#readBack(tell);
    });
  }

  #keep(mirrorId: number, start: number, runs: readonly ByteRun[]): void {
    const name = `${mirrorId} at ${start}`;
    if (!this.#versions.has(name)) this.#versions.set(name, runs);
  }

  #exchange({ range: { start, end }, fromId, toId }: Extract<Effect, { type: 'disk.exchange' }>): void {
    const { disk } = this.#options;
    this.#keep(fromId, start, disk.part.within(start, end));
    const runs = this.#versions.get(`${toId} at ${start}`);
    if (runs === undefined) throw new PlaitError('bug', `Nothing was kept of what mirror ${toId} has at ${start}.`);
    disk.forget(start, end);
    for (const run of runs) disk.write(run.start, Math.min(run.end, end), { ...run.stuff, mirrorId: toId });
  }

  #checkPiece({ index, piece, parts }: Extract<Effect, { type: 'piece.check' }>, tell: (fact: PieceFact) => void): void {
    const { clock, disk, io, scenario } = this.#options;
    const grid = piecesOf(scenario);
    if (grid === undefined) throw new Error(`Piece ${index} was to be checked, and no pieces were given.`);
    const bytes = [piece, ...parts].reduce((sum, { start, end }) => sum + end - start, 0);
    io.later((bytes * 1_000) / HASH_BYTES_PER_SEC, () => {
      const hashes = parts.map(({ start, end }) => hashOf(disk.part.within(start, end)));
      const { start, end } = pieceRange(grid, index, scenario.totalBytes);
      const isProved = piece.start === start && piece.end === end && this.#isRight(piece);
      if (isProved) this.#proved = add(this.#proved, piece);
      tell({ type: isProved ? 'piece.proved' : 'piece.refuted', index, hashes, atMs: clock.nowMs });
    });
  }
}
