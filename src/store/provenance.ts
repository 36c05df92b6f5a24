/**
 * The ledger's live side: which mirror a write belongs to, which run it continues, and what of all that the journal
 * does not say yet. It touches no file.
 */
import { crc32 } from 'node:zlib';
import { RUN_MAX_BYTES } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import { EMPTY, add, subtract, touches } from '../base/range-set.ts';
import type { RangeSet } from '../base/range-set.ts';
import { overlapOf } from '../base/range.ts';
import type { ByteRange } from '../base/range.ts';
import { summedRecordOf, writtenRecordOf } from './ledger.ts';
import type { Checkpoint, Ledger, Run, Source } from './ledger.ts';
import type { JournalRecord } from './journal-records.ts';
import { disownTail } from './recover.ts';
import type { ReadBack } from './store.ts';
import { visibleParts } from './visible-parts.ts';

/** Bytes `[start, end)` of a run that are in the file and not in its CRC-32, which up to `start` is `crc`. */
export interface Unsummed {
  readonly run: Run;
  readonly start: number;
  readonly end: number;
  readonly crc: number;
}

/** Stands for no address: bytes that count by their hash, whoever gave them. */
const PROVED_URL = '';

export class Provenance {
  readonly ledger: Ledger;
  /**
   * Sum each write as it comes. Needed where a crash of the process cannot be told from one of the machine, so that
   * whatever is recorded has to be checked; otherwise summing waits for the next fsync, and most downloads end first.
   */
  readonly #sumsAtOnce: boolean;
  /** Bytes written since the journal last heard. */
  unrecordedBytes = 0;
  readonly #sourceOfMirror = new Map<number, Source>();
  /** The run that each lease is writing. A lease's end is not told; idle entries go with the next fsync. */
  readonly #openRuns = new Map<number, Run>();
  /** Records that the journal lacks: sources and their standings in order, and runs that have grown. */
  #newRecords: JournalRecord[] = [];
  readonly #grownRuns = new Set<Run>();
  /** What the journal vouches for by now, or may yet. */
  #vouched: RangeSet = EMPTY;
  /** What anybody has written, whether it counts or not. */
  #written: RangeSet = EMPTY;

  constructor(ledger: Ledger, sumsAtOnce: boolean) {
    this.ledger = ledger;
    this.#sumsAtOnce = sumsAtOnce;
    for (const run of ledger.runs) this.#written = add(this.#written, run);
    this.#recountVouched();
  }

  addSource(mirrorId: number, url: string, validator: string | null): void {
    const known = this.#sourceOfMirror.get(mirrorId);
    if (known !== undefined && known.url === url && known.validator === validator) return;
    const source = this.ledger.openSource(url, validator);
    this.#sourceOfMirror.set(mirrorId, source);
    this.#newRecords.push({ type: 'source', sourceId: source.sourceId, url, validator });
    // An admission is the mirror's: another validator of it (a balancer has several) does not end it.
    if (known !== undefined && known.standing === 'admitted') this.#admitSource(source);
  }

  /** Everything written so far has to be in the journal before this: else it would vouch for what is overwritten. */
  admit(mirrorId: number): void {
    const own = this.#sourceOf(mirrorId);
    // With it, what the same version of it gave in an earlier run of the program and was not judged then.
    const left = own.validator === null ? [] : this.ledger.sourcesOf(own.url).filter(({ validator }) => validator === own.validator);
    for (const source of new Set([own, ...left])) if (source.standing === 'waiting') this.#admitSource(source);
  }

