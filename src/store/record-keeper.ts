/**
 * Keeps the journal true while bytes are written: nothing is recorded before it is in the file, nothing is vouched
 * for that is being overwritten, and now and then all of it is brought to the disk itself.
 */
import { rmSync } from 'node:fs';
import { JOURNAL_FLUSH_BYTES } from '../base/bounds.ts';
import { PlaitError, diskError, systemCodeOf } from '../base/errors.ts';
import type { ByteRange } from '../base/range.ts';
import type { RangeSet } from '../base/range-set.ts';
import { Journal } from './journal.ts';
import { Ledger } from './ledger.ts';
import type { Checkpoint, Run } from './ledger.ts';
import type { PartFile } from './part-file.ts';
import { Provenance } from './provenance.ts';
import { unreadOf } from './recover.ts';
import type { ReadBack } from './store.ts';
import { Summer } from './summer.ts';
import { syncFolder } from './target.ts';
import type { TargetPaths } from './target.ts';
import type { StoreWorld } from './world.ts';

interface Lease {
  readonly leaseId: number;
  readonly mirrorId: number;
}

/** What an earlier run's journal vouches for, or an empty ledger and no size. */
export interface Beginning {
  readonly ledger: Ledger;
  readonly totalBytes: number | null;
}

export class RecordKeeper {
  readonly #paths: TargetPaths;
  readonly #part: PartFile;
  readonly #world: StoreWorld;
  readonly #summer: Summer;
  #provenance: Provenance;
  #totalBytes: number | null;
  /** Null while the size is unknown: then nothing is recorded. */
  #journal: Journal | null = null;
  /** An fsync or a rewrite of the journal: one at a time, since a rewrite between `syncing` and `synced` would part them. */
  #task: Promise<void> = Promise.resolve();
  #isBusy = false;
  #hasUnsyncedBytes = false;
  #isFolderSynced = false;
  /** After a failed fsync nothing may go on as if it had not happened. */
  #failure: PlaitError | null = null;

  constructor(paths: TargetPaths, part: PartFile, world: StoreWorld, { ledger, totalBytes }: Beginning) {
    this.#paths = paths;
    this.#part = part;
    this.#world = world;
    this.#summer = new Summer(part, world.sumHereMaxBytes);
    this.#provenance = new Provenance(ledger, world.bootId === null);
    this.#totalBytes = totalBytes;
    if (totalBytes !== null) this.#journal = this.#beginJournal(totalBytes);
  }

  get hasJournal(): boolean {
    return this.#journal !== null;
  }

