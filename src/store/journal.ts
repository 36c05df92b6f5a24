/**
 * The journal's file: records are appended to it, and now and then it is written anew without what is out of date.
 * It owns its file descriptor and its sequence numbers; what the records mean is the ledger's.
 */
import fs from 'node:fs';
import { promisify } from 'node:util';
import { JOURNAL_REWRITE_BYTES } from '../base/bounds.ts';
import { PlaitError, diskError } from '../base/errors.ts';
import { encodeHeader, encodeRecords } from './journal-format.ts';
import type { JournalHeader } from './journal-format.ts';
import type { JournalRecord } from './journal-records.ts';
import type { TargetPaths } from './target.ts';

const fsync = promisify((fd: number, done: (error: NodeJS.ErrnoException | null) => void) => fs.fsync(fd, done));

type JournalPaths = Pick<TargetPaths, 'journalPath' | 'newJournalPath'>;

/** A journal's file and where its next record goes. Replaced as one when the journal is written anew. */
interface Tape {
  readonly fd: number;
  readonly sizeBytes: number;
  readonly sequence: number;
}

export class Journal {
  readonly #paths: JournalPaths;
  readonly #header: JournalHeader;
  /** Null once closed. */
  #tape: Tape | null;
  #isRetired = false;
  /** Records that came while the journal is being written anew; the new one takes them over. */
  #meanwhile: JournalRecord[] | null = null;
  #rewriteAboveBytes: number;

  private constructor(paths: JournalPaths, header: JournalHeader, tape: Tape) {
    this.#paths = paths;
    this.#header = header;
    this.#tape = tape;
    this.#rewriteAboveBytes = thresholdFor(tape.sizeBytes);
  }

  /** Begins a journal with these records. An older one is given up only for one that is on the disk. */
  static begin(paths: JournalPaths, header: JournalHeader, records: readonly JournalRecord[]): Journal {
    const tape = writeTape(paths.newJournalPath, header, records);
    try {
      if (fs.existsSync(paths.journalPath)) fs.fsyncSync(tape.fd);
      fs.renameSync(paths.newJournalPath, paths.journalPath);
    } catch (error) {
      closeQuietly(tape.fd);
      throw diskError(error, paths.journalPath);
    }
    return new Journal(paths, header, tape);
  }

  /** It holds more than twice what its ranges need, and enough for that to matter. */
  get isOvergrown(): boolean {
    return this.#tape !== null && this.#tape.sizeBytes > this.#rewriteAboveBytes;
  }

  /** Synchronous: when it returns, the records are in the file, though not yet on the disk. */
  append(records: readonly JournalRecord[]): void {
    this.#tape = appendTo(this.#openTape(), records, this.#paths.journalPath);
    this.#meanwhile?.push(...records);
  }

