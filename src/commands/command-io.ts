/**
 * What a command may touch of the process it runs in. Commands take it as an argument, so that a test can run one
 * without the real terminal, and so that exactly one place knows `process`.
 */
import { isatty } from 'node:tty';
import { EXIT } from '../base/errors.ts';
import type { ExitStatus } from '../base/errors.ts';
import type { Readable, Writable } from 'node:stream';

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** What a command exits with that a signal has ended. */
export const SIGNAL_STATUS: Readonly<Record<StopSignal, ExitStatus>> = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated, SIGHUP: EXIT.hangup };

export interface CommandIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Absolute; relative paths of the command line count from here. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdinIsTerminal: boolean;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  /** Milliseconds on a monotonic clock, from any origin. */
  nowMs(): number;
  /**
   * Calls `listener` for every SIGINT, SIGTERM and SIGHUP until the function that it gives back is called. While
   * someone listens, a signal no longer ends the process by itself.
   */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /**
   * Calls `listener` when the process is about to die of an error that nobody caught, before anything is printed of it,
   * until the function that it gives back is called.
   */
  onCrash(listener: () => void): () => void;
  /** Stops the process and whoever runs with it, as Ctrl+Z does where no program reads keys; settles once it goes on. */
  stopHere(): Promise<void>;
}

/** The stop takes hold well within this; no timer runs while it lasts. Where nobody could end it the system does not stop. */
const STOP_TAKES_MS = 100;

const STOP_SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** The io of this very process. */
export function processIo(): CommandIo {
  return {
    // Made when they are first asked for: opening stdin, and loading what tells terminals apart, cost start-up time.
    get stdin() {
      return process.stdin;
    },
    get stdout() {
      return process.stdout;
    },
    get stderr() {
      return process.stderr;
    },
    cwd: process.cwd(),
    env: process.env,
    get stdinIsTerminal() {
      return isatty(0);
    },
    get stdoutIsTerminal() {
      return isatty(1);
    },
    get stderrIsTerminal() {
      return isatty(2);
    },
    nowMs: () => performance.now(),
    onSignal(listener) {
      for (const signal of STOP_SIGNALS) process.on(signal, listener);
      return () => {
        for (const signal of STOP_SIGNALS) process.off(signal, listener);
      };
    },
    onCrash(listener) {
      process.on('uncaughtExceptionMonitor', listener);
      return () => process.off('uncaughtExceptionMonitor', listener);
    },
    stopHere() {
      process.kill(0, 'SIGTSTP');
      return new Promise((resolve) => setTimeout(resolve, STOP_TAKES_MS));
    },
  };
}
