/**
 * Who gave which bytes, and how safe they are: what the journal says, in memory. A live download writes into it, and
 * a journal of an earlier run is replayed into one; both ways lead to the same state.
 */
import type { RangeSet } from '../base/range-set.ts';
import { add, touches } from '../base/range-set.ts';
import type { ByteRange } from '../base/range.ts';
import { NOBODY_ID } from './journal-records.ts';
import type { JournalRecord } from './journal-records.ts';
import { visibleParts } from './visible-parts.ts';

export interface Source {
  readonly sourceId: number;
  readonly url: string;
  readonly validator: string | null;
  standing: 'waiting' | 'admitted' | 'refused';
}

/** A place in a run, and the CRC-32 of the part file from the run's start up to there. */
export interface Checkpoint {
  readonly end: number;
  readonly crc: number;
}

/** Contiguous bytes `[start, end)` from one source. Ids grow, and where runs overlap the greater one stands in the file. */
export interface Run {
  readonly runId: number;
  readonly source: Source;
  readonly start: number;
  end: number;
  /** How far its CRC-32 is known. Nothing beyond it can be told from damage once the page cache is gone. */
  sum: Checkpoint | null;
  /** Its sum when the last fsync began. */
  syncing: Checkpoint | null;
  /** Its sum when the last fsync that succeeded began. */
  synced: Checkpoint | null;
  /** It is of another boot or another part file, and counts once it was read back and has its sum. */
  isUnread: boolean;
}

/** Bytes that stand in the file, and who gave them. */
export interface StandingBytes {
  readonly start: number;
  readonly end: number;
  readonly source: Source;
}

export class Ledger {
  /** Bytes it is about to lose belong to nobody; being refused, nobody vouches for them. */
  readonly nobody: Source = { sourceId: NOBODY_ID, url: '', validator: null, standing: 'refused' };
  /** An fsync has failed since: what is not synced may be gone, whatever a read says now. */
  isDoubted = false;
  readonly #sources = new Map<number, Source>([[NOBODY_ID, this.nobody]]);
  readonly #runs = new Map<number, Run>();
  #lastSourceId = NOBODY_ID;
  #lastRunId = 0;

  get runs(): Iterable<Run> {
    return this.#runs.values();
  }

  get isEmpty(): boolean {
    return this.#runs.size === 0;
  }

  openSource(url: string, validator: string | null): Source {
    return this.#putSource(this.#lastSourceId + 1, url, validator);
  }

  openRun(source: Source, start: number): Run {
    return this.#putRun(this.#lastRunId + 1, source, start);
  }

