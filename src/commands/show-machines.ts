/** `--inspect`, `--stately` and `--record`: the flags with which a command shows its machines while it runs. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { BROWSER_WAIT_MS } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import type { Inspect } from '../metrics/event-tap.ts';
import type { CommandIo } from './command-io.ts';

/** The flags as they come from the command line; `true` where no port was given. */
export interface ShowFlags {
  readonly inspect?: string | true;
  readonly stately?: string | true;
  readonly record?: string;
}

/** What shows the machines of a running command. */
export interface Show {
  /** For `download` and `startFarm`. */
  readonly inspect: Inspect;
  /** Where to look, a sentence each. */
  readonly sentences: readonly string[];
  /** The command ends with this status; what went wrong with the recording is said on standard error. */
  end(exitStatus: number): Promise<void>;
}

/** Adds the flags to a command. */
export const withShowFlags = (command: Command): Command =>
  command
    .addOption(new Option('--inspect [port]', 'Show the machines in a page on loopback, ended with the command.'))
    .addOption(new Option('--stately [port]', 'Show the machines to the Stately inspector.'))
    .option('--record <file>', 'Write everything the machines do to a file, for plait inspect.');

/** A port as a flag gives it; `true` where any will do. @throws PlaitError `usage` */
export function portOf(flag: string, given: string | true | undefined): number | true | undefined {
  if (given === undefined) return undefined;
  // The command line puts the `=` behind a flag that stands alone.
  if (given === true || given === '') return true;
  const port = /^\d{1,5}$/u.test(given) ? Number(given) : Number.NaN;
  if (!(port <= 65_535)) throw new PlaitError('usage', `${flag}=${given.slice(0, 40)} names no port: give one up to 65535, as in ${flag}=8000 (0: any), or none.`);
  return port;
}

/**
 * Shows what the flags ask for; null where they ask for nothing: then nothing is loaded.
 * @throws PlaitError where a port cannot be had, or the recording cannot be made.
 */
export async function showMachines(command: string, flags: ShowFlags, io: CommandIo): Promise<Show | null> {
  if (flags.inspect === undefined && flags.stately === undefined && flags.record === undefined) return null;
  const page = portOf('--inspect', flags.inspect);
  const stately = portOf('--stately', flags.stately);
  const { openInspectorOf } = await import('../inspect/inspector.ts');
  const inspector = await openInspectorOf(command, {
    cwd: io.cwd,
    ...(page === undefined ? {} : { page }),
    ...(stately === undefined ? {} : { stately }),
    ...(flags.record === undefined ? {} : { record: flags.record }),
  });
  const { openBrowser } = await import('./browser.ts');
  const isOpened = inspector.pageUrl !== null && openBrowser(inspector.pageUrl, io);
  const sentences = [
    inspector.pageUrl === null ? [] : [`Inspector: ${inspector.pageUrl}`],
    inspector.statelyUrl === null ? [] : [`Stately inspector: ${inspector.statelyUrl} (receivers: ${inspector.statelySocketUrl})`],
  ].flat();
  return {
    inspect: inspector.inspect,
    sentences,
    async end(exitStatus) {
      // A run may be over before the browser that was opened for it has come.
      if (isOpened) await Promise.race([inspector.visited, new Promise((resolve) => setTimeout(resolve, BROWSER_WAIT_MS).unref())]);
      const trouble = await inspector.close(exitStatus);
      if (trouble !== null) io.stderr.write(`plait: ${trouble}\n`);
    },
  };
}
