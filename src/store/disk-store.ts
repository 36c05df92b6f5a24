/** The store as the rest of the program sees it: part file, journal, digests and lock, and one ending. */
import { rename } from 'node:fs/promises';
import { BlockHasher } from '../base/block-hasher.ts';
import { READ_BUFFER_BYTES, SEARCH_WORD_BYTES } from '../base/bounds.ts';
import { PlaitError, diskError } from '../base/errors.ts';
import type { Difference } from '../base/difference.ts';
import { differencesOf } from '../base/difference.ts';
import type { ByteRange } from '../base/range.ts';
import { EMPTY } from '../base/range-set.ts';
import type { RangeSet } from '../base/range-set.ts';
import { FileDigest } from './digest.ts';
import type { Lock } from './lock.ts';
import type { PartFile } from './part-file.ts';
import { PieceHasher } from './piece-hasher.ts';
import { publishPart } from './publish.ts';
import { checkpointThatHolds } from './read-back.ts';
import { RecordKeeper } from './record-keeper.ts';
import type { Beginning } from './record-keeper.ts';
import type { ChecksumAlgorithm, PieceHashes, ReadBack, Recovered, Store } from './store.ts';
import { SpareBytes } from './spare-bytes.ts';
import { removeIfThere, syncFolder } from './target.ts';
import type { TargetPaths } from './target.ts';
import type { StoreWorld } from './world.ts';

/** What `openStore` hands over; the store owns it from then on. */
export interface DiskStoreParts {
  readonly paths: TargetPaths;
  readonly part: PartFile;
  readonly lock: Lock;
  readonly beginning: Beginning;
  readonly recovered: Recovered | null;
  readonly force: boolean;
}

/** Exchanged bytes come under no lease: the first one has the number 1. */
const EXCHANGE_LEASE = 0;

export class DiskStore implements Store {
  readonly #paths: TargetPaths;
  readonly #part: PartFile;
  readonly #lock: Lock;
  readonly #force: boolean;
  readonly #world: StoreWorld;
  readonly #records: RecordKeeper;
  readonly #digests = new Map<ChecksumAlgorithm, FileDigest>();
  readonly #syncTimer: NodeJS.Timeout;
  #pieces: PieceHasher | null = null;
  #spares: SpareBytes | null = null;
  #recovered: Recovered | null;
  /** At work until what an earlier run left is read back: the part file is not closed under it. */
  #readingBack: Promise<void> = Promise.resolve();
  #hasEnded = false;

  constructor({ paths, part, lock, beginning, recovered, force }: DiskStoreParts, world: StoreWorld) {
    this.#paths = paths;
    this.#part = part;
    this.#lock = lock;
    this.#force = force;
    this.#world = world;
    this.#recovered = recovered;
    this.#records = new RecordKeeper(paths, part, world, beginning);
    this.#syncTimer = setInterval(() => this.#records.syncIfNeeded(), world.syncMs).unref();
  }

  get targetPath(): string {
    return this.#paths.targetPath;
  }

  get recovered(): Recovered | null {
    return this.#recovered;
  }

  readBack(tell: (part: ReadBack) => void): Promise<void> {
    this.#throwIfEnded();
    this.#readingBack = this.#readUnread(tell);
    return this.#readingBack;
  }