  #admitSource(source: Source): void {
    source.standing = 'admitted';
    this.#newRecords.push({ type: 'admitted', sourceId: source.sourceId });
    this.#recountVouched();
  }

  /**
   * Convicts the mirror's address: what it gave in earlier runs of the program goes too. What it may still give
   * belongs to a new source, which waits for an admission of its own. What of it was proved by a hash passes to a source
   * without an address. Gives where its bytes began; Infinity where there were none.
   */
  refuse(mirrorId: number, proved: RangeSet): number {
    const { url, validator } = this.#sourceOf(mirrorId);
    this.#sourceOfMirror.delete(mirrorId);
    const otherMirrors = new Set(this.#sourceOfMirror.values());
    const convicted = new Set(this.ledger.sourcesOf(url).filter((source) => source.standing !== 'refused' && !otherMirrors.has(source)));
    this.#passOn(convicted, proved);
    for (const source of convicted) {
      source.standing = 'refused';
      this.#newRecords.push({ type: 'refused', sourceId: source.sourceId });
    }
    this.addSource(mirrorId, url, validator);
    this.#recountVouched();
    let firstByte = Infinity;
    for (const run of this.ledger.runs) if (convicted.has(run.source)) firstByte = Math.min(firstByte, run.start);
    return firstByte;
  }

  /** What stands in the file of these sources, and was proved, is vouched for by its hash alone. */
  #passOn(sources: ReadonlySet<Source>, proved: RangeSet): void {
    const parts = [...visibleParts(this.ledger.runs)].flatMap(([run, visible]) => (sources.has(run.source) && !run.isUnread ? visible : []));
    const kept = parts.flatMap((part) => proved.flatMap((range) => overlapOf(part, range) ?? []));
    if (kept.length === 0) return;
    const [known] = this.ledger.sourcesOf(PROVED_URL);
    const source = known ?? this.ledger.openSource(PROVED_URL, null);
    if (known === undefined) {
      this.#newRecords.push({ type: 'source', sourceId: source.sourceId, url: PROVED_URL, validator: null });
      this.#admitSource(source);
    }
    for (const { start, end } of kept) {
      const run = this.ledger.openRun(source, start);
      run.end = end;
      this.#grownRuns.add(run);
    }
  }

  /** Whether the journal vouches for any byte of `range`. Then `forget` comes before the write. */
  isVouched(range: ByteRange): boolean {
    return touches(this.#vouched, range);
  }

  /** The bytes of `range` are about to be overwritten: until that is recorded, nobody vouches for them. */
  forget(range: ByteRange): void {
    this.#grownRuns.add(this.ledger.disown(range));
    this.#vouched = subtract(this.#vouched, range);
  }

  /** Bytes have been written: they continue the lease's run, or begin another. */
  note(lease: { readonly leaseId: number; readonly mirrorId: number }, position: number, bytes: Uint8Array): void {
    const source = this.#sourceOf(lease.mirrorId);
    const range = { start: position, end: position + bytes.length };
    let run = this.#openRuns.get(lease.leaseId);
    if (run === undefined || run.source !== source || !this.#canGrow(run, range)) {
      run = this.ledger.openRun(source, position);
      this.#openRuns.set(lease.leaseId, run);
    }
    this.#written = add(this.#written, range);
    run.end = range.end;
    if (this.#sumsAtOnce) run.sum = { end: range.end, crc: crc32(bytes, run.sum?.crc ?? 0) };
    this.#grownRuns.add(run);
    this.unrecordedBytes += bytes.length;
  }

  knows(mirrorId: number): boolean {
    return this.#sourceOfMirror.has(mirrorId);
  }

  /** A run was read back and holds up to the checkpoint. Gives what counts of it now, and what is lost. */
  wasRead(run: Run, holds: Checkpoint | null): Omit<ReadBack, 'left'> {
    // Started over or refused meanwhile: nobody asks any more.
    const visible = this.ledger.unread().find(([each]) => each === run)?.[1];
    if (visible === undefined) return { held: EMPTY, lost: EMPTY };
    const isAdmitted = run.source.standing === 'admitted';
    const disowned = disownTail(this.ledger, run, visible, holds);
    const lost = disowned.reduce((set: RangeSet, part) => add(set, part), EMPTY);
    for (const part of disowned) this.#grownRuns.add(part);
    for (const part of lost) this.#vouched = subtract(this.#vouched, part);
    if (holds !== null) {
      run.isUnread = false;
      this.#newRecords.push({ type: 'read', runId: run.runId });
    }
    const stands = visible.reduce((set: RangeSet, part) => add(set, part), EMPTY);
    return { held: isAdmitted ? lost.reduce((set, part) => subtract(set, part), stands) : EMPTY, lost };
  }

  /** Refuses a mirror that has no name: its bytes could be laid at nobody's door. */
  requireSource(mirrorId: number): void {
    this.#sourceOf(mirrorId);
  }

  /** What the journal lacks. It counts as recorded when `markRecorded` is called, without a write in between. */
  unrecorded(): JournalRecord[] {
    const records = [...this.#newRecords];
    for (const run of this.#grownRuns) {
      records.push(writtenRecordOf(run));
      if (this.#sumsAtOnce && run.sum !== null) records.push(summedRecordOf(run, run.sum));
    }
    return records;
  }

  markRecorded(): void {
    for (const run of this.#grownRuns) {
      if (run.source.standing !== 'refused') this.#vouched = add(this.#vouched, run);
    }
    this.#newRecords = [];
    this.#grownRuns.clear();
    this.unrecordedBytes = 0;
  }

  /** What has no CRC-32 yet, of all runs that may ever count. */
  unsummed(): Unsummed[] {
    const parts: Unsummed[] = [];
    for (const run of this.ledger.runs) {
      const { end: start, crc } = run.sum ?? { end: run.start, crc: 0 };
      if (run.source.standing !== 'refused' && start < run.end) parts.push({ run, start, end: run.end, crc });
    }
    return parts;
  }

  /** Takes over what `unsummed` asked for, in its order, and gives the records of it. */
  summed(parts: readonly Unsummed[], crcs: readonly number[]): JournalRecord[] {
    const records: JournalRecord[] = [];
    for (const [index, { run, end }] of parts.entries()) {
      const crc = crcs[index];
      if (crc === undefined || !this.ledger.holdsRun(run)) continue;
      const sum: Checkpoint = { end, crc };
      run.sum = sum;
      records.push(summedRecordOf(run, sum));
    }
    return records;
  }

  /** An fsync begins. Runs that have not grown since the last one are closed: their lease has most likely ended. */
  markSyncing(): void {
    for (const [leaseId, run] of this.#openRuns) {
      if (run.syncing?.end === run.end || run.source.standing === 'refused') this.#openRuns.delete(leaseId);
    }
    this.ledger.markSyncing();
  }

  /** The fewest records that say all of this, for a journal written anew. What no longer matters is forgotten here too. */
  compactRecords(): JournalRecord[] {
    this.ledger.prune();
    // A run that was forgotten must not grow on: the ledger would never hear of it.
    for (const [leaseId, run] of this.#openRuns) if (!this.ledger.holdsRun(run)) this.#openRuns.delete(leaseId);
    return this.ledger.records();
  }

  /** The mirrors by the names they have, for a ledger that starts over; each has to be admitted again. */
  startOver(ledger: Ledger): Provenance {
    const fresh = new Provenance(ledger, this.#sumsAtOnce);
    for (const [mirrorId, { url, validator }] of this.#sourceOfMirror) fresh.addSource(mirrorId, url, validator);
    return fresh;
  }

  /** A run grows at its end, up to its limit, and never under a newer run: there it would not count as the last writer. */
  #canGrow(run: Run, range: ByteRange): boolean {
    if (run.end !== range.start || run.end - run.start >= RUN_MAX_BYTES) return false;
    if (!touches(this.#written, range)) return true;
    for (const other of this.ledger.runs) {
      if (other.runId > run.runId && overlapOf(other, range) !== null) return false;
    }
    return true;
  }

  #recountVouched(): void {
    this.#vouched = EMPTY;
    for (const piece of [...this.ledger.vouched(), ...this.ledger.provisional()]) this.#vouched = add(this.#vouched, piece);
  }

  #sourceOf(mirrorId: number): Source {
    const source = this.#sourceOfMirror.get(mirrorId);
    if (source === undefined) throw new PlaitError('bug', `Mirror ${mirrorId} gave bytes before it was named to the store.`);
    return source;
  }
}