  async sync(): Promise<void> {
    try {
      await fsync(this.#openTape().fd);
    } catch (error) {
      throw diskError(error, this.#paths.journalPath);
    }
  }

  /** For the rare record that must be on the disk before the next byte is: it holds everything up. */
  syncNow(): void {
    try {
      fs.fsyncSync(this.#openTape().fd);
    } catch (error) {
      throw diskError(error, this.#paths.journalPath);
    }
  }

  /**
   * Writes the journal anew with `records`, which say all that it said so far. Records go on being appended while
   * this runs. Where the new one cannot be written, the old one simply grows on. It does not reject.
   */
  async rewrite(records: readonly JournalRecord[]): Promise<void> {
    const meanwhile: JournalRecord[] = [];
    this.#meanwhile = meanwhile;
    try {
      const fresh = writeTape(this.#paths.newJournalPath, this.#header, records);
      try {
        await fsync(fresh.fd);
        closeQuietly(this.#changeTo(fresh, meanwhile).fd);
      } catch (error) {
        closeQuietly(fresh.fd);
        throw error;
      }
    } catch {
      this.#rewriteAboveBytes *= 2;
      removeQuietly(this.#paths.newJournalPath);
    } finally {
      this.#meanwhile = null;
    }
  }

  /**
   * Synchronous, because a record that came in the middle of it would be in the old file alone. Gives the old tape. The
   * change of tapes comes last: where anything fails, the old one is still the journal, and otherwise the fresh one is.
   */
  #changeTo(fresh: Tape, meanwhile: readonly JournalRecord[]): Tape {
    const old = this.#openTape();
    const tape = appendTo(fresh, meanwhile, this.#paths.newJournalPath);
    // A refusal was on the disk in the old journal, and has to be there in this one before the old one goes.
    if (meanwhile.some(({ type }) => type === 'refused')) fs.fsyncSync(fresh.fd);
    fs.renameSync(this.#paths.newJournalPath, this.#paths.journalPath);
    this.#tape = tape;
    this.#rewriteAboveBytes = thresholdFor(tape.sizeBytes);
    return old;
  }

  /** Takes no more records, not even those of a rewrite under way. To be closed once nothing is under way. */
  retire(): void {
    this.#isRetired = true;
  }

  /** Nothing may be under way. What mattered of it was synced before; how its descriptor ends tells nothing more. */
  close(): void {
    const tape = this.#tape;
    this.#tape = null;
    if (tape !== null) closeQuietly(tape.fd);
  }

  #openTape(): Tape {
    if (this.#tape === null || this.#isRetired) throw new PlaitError('bug', `The journal ${this.#paths.journalPath} is closed and takes no more records.`);
    return this.#tape;
  }
}

const thresholdFor = (compactBytes: number): number => Math.max(JOURNAL_REWRITE_BYTES, 2 * compactBytes);

/** A new file of these records, in the page cache. The caller brings it to the disk and gives it its name. */
function writeTape(path: string, header: JournalHeader, records: readonly JournalRecord[]): Tape {
  try {
    fs.rmSync(path, { force: true });
    const fd = fs.openSync(path, 'wx', 0o666);
    try {
      const empty: Tape = { fd, sizeBytes: 0, sequence: 0 };
      const bytes = Buffer.concat([encodeHeader(header), encodeRecords(records, 0)]);
      writeAll(empty, bytes);
      return { fd, sizeBytes: bytes.length, sequence: records.length };
    } catch (error) {
      closeQuietly(fd);
      throw error;
    }
  } catch (error) {
    throw diskError(error, path);
  }
}

/** The number is given back whatever this says, and may be another file's at once: it is never closed a second time. */
function closeQuietly(fd: number): void {
  try {
    fs.closeSync(fd);
  } catch {
    // Some network disks say here that they are full or broken, for bytes that nobody needs any more.
  }
}

/** What stays is never read, and goes at the next start. */
function removeQuietly(path: string): void {
  try {
    fs.rmSync(path, { force: true });
  } catch {
    // The old journal stands; that is what counts.
  }
}

function appendTo(tape: Tape, records: readonly JournalRecord[], path: string): Tape {
  const bytes = encodeRecords(records, tape.sequence);
  try {
    writeAll(tape, bytes);
  } catch (error) {
    // What got in is cut off again, so that the next append cannot leave a stale record behind itself.
    cutTo(tape);
    throw diskError(error, path);
  }
  return { fd: tape.fd, sizeBytes: tape.sizeBytes + bytes.length, sequence: tape.sequence + records.length };
}

/** Writes behind what the tape holds. A short write goes on where it stopped. */
function writeAll(tape: Tape, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) {
    written += fs.writeSync(tape.fd, bytes, written, bytes.length - written, tape.sizeBytes + written);
  }
}

function cutTo(tape: Tape): void {
  try {
    fs.ftruncateSync(tape.fd, tape.sizeBytes);
  } catch {
    // The disk refuses even that; the failure that led here is the one to report.
  }
}
