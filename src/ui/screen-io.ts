import type { Readable, Writable } from 'node:stream';
import { terminalOf } from './draw/terminal.ts';
import type { Terminal } from './draw/terminal.ts';

/** What a screen needs of the process it runs in. */
export interface ScreenIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdinIsTerminal: boolean;
  /** Calls `listener` when the process is about to die of an error that nobody caught; the function given back ends that. */
  onCrash(listener: () => void): () => void;
  /** Stops the process as Ctrl+Z does elsewhere; settles once it goes on. */
  stopHere(): Promise<void>;
}

const COLOURS_UNKNOWN_BITS = 4;

/** How many bits of colour the stream has: Node knows terminals by their environment. */
export function depthBitsOf({ stdout, env }: ScreenIo): number {
  if (!('getColorDepth' in stdout) || typeof stdout.getColorDepth !== 'function') return COLOURS_UNKNOWN_BITS;
  const bits: unknown = stdout.getColorDepth(env);
  return typeof bits === 'number' ? bits : COLOURS_UNKNOWN_BITS;
}

export const terminalAt = (io: ScreenIo): Terminal => terminalOf(io.env, depthBitsOf(io));