  async #readUnread(tell: (part: ReadBack) => void): Promise<void> {
    for (let run = this.#records.nextUnread(); run !== undefined; run = this.#records.nextUnread()) {
      const holds = await checkpointThatHolds(this.#part, run);
      if (this.#hasEnded) return;
      const part = this.#records.wasRead(run, holds);
      const [firstLost] = part.lost;
      if (firstLost !== undefined) this.#voidDigestsFrom(firstLost.start);
      tell(part);
    }
    // Also where the last of it was refused or written over meanwhile.
    tell({ held: EMPTY, lost: EMPTY, left: EMPTY });
  }

  addSource(mirrorId: number, url: string, validator: string | null): void {
    this.#throwIfEnded();
    this.#records.addSource(mirrorId, url, validator);
  }

  settleSize(totalBytes: number): void {
    this.#throwIfEnded();
    this.#records.settleSize(totalBytes);
  }

  admit(mirrorId: number): void {
    this.#throwIfEnded();
    this.#records.admit(mirrorId);
  }

  refuse(mirrorId: number, proved: RangeSet = EMPTY): void {
    this.#throwIfEnded();
    this.#voidDigestsFrom(this.#records.refuse(mirrorId, proved));
  }

  startOver(): void {
    this.#throwIfEnded();
    this.#recovered = null;
    this.#records.startOver();
    this.#voidDigestsFrom(0);
  }

  write(lease: { readonly leaseId: number; readonly mirrorId: number }, position: number, bytes: Uint8Array): void {
    this.#throwIfEnded();
    if (bytes.length === 0) return;
    this.#records.prepare(lease, position, position + bytes.length);
    this.#part.write(position, bytes);
    this.#records.note(lease, position, bytes);
    this.#voidDigestsFrom(position);
  }

  flush(): void {
    this.#throwIfEnded();
    this.#records.flush();
  }

  hashUpTo(algorithm: ChecksumAlgorithm, front: number): void {
    this.#throwIfEnded();
    this.#digestFor(algorithm).followTo(front);
  }

  async digest(algorithm: ChecksumAlgorithm, totalBytes: number, signal: AbortSignal): Promise<string> {
    this.#throwIfEnded();
    return this.#digestFor(algorithm).of(totalBytes, signal);
  }

  hashPiece(algorithm: ChecksumAlgorithm, piece: ByteRange, parts: readonly ByteRange[]): Promise<PieceHashes> {
    this.#throwIfEnded();
    this.#pieces ??= new PieceHasher(this.#paths.partPath);
    return this.#pieces.hash(algorithm, piece, parts);
  }

  forget(range: ByteRange): void {
    this.#throwIfEnded();
    this.#records.forget(range);
    this.#voidDigestsFrom(range.start);
  }

  keepDifferences(mirrorId: number, range: ByteRange, bytes: Uint8Array): readonly Difference[] {
    const differences = differencesOf(range.start, this.#part.readNow(range), bytes, SEARCH_WORD_BYTES);
    for (const { start, end } of differences) this.keepVersion(mirrorId, start, bytes.subarray(start - range.start, end - range.start));
    return differences;
  }

  keepVersion(mirrorId: number, start: number, bytes: Uint8Array): void {
    this.#throwIfEnded();
    this.#spares ??= new SpareBytes(this.#part, this.#records.totalBytes);
    this.#spares.keep(mirrorId, start, bytes);
  }

  exchangeVersion(range: ByteRange, fromId: number, toId: number): void {
    this.#throwIfEnded();
    if (this.#spares === null) throw new PlaitError('bug', 'Bytes were to be exchanged of which nothing was kept.');
    const bytes = this.#spares.exchange(range, fromId, toId);
    this.#records.forget(range);
    this.#part.write(range.start, bytes);
    // What came from a mirror that is not among today's has nobody to vouch for it.
    if (this.#records.knows(toId)) this.#records.note({ leaseId: EXCHANGE_LEASE, mirrorId: toId }, range.start, bytes);
    this.#voidDigestsFrom(range.start);
  }

  async hashBlocks({ start, end }: ByteRange, blockBytes: number): Promise<readonly string[]> {
    this.#throwIfEnded();
    const hasher = new BlockHasher(blockBytes);
    const buffer = Buffer.allocUnsafe(Math.min(READ_BUFFER_BYTES, end - start));
    for (let position = start; position < end;) {
      const bytes = await this.#part.read(position, buffer.subarray(0, Math.min(buffer.length, end - position)));
      if (bytes === 0) break;
      hasher.take(buffer.subarray(0, bytes));
      position += bytes;
    }
    return hasher.hashes();
  }

  async publish(totalBytes: number): Promise<string> {
    return this.#end(async () => {
      await this.#records.giveUpSums();
      await this.#records.settle();
      try {
        this.#records.flush();
      } catch {
        // The journal only matters if publishing fails, and then what is missing from it is fetched again.
      }
      await publishPart({ part: this.#part, paths: this.#paths, totalBytes, force: this.#force, sync: () => this.#records.syncForName(), endJournal: () => this.#records.endJournal() }, this.#world);
      return this.#paths.targetPath;
    });
  }

  async setAside(): Promise<string | null> {
    return this.#end(async () => {
      const { partPath, journalPath, badPath, folderPath } = this.#paths;
      // What was kept behind its end is none of it.
      if (this.#spares !== null) this.#part.truncate(this.#records.totalBytes);
      await this.#records.giveUpSums();
      await this.#records.endJournal();
      // The journal first: without it, the bad bytes are never resumed, even if the rename does not come to pass.
      await removeIfThere(journalPath);
      if (this.#part.identity().sizeBytes === 0) {
        await removeIfThere(partPath);
        return null;
      }
      try {
        await rename(partPath, badPath);
      } catch (error) {
        throw diskError(error, badPath);
      }
      await syncFolder(folderPath, this.#world);
      return badPath;
    });
  }

  /** Does nothing where the store has ended already: a failed `publish` has kept everything itself. */
  async keep(): Promise<void> {
    if (this.#hasEnded) return;
    await this.#end(async () => {
      // The next run looks for wrong bytes from the start: what was kept for that only takes room.
      if (this.#spares !== null) this.#part.truncate(this.#records.totalBytes);
      if (this.#records.hasJournal) await this.#records.syncAll();
      // Nothing has come at all: an empty file would be of no use to anybody.
      else if (this.#part.identity().sizeBytes === 0) await removeIfThere(this.#paths.partPath);
    });
  }

  /** The one way out: whatever happens in `lastStep`, every file is closed once and the lock is let go last. */
  async #end<Result>(lastStep: () => Promise<Result>): Promise<Result> {
    this.#throwIfEnded();
    this.#hasEnded = true;
    clearInterval(this.#syncTimer);
    try {
      await Promise.all([...this.#digests.values(), ...(this.#pieces === null ? [] : [this.#pieces])].map((worker) => worker.close()));
      // It ends with the run that it is at.
      await this.#readingBack.catch(() => undefined);
      return await lastStep();
    } finally {
      await this.#records.giveUpSums();
      await this.#records.settle().catch(() => undefined);
      this.#records.close();
      try {
        await this.#part.close();
      } finally {
        await this.#lock.release();
      }
    }
  }

  #digestFor(algorithm: ChecksumAlgorithm): FileDigest {
    const known = this.#digests.get(algorithm);
    if (known !== undefined) return known;
    const digest = new FileDigest(this.#paths.partPath, algorithm);
    this.#digests.set(algorithm, digest);
    return digest;
  }

  #voidDigestsFrom(position: number): void {
    for (const digest of this.#digests.values()) digest.bytesChanged(position);
  }

  #throwIfEnded(): void {
    if (this.#hasEnded) throw new PlaitError('bug', `The store of ${this.#paths.targetPath} has ended and takes no more calls.`);
  }
}
