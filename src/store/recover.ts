/** What an earlier run left: how much of it can be believed. */
import { readFile } from 'node:fs/promises';
import { JOURNAL_READ_MAX_BYTES } from '../base/bounds.ts';
import { PlaitError, diskError } from '../base/errors.ts';
import { overlapOf } from '../base/range.ts';
import { EMPTY, add } from '../base/range-set.ts';
import type { RangeSet } from '../base/range-set.ts';
import { decodeJournal } from './journal-format.ts';
import type { DecodedJournal, JournalHeader } from './journal-format.ts';
import type { JournalRecord } from './journal-records.ts';
import { Ledger } from './ledger.ts';
import type { Checkpoint, Run, StandingBytes } from './ledger.ts';
import type { PartFile } from './part-file.ts';
import type { Recovered } from './store.ts';
import { regularFileOrNothing } from './target.ts';
import { visibleParts } from './visible-parts.ts';

/** Null where there is no journal. A file too large to be a journal is a foreign one. */
export async function readJournal(journalPath: string): Promise<DecodedJournal | null> {
  const stats = await regularFileOrNothing(journalPath);
  if (stats === null) return null;
  if (stats.size > JOURNAL_READ_MAX_BYTES) return { kind: 'foreign' };
  try {
    return decodeJournal(await readFile(journalPath));
  } catch (error) {
    throw diskError(error, journalPath);
  }
}

export function journalForeign(journalPath: string): PlaitError {
  return new PlaitError('journal-foreign', `${journalPath} is not a journal of this version of plait, so it is left as it is. Use the version that wrote it, or start over.`);
}

/** The state that a journal describes, with all of its runs, checked against nothing yet. */
export function replay(records: readonly JournalRecord[]): Ledger {
  const ledger = new Ledger();
  for (const record of records) if (!ledger.apply(record)) break;
  return ledger;
}

/**
 * The runs of a journal that may hold for this part file. On the boot that wrote them, all do: the page cache lives on.
 * Otherwise each goes as far as it has a CRC-32, and has to be read back before it counts (read-back.ts); what has none
 * does not count.
 */
export function recoverLedger(journal: { header: JournalHeader; records: readonly JournalRecord[] }, part: PartFile, bootId: string | null): Ledger {
  const { header } = journal;
  const ledger = replay(journal.records);
  // What is left of those stays only to hide what it overwrote.
  ledger.refuseUnprovable();
  const isSameBoot = bootId !== null && header.bootId === bootId;
  const isOtherBoot = bootId !== null && header.bootId !== null && header.bootId !== bootId;
  if (!isSameBoot || ledger.isDoubted || !holdsAll(part, header, ledger)) {
    markUnread(ledger, isOtherBoot || ledger.isDoubted);
  }
  ledger.isDoubted = false;
  ledger.prune();
  return ledger;
}

/** The part file is the one that the journal speaks of, and long enough. */
function holdsAll(part: PartFile, header: JournalHeader, ledger: Ledger): boolean {
  const { device, inode, sizeBytes } = part.identity();
  if (device !== header.partDevice || inode !== header.partInode) return false;
  for (const run of ledger.runs) if (run.source.standing !== 'refused' && run.end > sizeBytes) return false;
  return true;
}

function markUnread(ledger: Ledger, onlySynced: boolean): void {
  const visible = visibleParts(ledger.runs);
  for (const run of [...ledger.runs].filter(({ source }) => source.standing !== 'refused')) {
    const checkpoint = onlySynced ? run.synced : (run.sum ?? run.synced);
    disownTail(ledger, run, visible.get(run) ?? [], checkpoint);
    run.isUnread = true;
  }
}

/** Beyond the checkpoint the run does not count. Gives what is lost by it of what stands in the file. */
export function disownTail(ledger: Ledger, run: Run, visible: RangeSet, checkpoint: Checkpoint | null): readonly Run[] {
  // What is lost must not bring back to light what it was written over: those sums were taken of these bytes.
  const lost = { start: checkpoint?.end ?? run.start, end: run.end };
  const disowned = visible.flatMap((part) => {
    const hidden = overlapOf(part, lost);
    return hidden === null ? [] : [ledger.disown(hidden)];
  });
  if (checkpoint === null) {
    ledger.dropRun(run);
  } else {
    run.end = checkpoint.end;
    run.sum = checkpoint;
  }
  return disowned;
}

/** The ledger as the coordinator hears of it. Pieces of one address that touch are one. */
export function recoveredOf(ledger: Ledger, totalBytes: number): Recovered {
  const vouched = ledger.vouched();
  const provisional = ledger.provisional();
  const validators = new Map<string, string | null>();
  // The latest source of an address tells its version; one that counts comes before one that may.
  for (const bytes of [provisional, vouched]) {
    for (const { source } of bytes.sort((a, b) => a.source.sourceId - b.source.sourceId)) validators.set(source.url, source.validator);
  }
  const ofThatVersion = provisional.filter(({ source }) => validators.get(source.url) === source.validator);
  return { totalBytes, runs: runsOf(vouched), provisional: runsOf(ofThatVersion), validators, unread: unreadOf(ledger) };
}

/** What has to be read back before it counts. */
export const unreadOf = (ledger: Ledger): RangeSet => ledger.unread().reduce((set, [, parts]) => parts.reduce((sum, part) => add(sum, part), set), EMPTY);

function runsOf(bytes: readonly StandingBytes[]): { start: number; end: number; url: string }[] {
  const runs: { start: number; end: number; url: string }[] = [];
  for (const { start, end, source } of [...bytes].sort((a, b) => a.start - b.start)) {
    const last = runs.at(-1);
    if (last !== undefined && last.end === start && last.url === source.url) last.end = end;
    else runs.push({ start, end, url: source.url });
  }
  return runs;
}
