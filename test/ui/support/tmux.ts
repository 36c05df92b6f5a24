/** A real terminal with the real program in it: tmux keeps the screen, and is asked what stands on it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';

const run = promisify(execFile);
const SCREEN_MS = 30_000;

export interface Pane {
  /** The screen as text; with `colours`, with its SGR codes. */
  screen(options?: { readonly colours?: boolean }): Promise<string>;
  /** Types keys as tmux names them (`Enter`, `Space`, `C-c`), or text. */
  press(...keys: readonly string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** Settles once the screen shows this, and gives the screen. */
  shows(what: RegExp): Promise<string>;
  /** Whether the alternate screen is on, and whether the cursor is shown. */
  modes(): Promise<{ readonly isAlternate: boolean; readonly hasCursor: boolean }>;
  /** Closes the terminal under the program's feet. */
  close(): Promise<void>;
}

export interface PaneOptions {
  readonly cwd: string;
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

let panes = 0;

/** A shell in a terminal of its own, which is closed when the test ends. */
export async function openPane({ cwd, columns = 120, rows = 40, env = {} }: PaneOptions): Promise<Pane> {
  // A server of its own for each pane: none can disturb another, and nothing of the user's tmux is touched.
  const socket = `plait-test-${process.pid}-${(panes += 1)}`;
  const tmux = (...args: readonly string[]): Promise<{ stdout: string }> => run('tmux', ['-L', socket, '-f', '/dev/null', ...args]);
  const settings = { TERM: 'tmux-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', PS1: '$ ', ...env };
  const shell = ['env', '-u', 'NO_COLOR', '-u', 'CI', ...Object.entries(settings).map(([name, value]) => `${name}=${value}`), 'sh'].map((word) => `'${word}'`).join(' ');
  await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', cwd, shell);
  const close = async (): Promise<void> => {
    await tmux('kill-server').catch(() => undefined);
  };
  onTestFinished(close);
  const screen: Pane['screen'] = async ({ colours = false } = {}) => (await tmux('capture-pane', '-p', ...(colours ? ['-e'] : []))).stdout;
  return {
    screen,
    close,
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    resize: async (toColumns, toRows) => void (await tmux('resize-window', '-x', String(toColumns), '-y', String(toRows))),
    async shows(what) {
      await expect.poll(() => screen(), { timeout: SCREEN_MS, interval: 50 }).toMatch(what);
      return screen();
    },
    async modes() {
      const { stdout } = await tmux('display-message', '-p', '#{alternate_on} #{cursor_flag}');
      const [alternate, cursor] = stdout.trim().split(' ');
      return { isAlternate: alternate === '1', hasCursor: cursor === '1' };
    },
  };
}
