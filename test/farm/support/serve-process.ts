import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { inject, onTestFinished } from 'vitest';

export interface ServeProcess {
  readonly pid: number;
  readonly lines: readonly string[];
  readonly errors: () => string;
  /** Settles with the first line, said or yet to come, that fits. */
  line(fits: (line: string) => boolean): Promise<string>;
  enter(line: string): void;
  endInput(): void;
  kill(signal: NodeJS.Signals): void;
  /** Settles with the exit status, or the signal's name. */
  readonly exited: Promise<number | string | null>;
}

/** `plait serve` with these arguments; it is killed when the test ends, if it still runs. */
export function serveProcess(...args: string[]): ServeProcess {
  const child = spawn(process.execPath, [join(inject('distFolder'), 'cli.js'), 'serve', ...args], { stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  let rest = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    lines.push(...parts);
    for (const check of waiting) check();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return {
    pid: child.pid ?? 0,
    lines,
    errors: () => errors,
    line: (fits) =>
      new Promise((resolve) => {
        const check = (): void => {
          const found = lines.find(fits);
          if (found === undefined) return;
          waiting.delete(check);
          resolve(found);
        };
        waiting.add(check);
        check();
      }),
    enter: (line) => void child.stdin.write(`${line}\n`),
    endInput: () => void child.stdin.end(),
    kill: (signal) => void child.kill(signal),
    exited: once(child, 'close').then(([code, signal]: (number | string | null)[]) => code ?? signal ?? null),
  };
}
