/** A terminal that no one looks at: what is written to it is kept, and keys can be pressed on it. */
import { PassThrough, Writable } from 'node:stream';
import type { ScreenIo } from '../../../src/ui/screen-io.ts';

class FakeStdout extends Writable {
  readonly isTTY = true;
  columns: number;
  rows: number;
  written = '';
  readonly #woken = new Set<() => void>();

  constructor(columns: number, rows: number) {
    super({ decodeStrings: false });
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.written += String(chunk);
    for (const wake of this.#woken) wake();
    done();
  }

  getColorDepth(): number {
    return 24;
  }

  /** Settles once what was written holds what is looked for. */
  said(what: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!what.test(this.written)) return;
        this.#woken.delete(look);
        resolve();
      };
      this.#woken.add(look);
      look();
    });
  }
}

class FakeStdin extends PassThrough {
  readonly isTTY = true;
  isRaw = false;

  setRawMode(isRaw: boolean): this {
    this.isRaw = isRaw;
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }
}

export interface FakeTerminal extends ScreenIo {
  readonly stdin: FakeStdin;
  readonly stdout: FakeStdout;
  /** As if an error nobody caught were about to end the process. */
  crash(): void;
}

export function fakeTerminal(columns = 100, rows = 30, env: ScreenIo['env'] = { TERM: 'xterm-256color', LANG: 'C.UTF-8' }): FakeTerminal {
  const listeners = new Set<() => void>();
  const stdout = new FakeStdout(columns, rows);
  return {
    stdin: new FakeStdin(),
    stdout,
    stderr: stdout,
    env,
    stdinIsTerminal: true,
    onCrash(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    crash() {
      for (const listener of listeners) listener();
    },
    stopHere: () => Promise.resolve(),
  };
}
