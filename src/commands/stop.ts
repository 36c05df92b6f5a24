/** What ends a command from outside, from its first moment to its last. */
import type { ExitStatus } from '../base/errors.ts';
import { SIGNAL_STATUS } from './command-io.ts';
import type { CommandIo } from './command-io.ts';

export interface Stop {
  /** Settles with the exit status once something ends the command. */
  readonly status: Promise<ExitStatus>;
  /** Aborted in that moment. What it cuts short rejects, and `isAbort` tells that from a failure. */
  readonly signal: AbortSignal;
  /** The first one counts. */
  stop(status: ExitStatus): void;
  /** Stops listening: a signal ends the process by itself again. */
  release(): void;
}

/** Listens for signals, and cleans up nothing itself: that is left to whoever sees `signal`. */
export function stopOnSignals(io: CommandIo): Stop {
  const { promise, resolve } = Promise.withResolvers<ExitStatus>();
  const stopping = new AbortController();
  const stop = (status: ExitStatus): void => {
    resolve(status);
    stopping.abort();
  };
  return { status: promise, signal: stopping.signal, stop, release: io.onSignal((signal) => stop(SIGNAL_STATUS[signal])) };
}

/** Whether this was thrown because a signal was aborted. */
export const isAbort = (error: unknown): boolean => error instanceof Error && error.name === 'AbortError';
