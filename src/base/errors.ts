/**
 * What can go wrong, as values: a code that programs compare, and a sentence that people read. Nobody matches on
 * the text of a message.
 */

/** The exit statuses of the command line; the same numbers travel in `PlaitError.exitCode`. */
export const EXIT = {
  ok: 0,
  bug: 1,
  usage: 2,
  noServer: 3,
  wrongContent: 4,
  disk: 5,
  target: 6,
  notTheSameFile: 7,
  hangup: 129,
  interrupted: 130,
  /** Nobody reads the output any more: what SIGPIPE does to most programs. */
  readerGone: 141,
  terminated: 143,
} as const;

export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** Why a download (or a command) ended without its file. */
export type PlaitErrorCode =
  | 'bug'
  | 'usage'
  | 'no-server'
  | 'checksum-mismatch'
  | 'disk-full'
  | 'disk-failed'
  | 'folder-missing'
  | 'target-exists'
  | 'target-not-a-file'
  | 'target-in-use'
  | 'journal-foreign'
  | 'sizes-differ'
  | 'content-differs'
  | 'aborted';

const EXIT_OF: Record<PlaitErrorCode, ExitStatus> = {
  bug: EXIT.bug,
  usage: EXIT.usage,
  'no-server': EXIT.noServer,
  'checksum-mismatch': EXIT.wrongContent,
  'disk-full': EXIT.disk,
  'disk-failed': EXIT.disk,
  'folder-missing': EXIT.disk,
  'target-exists': EXIT.target,
  'target-not-a-file': EXIT.target,
  'target-in-use': EXIT.target,
  'journal-foreign': EXIT.target,
  'sizes-differ': EXIT.notTheSameFile,
  'content-differs': EXIT.notTheSameFile,
  aborted: EXIT.interrupted,
};

/** The one error class of the program. `message` is a whole sentence for the user: the thing, and what to do. */
export class PlaitError extends Error {
  override readonly name = 'PlaitError';
  readonly code: PlaitErrorCode;

  constructor(code: PlaitErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** The exit status the command line gives for this error. */
  get exitCode(): ExitStatus {
    return EXIT_OF[this.code];
  }
}

/** The `code` of a system error such as ENOSPC, or null for anything else. */
export function systemCodeOf(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** A failed file call as one of ours: a full disk is told apart, because waiting or deleting helps there. */
export function diskError(error: unknown, path: string): PlaitError {
  if (error instanceof PlaitError) return error;
  const code = systemCodeOf(error);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    const what = code === 'EFBIG' ? 'The file would be larger than this disk or your limits allow' : 'No space is left';
    return new PlaitError('disk-full', `${what} for ${path} (${code}). What was received is kept: make room and run the same command again.`, { cause: error });
  }
  if (code === 'ENAMETOOLONG') return new PlaitError('disk-failed', `The path ${path.slice(0, 60)}… is longer than this disk or system allows (${code}). Choose a shorter one.`, { cause: error });
  return new PlaitError('disk-failed', `The disk failed at ${path} (${code ?? String(error)}). What was received is kept: check the disk and run the same command again.`, { cause: error });
}
