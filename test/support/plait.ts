/**
 * The real program in a folder of its own: started as users start it, watched through its output, killed with any
 * signal. Whatever a test leaves (processes, folders) goes when the test ends.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished } from 'vitest';
import { MIB, verdictOn, writeOracleFile } from './oracle.ts';
import type { Verdict } from './oracle.ts';

/** One line of `--json`. */
export type JsonLine = Readonly<Record<string, unknown>> & { readonly type: string; readonly t: number };

/** A run that is over. */
export interface Ended {
  /** The exit status; null where a signal ended the process. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** What stdout holds of NDJSON. */
  readonly lines: readonly JsonLine[];
}

export interface RunningPlait {
  readonly pid: number;
  readonly ended: Promise<Ended>;
  kill(signal: NodeJS.Signals): void;
  /** Closes our end of its stdout: its next line finds a broken pipe. */
  closeStdout(): void;
  /** The end of its output so far. */
  lastWords(): string;
  /** Settles once its stdout holds what is looked for; rejects where it ends without. */
  said(what: RegExp | ((stdout: string) => boolean)): Promise<void>;
  /** The same, but its end will do, too: for moments that a fast run may not have. */
  saidOrEnded(what: RegExp | ((stdout: string) => boolean)): Promise<void>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A command that runs the program, such as strace and its arguments: program and arguments follow it. */
  readonly under?: readonly string[];
  /** Another folder of the built program. */
  readonly distFolder?: string;
  /** Flags for Node itself. */
  readonly nodeFlags?: readonly string[];
}

/** A file that the servers of a test serve. */
export interface SourceFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Characters of a run's output that a failure shows. */
const LAST_WORDS = 1_500;

const isJsonLine = (value: unknown): value is JsonLine => typeof value === 'object' && value !== null && 'type' in value && 't' in value;

function jsonLinesOf(stdout: string): readonly JsonLine[] {
  return stdout.split('\n').flatMap((line) => {
    if (!line.startsWith('{') || !line.endsWith('}')) return [];
    const value: unknown = JSON.parse(line);
    return isJsonLine(value) ? [value] : [];
  });
}

/** The last line of a run with `--json`. */
export const lastLine = (ended: Ended): JsonLine => {
  const last = ended.lines.at(-1);
  if (last === undefined) throw new Error(`There is no JSON line. stderr: ${ended.stderr}`);
  return last;
};

function watch(child: ChildProcess): RunningPlait {
  let stdout = '';
  let stderr = '';
  let isOver = false;
  const waiting = new Set<() => void>();
  const wake = (): void => waiting.forEach((look) => look());
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    wake();
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => {
      isOver = true;
      resolve({ status, signal, stdout, stderr, lines: jsonLinesOf(stdout) });
      wake();
    });
  });
  const lastWords = (): string => `${stdout.slice(-LAST_WORDS)}\nstderr:\n${stderr}`;
  const whenSaid = (what: RegExp | ((stdout: string) => boolean), endWillDo: boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const isSaid = typeof what === 'function' ? what(stdout) : what.test(stdout);
        if (!isSaid && !isOver) return;
        waiting.delete(look);
        if (isSaid || endWillDo) resolve();
        else reject(new Error(`It ended without saying ${String(what)}. Its last words:\n${lastWords()}`));
      };
      waiting.add(look);
      look();
    });
  return {
    pid: child.pid ?? 0,
    ended,
    kill: (signal) => void child.kill(signal),
    closeStdout: () => void child.stdout?.destroy(),
    lastWords,
    said: (what) => whenSaid(what, false),
    saidOrEnded: (what) => whenSaid(what, true),
  };
}

export class TestEnv {
  /** The program's working folder: what is left there is what it left. */
  readonly folder: string;
  readonly #root: string;
  readonly #distFolder: string;
  readonly #children = new Map<ChildProcess, RunningPlait>();
  #sources = 0;

  private constructor(root: string) {
    this.#root = root;
    this.folder = join(root, 'work');
    this.#distFolder = inject('distFolder');
  }

  /** A fresh one, removed when the test ends. */
  static async create(): Promise<TestEnv> {
    const env = await TestEnv.createShared();
    onTestFinished(() => env.remove());
    return env;
  }

  /** A fresh one that whoever asks for it removes. */
  static async createShared(): Promise<TestEnv> {
    const env = new TestEnv(await mkdtemp(join(tmpdir(), 'plait-e2e-')));
    await mkdir(env.folder);
    return env;
  }

  /** A path in the working folder. */
  path(name: string): string {
    return join(this.folder, name);
  }

  /** A path beside the working folder, for what is the test's and not the program's. */
  aside(name: string): string {
    return join(this.#root, name);
  }

  /** A file of the oracle's bytes, beside the working folder. */
  async source(sizeBytes: number = MIB, version = 0, name = 'file.bin'): Promise<SourceFile> {
    const folder = this.aside(`source-${(this.#sources += 1)}`);
    await mkdir(folder);
    const path = join(folder, name);
    return { path, sizeBytes, sha256: await writeOracleFile(path, sizeBytes, version) };
  }

  /** Starts the program. */
  start(args: readonly string[], { env = {}, under = [], distFolder = this.#distFolder, nodeFlags = [] }: StartOptions = {}): RunningPlait {
    const [command = process.execPath, ...rest] = [...under, process.execPath, ...nodeFlags, join(distFolder, 'cli.js'), ...args];
    const child = spawn(command, rest, {
      cwd: this.folder,
      // The user's own proxies are no part of a test.
      env: { PATH: process.env['PATH'], HOME: this.#root, TMPDIR: tmpdir(), ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const running = watch(child);
    this.#children.set(child, running);
    return running;
  }

  /** Runs the program to its end. */
  run(args: readonly string[], options: StartOptions = {}): Promise<Ended> {
    return this.start(args, options).ended;
  }

  /** Every name in the working folder, sorted. */
  async left(): Promise<readonly string[]> {
    return (await readdir(this.folder)).sort();
  }

  /** What the oracle says of a file in the working folder. */
  verdict(name: string, version = 0): Promise<Verdict> {
    return verdictOn(this.path(name), version);
  }

  /** Asserts that a file in the working folder holds these very bytes. */
  async expectSame(name: string, bytes: Uint8Array): Promise<void> {
    const found = await readFile(this.path(name));
    expect(found.length).toBe(bytes.length);
    expect(found.equals(bytes)).toBe(true);
  }

  async remove(): Promise<void> {
    const still = [...this.#children].filter(([child]) => child.exitCode === null && child.signalCode === null);
    for (const [child, running] of still) {
      // A test that timed out wants to know where the program hung.
      process.stderr.write(`Still running at the end of its test: plait ${child.spawnargs.slice(2).join(' ')}\n${running.lastWords()}\n`);
      child.kill('SIGKILL');
      await running.ended;
    }
    await rm(this.#root, { recursive: true, force: true });
  }
}

/** The verdict on an exact copy. */
export const exactly = ({ sizeBytes, sha256 }: SourceFile): Verdict => ({ sizeBytes, firstWrongByte: null, sha256 });
