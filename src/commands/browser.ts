import { spawn } from 'node:child_process';
import { platform } from 'node:os';
import type { CommandIo } from './command-io.ts';

/** What opens an address on a desktop; null where there is none, or nobody in front of it. */
export function browserCommand(system: NodeJS.Platform, { env, stderrIsTerminal }: Pick<CommandIo, 'env' | 'stderrIsTerminal'>): readonly string[] | null {
  // Whoever reads through a pipe, or runs in a pipeline of tests, wants no window.
  if (!stderrIsTerminal || (env['CI'] ?? '') !== '') return null;
  // Over ssh the window would open on the wrong desk.
  if ((env['SSH_CONNECTION'] ?? '') !== '') return null;
  if (system === 'darwin') return ['open'];
  // `start` is a word of the shell; the empty text stands for the window's title.
  if (system === 'win32') return ['cmd', '/c', 'start', '""'];
  const hasDesktop = (env['DISPLAY'] ?? '') !== '' || (env['WAYLAND_DISPLAY'] ?? '') !== '';
  return hasDesktop ? ['xdg-open'] : null;
}

/** Opens an address in the desktop's browser, where there is one; tells whether it was tried. */
export function openBrowser(url: string, io: CommandIo): boolean {
  const [program, ...args] = browserCommand(platform(), io) ?? [];
  if (program === undefined) return false;
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true });
  // The address is printed as well: who has no browser opens it elsewhere.
  child.on('error', () => undefined);
  child.unref();
  return true;
}
