/** Programs that a test may need and a machine may lack; a test that lacks one is skipped and says so. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export type Program = 'nginx' | 'aria2c' | 'curl' | 'wget' | 'python3' | 'openssl' | 'strace' | 'tmux' | 'mkfifo' | 'tc';

/** Servers live in sbin, which not everyone has on the PATH. */
const FOLDERS: readonly string[] = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];

/** Where a program is, or null. */
export function whereIs(program: Program): string | null {
  for (const folder of FOLDERS) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not here: the next folder.
    }
  }
  return null;
}

export const isInstalled = (program: Program): boolean => whereIs(program) !== null;

/** The end of a test's name: empty, or which program it lacks. */
export const unlessMissing = (program: Program): string => (isInstalled(program) ? '' : ` (skipped: ${program} is not installed)`);
