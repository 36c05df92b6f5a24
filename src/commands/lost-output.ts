import { EXIT, systemCodeOf } from '../base/errors.ts';
import type { ExitStatus } from '../base/errors.ts';

/** Why a command ends whose output reaches nobody any more. */
export interface LostOutput {
  readonly status: ExitStatus;
  /** The beginning of a sentence. */
  readonly why: string;
}

/** A pipe's reader has gone; the codes are those of pipes and of sockets. */
const READER_GONE: ReadonlySet<string | null> = new Set(['EPIPE', 'ECONNRESET']);

/**
 * What a failed write to standard output means: a reader that has gone ends most programs by SIGPIPE, a terminal that
 * has gone sends SIGHUP besides, and anything else is the disk of the file that the output goes to.
 */
export function lostOutput(error: unknown, wasTerminal: boolean): LostOutput {
  const code = systemCodeOf(error);
  if (wasTerminal) return { status: EXIT.hangup, why: `The terminal has gone (${code ?? String(error)})` };
  if (READER_GONE.has(code)) return { status: EXIT.readerGone, why: `Nobody reads the output any more (${code})` };
  return { status: EXIT.disk, why: `The output cannot be written (${code ?? String(error)})` };
}