  /** @throws PlaitError `bug` while nobody has told it */
  get totalBytes(): number {
    if (this.#totalBytes === null) throw new PlaitError('bug', 'The size of the file was asked for before it was known.');
    return this.#totalBytes;
  }

  knows(mirrorId: number): boolean {
    return this.#provenance.knows(mirrorId);
  }

  /** The next run that has to be read back before it counts. */
  nextUnread(): Run | undefined {
    return this.#provenance.ledger.unread()[0]?.[0];
  }

  /** It holds up to the checkpoint; that is recorded. */
  wasRead(run: Run, holds: Checkpoint | null): ReadBack {
    const part = this.#provenance.wasRead(run, holds);
    this.flush();
    return { ...part, left: unreadOf(this.#provenance.ledger) };
  }

  addSource(mirrorId: number, url: string, validator: string | null): void {
    this.#provenance.addSource(mirrorId, url, validator);
  }

  settleSize(totalBytes: number): void {
    if (this.#totalBytes === totalBytes) return;
    if (this.#totalBytes !== null && !this.#provenance.ledger.isEmpty) {
      throw new PlaitError('bug', `The file had ${this.#totalBytes} bytes and now has ${totalBytes}: its store has to start over first.`);
    }
    this.#retireJournal();
    this.#totalBytes = totalBytes;
    this.#journal = this.#beginJournal(totalBytes);
  }

  admit(mirrorId: number): void {
    // First what has been written, so that nothing is vouched for that somebody else has overwritten since.
    this.flush();
    this.#provenance.admit(mirrorId);
    this.flush();
  }

  /** Gives where the mirror's bytes began. */
  refuse(mirrorId: number, proved: RangeSet): number {
    const firstByte = this.#provenance.refuse(mirrorId, proved);
    this.flush();
    // On the disk before its bytes are replaced: a journal that lost this record would bring them back to life.
    if (firstByte !== Infinity) this.#journal?.syncNow();
    return firstByte;
  }

  /** Nobody vouches for these bytes any more, before anything else is done with them. */
  forget(range: ByteRange): void {
    this.#throwIfFailed();
    this.#provenance.forget(range);
    this.flush();
  }

  /** Comes before each write. */
  prepare(lease: Lease, start: number, end: number): void {
    this.#throwIfFailed();
    this.#provenance.requireSource(lease.mirrorId);
    if (!this.#provenance.isVouched({ start, end })) return;
    this.#provenance.forget({ start, end });
    this.flush();
  }

  /** Comes after each write that has succeeded. */
  note(lease: Lease, position: number, bytes: Uint8Array): void {
    this.#provenance.note(lease, position, bytes);
    this.#hasUnsyncedBytes = true;
    if (this.#provenance.unrecordedBytes >= JOURNAL_FLUSH_BYTES) this.flush();
  }

  flush(): void {
    this.#throwIfFailed();
    const journal = this.#journal;
    if (journal === null) return;
    const records = this.#provenance.unrecorded();
    if (records.length > 0) journal.append(records);
    this.#provenance.markRecorded();
    if (journal.isOvergrown && !this.#isBusy) this.#start(() => this.#rewrite(journal));
  }

  /** Truncates the part file and begins a new journal. The old one goes first: it must never speak of new bytes. */
  startOver(): void {
    this.#throwIfFailed();
    this.#retireJournal();
    this.#part.truncate(0);
    this.#provenance = this.#provenance.startOver(new Ledger());
    if (this.#totalBytes !== null) this.#journal = this.#beginJournal(this.#totalBytes);
  }

  /** To be called every `syncMs`; does nothing while there is nothing to do, or something is being done. */
  syncIfNeeded(): void {
    if (this.#isBusy || !this.#hasUnsyncedBytes || this.#journal === null || this.#failure !== null) return;
    // A full disk shows in the next write too, which is where it is reported; an fsync that fails is kept as failure.
    this.#start(() => this.#sync().catch(() => undefined));
  }

  /** Settles when nothing is under way; rejects where an fsync has failed. */
  async settle(): Promise<void> {
    while (this.#isBusy) await this.#task;
    this.#throwIfFailed();
  }

  /** Everything to the disk, for a resume. */
  async syncAll(): Promise<void> {
    await this.settle();
    let failure: unknown = null;
    this.#start(() =>
      this.#sync().catch((error: unknown) => {
        failure = error;
      }),
    );
    await this.#task;
    if (failure !== null) throw diskError(failure, this.#paths.partPath);
  }

  /** Sums that are still being computed are not: the part file is complete, or not to be resumed. */
  giveUpSums(): Promise<void> {
    return this.#summer.giveUp();
  }

  /** Settles when nothing is under way: a rewrite would bring a name back that is about to be removed for good. */
  async endJournal(): Promise<void> {
    if (this.#journal !== null) this.#letGo(this.#journal);
    while (this.#isBusy) await this.#task;
  }

  /** Nothing may be under way. */
  close(): void {
    this.#journal?.close();
    this.#journal = null;
  }

  async #sync(): Promise<void> {
    const journal = this.#journal;
    const { ledger } = this.#provenance;
    if (journal === null) return;
    this.flush();
    this.#hasUnsyncedBytes = false;
    await this.#sum();
    // Started over in the meantime: what is to be synced is gone.
    if (this.#journal !== journal) return;
    this.#provenance.markSyncing();
    journal.append([{ type: 'syncing' }]);
    await this.#part.sync('bytes').catch((error: unknown) => this.#doubt(error));
    if (this.#journal !== journal) return;
    ledger.markSynced();
    journal.append([{ type: 'synced' }]);
    await journal.sync().catch((error: unknown) => this.#doubt(error));
    if (this.#isFolderSynced) return;
    await syncFolder(this.#paths.folderPath, this.#world);
    this.#isFolderSynced = true;
  }

  /** Brings the sums up to what is recorded. Comes before the fsync: what is read back then is what it syncs. */
  async #sum(): Promise<void> {
    const journal = this.#journal;
    const provenance = this.#provenance;
    const parts = provenance.unsummed();
    if (parts.length === 0) return;
    const crcs = await this.#summer.sum(parts.map(({ start, end, crc }) => ({ start, end, crc })));
    if (journal === null || this.#journal !== journal) return;
    const records = provenance.summed(parts, crcs);
    if (records.length > 0) journal.append(records);
  }

  /** Before the file gets its name: everything to the disk, or a failure that the journal remembers. */
  async syncForName(): Promise<void> {
    await this.#part.sync('bytes and times').catch((error: unknown) => this.#doubt(error));
  }

  /**
   * The kernel may have thrown away what it could not write, though reads still show it, and will say that all is well
   * the next time it is asked. So this is the end of the run, for want of room as for any other reason: only what was
   * synced before is gone on from.
   */
  #doubt(error: unknown): never {
    const path = this.#paths.partPath;
    const { code, message } = diskError(error, path);
    const why = `The disk could not keep what was written to ${path} (${systemCodeOf(error instanceof PlaitError ? error.cause : error) ?? message}). What was synced before is kept: ${code === 'disk-full' ? 'make room' : 'check the disk'} and run the same command again.`;
    this.#failure = new PlaitError('disk-failed', why, { cause: error });
    try {
      this.#journal?.append([{ type: 'doubted' }]);
    } catch {
      // The disk takes nothing more; the failure above is what is reported.
    }
    throw this.#failure;
  }

  async #rewrite(journal: Journal): Promise<void> {
    await journal.rewrite(this.#provenance.compactRecords());
    this.#isFolderSynced = false;
  }

  /** `task` does not reject. */
  #start(task: () => Promise<void>): void {
    this.#isBusy = true;
    this.#task = task().finally(() => {
      this.#isBusy = false;
    });
  }

  #beginJournal(totalBytes: number): Journal {
    const { device, inode } = this.#part.identity();
    const header = { totalBytes, partDevice: device, partInode: inode, bootId: this.#world.bootId };
    const journal = Journal.begin(this.#paths, header, this.#provenance.compactRecords());
    this.#provenance.markRecorded();
    this.#isFolderSynced = false;
    return journal;
  }

  #retireJournal(): void {
    if (this.#journal === null) return;
    this.#letGo(this.#journal);
    try {
      rmSync(this.#paths.journalPath, { force: true });
    } catch (error) {
      throw diskError(error, this.#paths.journalPath);
    }
  }

  /** Its file is closed only when nothing is under way on it, since a closed descriptor's number is soon another file's. */
  #letGo(journal: Journal): void {
    this.#journal = null;
    journal.retire();
    void this.#task.then(() => journal.close());
  }

  #throwIfFailed(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}
