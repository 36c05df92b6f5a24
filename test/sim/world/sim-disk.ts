/**
 * A simulated disk with one part file and one journal on it. It outlives the processes of its world: a killed process
 * leaves what it wrote, a crash of the machine may lose or tear whatever was not yet synced.
 *
 * The journal follows the rules of src/store: a run is recorded after its write, and only for an admitted mirror; what
 * is about to be overwritten is forgotten first; after a reboot only what was synced and still checks out is believed.
 */
import { JOURNAL_FLUSH_BYTES } from '../../../src/base/bounds.ts';
import { PlaitError } from '../../../src/base/errors.ts';
import { EMPTY, add, gapsIn } from '../../../src/base/range-set.ts';
import type { RangeSet } from '../../../src/base/range-set.ts';
import { ByteRuns, sameStuff } from './byte-runs.ts';
import type { ByteRun, Stuff } from './byte-runs.ts';
import { draw } from './dice.ts';
import type { Dice } from './dice.ts';

interface Journal {
  totalBytes: number;
  readonly vouched: ByteRuns;
  readonly validators: Map<number, string | null>;
}

interface Write {
  readonly start: number;
  readonly end: number;
  readonly stuff: Stuff;
}

export interface LeftBehind {
  readonly totalBytes: number;
  readonly runs: readonly ByteRun[];
  /** What of them is to be read back first. */
  readonly unread: RangeSet;
  readonly validators: ReadonlyMap<number, string | null>;
}

/** What of a run was read back. */
export interface ReadRun {
  readonly held: RangeSet;
  readonly lost: RangeSet;
  readonly left: RangeSet;
}

const rangesOf = (runs: readonly ByteRun[]): RangeSet => runs.reduce((set: RangeSet, run) => add(set, run), EMPTY);

const copyOf = (journal: Journal): Journal => ({ totalBytes: journal.totalBytes, vouched: journal.vouched.copy(), validators: new Map(journal.validators) });

/** Rules of the store that a mutation test breaks on purpose. */
export interface DiskFaults {
  /** A journal record before its write. */
  readonly recordsAhead: boolean;
}

export class SimDisk {
  part = new ByteRuns();
  journal: Journal | null = null;
  /** What would be found after a reboot, whatever happens. */
  #synced: { readonly part: ByteRuns; readonly journal: Journal | null } = { part: new ByteRuns(), journal: null };
  /** Since the last sync. */
  #unsynced: Write[] = [];
  /** What a journal of before the last reboot says is there: it does not count before it was read back. */
  #unread = new ByteRuns();
  /** Since the last journal record. */
  #unrecorded: Write[] = [];
  #unrecordedBytes = 0;
  #admitted = new Set<number>();
  #validators = new Map<number, string | null>();
  published: { readonly runs: readonly ByteRun[]; readonly totalBytes: number } | null = null;
  isSetAside = false;
  /** Every write fails with this while it is set. */
  fault: 'disk-full' | 'disk-failed' | null = null;
  readonly #rules: DiskFaults;

  constructor(rules: DiskFaults = { recordsAhead: false }) {
    this.#rules = rules;
  }

