import { PlaitError } from '../base/errors.ts';
import { canShowScreens } from '../ui/draw/terminal.ts';
import type { CommandIo } from './command-io.ts';

export interface ReportFlags {
  readonly plain?: boolean;
  readonly json?: boolean;
  readonly tui?: boolean;
  readonly quiet?: boolean;
}

/**
 * Whether a command shows its view: where it was asked for, and by default on a terminal that can.
 *
 * @throws PlaitError `usage` where the flags contradict one another, or the view can be shown nowhere.
 */
export function wantsScreen({ plain, json, tui, quiet }: ReportFlags, io: Pick<CommandIo, 'stdoutIsTerminal' | 'env'>): boolean {
  if ([plain, json, tui].filter((flag) => flag === true).length > 1) throw new PlaitError('usage', 'Only one of --plain, --json and --tui can hold.');
  const isPossible = io.stdoutIsTerminal && canShowScreens(io.env);
  if (tui === true && !isPossible) {
    throw new PlaitError('usage', `--tui needs a terminal${io.stdoutIsTerminal ? ' that can place its cursor (TERM says it cannot)' : ' on standard output'}: leave it out, or use --plain.`);
  }
  return tui === true || (isPossible && plain !== true && json !== true && quiet !== true);
}