  sourcesOf(url: string): Source[] {
    return [...this.#sources.values()].filter((source) => source.url === url && source !== this.nobody);
  }

  /**
   * Who was neither admitted nor refused in an earlier run of the program may still be admitted in this one, where a
   * validator shows that its address has the same version still. Without one it never will be.
   */
  refuseUnprovable(): void {
    for (const source of this.#sources.values()) if (source.standing === 'waiting' && source.validator === null) source.standing = 'refused';
  }

  /** From now on nobody vouches for `range`, not even those who wrote there before; gives the run that says so. */
  disown(range: ByteRange): Run {
    const run = this.openRun(this.nobody, range.start);
    run.end = range.end;
    return run;
  }

  holdsRun(run: Run): boolean {
    return this.#runs.has(run.runId);
  }

  dropRun(run: Run): void {
    this.#runs.delete(run.runId);
  }

  /** Takes one record over. False where it makes no sense here; then nothing after it is to be believed either. */
  apply(record: JournalRecord): boolean {
    switch (record.type) {
      case 'source':
        this.#putSource(record.sourceId, record.url, record.validator);
        break;
      case 'admitted':
      case 'refused': {
        const source = this.#sources.get(record.sourceId);
        if (source === undefined) return false;
        if (source.standing !== 'refused') source.standing = record.type;
        break;
      }
      case 'written': {
        const source = this.#sources.get(record.sourceId);
        if (source === undefined) return false;
        const run = this.#runs.get(record.runId) ?? this.#putRun(record.runId, source, record.start);
        if (run.source !== source || run.start !== record.start || run.end > record.end) return false;
        run.end = record.end;
        break;
      }
      case 'summed': {
        const run = this.#runs.get(record.runId);
        if (run === undefined || record.end <= run.start || record.end > run.end) return false;
        run.sum = { end: record.end, crc: record.crc };
        break;
      }
      case 'unread':
      case 'read': {
        const run = this.#runs.get(record.runId);
        if (run === undefined) return false;
        run.isUnread = record.type === 'unread';
        break;
      }
      case 'syncing':
        this.markSyncing();
        break;
      case 'synced':
        this.markSynced();
        break;
      case 'doubted':
        this.isDoubted = true;
        break;
    }
    return true;
  }

  markSyncing(): void {
    for (const run of this.runs) run.syncing = run.sum;
  }

  markSynced(): void {
    for (const run of this.runs) run.synced = run.syncing;
  }

  /** The bytes of admitted sources that stand in the file, with who gave them, by start. */
  vouched(): StandingBytes[] {
    return this.#bytesOf('admitted');
  }

  /** The same of sources that are neither admitted nor refused. */
  provisional(): StandingBytes[] {
    return this.#bytesOf('waiting');
  }

  /** Where runs that have not been read back stand, by run, in the order of the file: a disk with a moving head reads forward. */
  unread(): [Run, RangeSet][] {
    const parts = [...visibleParts(this.runs)].filter(([run, visible]) => run.isUnread && run.source.standing !== 'refused' && visible.length > 0);
    return parts.sort(([a], [b]) => a.start - b.start);
  }

  #bytesOf(standing: Source['standing']): StandingBytes[] {
    const pieces: StandingBytes[] = [];
    for (const [run, parts] of visibleParts(this.runs)) {
      if (run.source.standing === standing) for (const { start, end } of parts) pieces.push({ start, end, source: run.source });
    }
    return pieces.sort((a, b) => a.start - b.start);
  }

  /** Drops what no longer matters: runs under other runs, and refused runs that cover nothing of value. */
  prune(): void {
    let valued: RangeSet = [];
    const sorted = [...visibleParts(this.runs)].sort(([a], [b]) => a.runId - b.runId);
    for (const [run, parts] of sorted) {
      const covers = run.source.standing !== 'refused' || touches(valued, run);
      if (parts.length === 0 || !covers) this.dropRun(run);
      else if (run.source.standing !== 'refused') valued = add(valued, run);
    }
    const inUse = new Set([...this.runs].map((run) => run.source));
    for (const source of this.#sources.values()) {
      if (source.standing === 'refused' && source !== this.nobody && !inUse.has(source)) this.#sources.delete(source.sourceId);
    }
  }

  /** The fewest records that lead to this state. No fsync may be under way: its `synced` would find no `syncing`. */
  records(): JournalRecord[] {
    const records: JournalRecord[] = [];
    for (const source of this.#sources.values()) {
      if (source === this.nobody) continue;
      records.push({ type: 'source', sourceId: source.sourceId, url: source.url, validator: source.validator });
      if (source.standing !== 'waiting') records.push({ type: source.standing, sourceId: source.sourceId });
    }
    // Every run before the first sum: a sum may cover bytes that a later run has written over its own.
    for (const run of this.runs) records.push(writtenRecordOf(run));
    const before = records.length;
    for (const run of this.runs) if (run.synced !== null) records.push(summedRecordOf(run, run.synced));
    if (records.length > before) records.push({ type: 'syncing' }, { type: 'synced' });
    for (const run of this.runs) {
      if (run.sum !== null && run.sum.end !== run.synced?.end) records.push(summedRecordOf(run, run.sum));
    }
    for (const run of this.runs) if (run.isUnread) records.push({ type: 'unread', runId: run.runId });
    if (this.isDoubted) records.push({ type: 'doubted' });
    return records;
  }

  #putSource(sourceId: number, url: string, validator: string | null): Source {
    const source: Source = { sourceId, url, validator, standing: 'waiting' };
    this.#sources.set(sourceId, source);
    this.#lastSourceId = Math.max(this.#lastSourceId, sourceId);
    return source;
  }

  #putRun(runId: number, source: Source, start: number): Run {
    const run: Run = { runId, source, start, end: start, sum: null, syncing: null, synced: null, isUnread: false };
    this.#runs.set(runId, run);
    this.#lastRunId = Math.max(this.#lastRunId, runId);
    return run;
  }
}

export function writtenRecordOf({ runId, source, start, end }: Run): JournalRecord {
  return { type: 'written', runId, sourceId: source.sourceId, start, end };
}

export function summedRecordOf(run: Run, { end, crc }: Checkpoint): JournalRecord {
  return { type: 'summed', runId: run.runId, end, crc };
}