  /** A new process opens it: what the journal vouches for, or null. */
  open(): LeftBehind | null {
    this.#admitted = new Set();
    this.#unrecorded = [];
    this.#unrecordedBytes = 0;
    const { journal } = this;
    if (journal === null) {
      this.part = new ByteRuns();
      return null;
    }
    return { totalBytes: journal.totalBytes, runs: [...journal.vouched.runs, ...this.#unread.runs], unread: rangesOf(this.#unread.runs), validators: new Map(journal.validators) };
  }

  /** What is still to be read back. */
  get unread(): readonly ByteRun[] {
    return this.#unread.runs;
  }

  /** A run is read back: what is there as it was written counts again, and the rest is lost. */
  readBack(run: ByteRun): ReadRun {
    const standing = this.part.within(run.start, run.end).filter(({ stuff }) => sameStuff(stuff, run.stuff));
    for (const { start, end, stuff } of standing) this.journal?.vouched.write(start, end, stuff);
    this.#unread.erase(run.start, run.end);
    const held = rangesOf(standing);
    return { held, lost: gapsIn(held, run), left: rangesOf(this.#unread.runs) };
  }

  settle(totalBytes: number): void {
    if (this.journal?.totalBytes === totalBytes) return;
    if (this.journal !== null && this.journal.vouched.runs.length > 0) throw new PlaitError('bug', 'another size without starting over');
    this.journal = { totalBytes, vouched: new ByteRuns(), validators: new Map(this.#validators) };
  }

  addSource(mirrorId: number, validator: string | null): void {
    this.#validators.set(mirrorId, validator);
    this.journal?.validators.set(mirrorId, validator);
  }

  admit(mirrorId: number): void {
    this.flush();
    this.#admitted.add(mirrorId);
    for (const run of this.part.runs) if (run.stuff.mirrorId === mirrorId) this.journal?.vouched.write(run.start, run.end, run.stuff);
  }

  /** @param kept bytes that were proved right, whoever gave them */
  refuse(mirrorId: number, kept: RangeSet): void {
    this.#admitted.delete(mirrorId);
    this.#unrecorded = this.#unrecorded.filter(({ stuff }) => stuff.mirrorId !== mirrorId);
    for (const run of this.#unread.runs.filter(({ stuff }) => stuff.mirrorId === mirrorId)) this.#unread.erase(run.start, run.end);
    for (const run of this.journal?.vouched.runs.filter(({ stuff }) => stuff.mirrorId === mirrorId) ?? []) this.journal?.vouched.erase(run.start, run.end);
    // Nobody may rely on its bytes: taken away, they are missed at once where somebody does.
    for (const run of this.part.runs.filter(({ stuff }) => stuff.mirrorId === mirrorId)) {
      for (const lost of gapsIn(kept, run)) this.part.erase(lost.start, lost.end);
    }
    // On the disk before its bytes are replaced.
    this.#synced = { part: this.#synced.part, journal: this.journal === null ? null : this.#onlySynced(this.journal) };
  }

  /** Bytes that were written and are wrong: taken away, they are missed at once where somebody relies on them. */
  forget(start: number, end: number): void {
    this.flush();
    this.journal?.vouched.erase(start, end);
    this.#unread.erase(start, end);
    this.part.erase(start, end);
  }

  /** @throws PlaitError while the disk has a fault. */
  write(start: number, end: number, stuff: Stuff): void {
    if (this.fault !== null) throw new PlaitError(this.fault, 'The simulated disk takes nothing more.');
    const written = { start, end, stuff };
    // The bytes of these places are about to change: nobody vouches for them until that is recorded.
    this.journal?.vouched.erase(start, end);
    this.#unread.erase(start, end);
    if (this.#rules.recordsAhead) this.journal?.vouched.write(start, end + (1 << 20), stuff);
    this.part.write(start, end, stuff);
    this.#unsynced.push(written);
    this.#unrecorded.push(written);
    this.#unrecordedBytes += end - start;
    if (this.#unrecordedBytes >= JOURNAL_FLUSH_BYTES) this.flush();
  }

  flush(): void {
    if (this.journal === null) return;
    for (const { start, end, stuff } of this.#unrecorded) if (this.#admitted.has(stuff.mirrorId)) this.journal.vouched.write(start, end, stuff);
    this.#unrecorded = [];
    this.#unrecordedBytes = 0;
  }

  sync(): void {
    this.flush();
    this.#unsynced = [];
    this.#synced = { part: this.part.copy(), journal: this.journal === null ? null : copyOf(this.journal) };
  }

  startOver(): void {
    this.part = new ByteRuns();
    this.journal = null;
    this.#unread = new ByteRuns();
    this.#admitted = new Set();
    this.#unrecorded = [];
    this.#unrecordedBytes = 0;
    this.#unsynced = [];
    this.#synced = { part: new ByteRuns(), journal: null };
  }

  publish(totalBytes: number): void {
    this.published = { runs: [...this.part.runs], totalBytes };
    this.journal = null;
  }

  setAside(): void {
    this.isSetAside = true;
    this.startOver();
  }

  /** The machine goes down: of what was not synced, each write may be there, be gone, or be there in part. */
  crash(dice: Dice): void {
    const { part, journal } = this.#synced;
    const now = part.copy();
    for (const { start, end, stuff } of this.#unsynced) {
      const fate = draw(dice);
      const survives = fate < 0.4 ? end : fate < 0.7 ? start : start + Math.floor((end - start) * draw(dice));
      now.write(start, survives, stuff);
    }
    this.part = now;
    // What the synced journal says is believed only when it was read back.
    this.journal = journal === null ? null : { ...copyOf(journal), vouched: new ByteRuns() };
    for (const { start, end, stuff } of journal?.vouched.runs ?? []) this.#unread.write(start, end, stuff);
    if (journal === null) this.#unread = new ByteRuns();
    this.#unsynced = [];
    this.#synced = { part: now.copy(), journal: this.journal === null ? null : copyOf(this.journal) };
  }

  #onlySynced(journal: Journal): Journal {
    const kept = copyOf(journal);
    for (const run of journal.vouched.runs) {
      if (!this.#synced.part.areAll(run.start, run.end, (stuff) => sameStuff(stuff, run.stuff))) kept.vouched.erase(run.start, run.end);
    }
    return kept;
  }
}
