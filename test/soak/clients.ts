/** A run of the client, as a process or as the library: watched by its bytes, ended at will, and over as a value. */
import { spawn } from 'node:child_process';
import { download } from '../../src/download.ts';
import { PlaitError } from '../../src/base/errors.ts';
import type { Ending } from './scenario.ts';

export interface RunOptions {
  readonly urls: readonly string[];
  readonly folder: string;
  readonly sha256: string | null;
  readonly limitBytesPerSec: number | null;
  readonly connections: number | null;
}

export interface ClientEnd {
  /** The exit status; null where a signal ended it. */
  readonly status: number | null;
  readonly message: string;
}

export interface Client {
  /** Calls back with the bytes that the run says it has, whenever it says so. */
  onBytes(listener: (bytes: number) => void): void;
  end(ending: Ending): void;
  readonly ended: Promise<ClientEnd>;
}

/** How long to go on while no server delivers: the good one always does. */
const WAIT_MS = 20_000;

export function libraryClient({ urls, folder, sha256, limitBytesPerSec, connections }: RunOptions): Client {
  const running = download({
    urls,
    cwd: folder,
    env: {},
    waitMs: WAIT_MS,
    ...(sha256 === null ? {} : { checksum: `sha-256=${sha256}` }),
    ...(limitBytesPerSec === null ? {} : { limitBytesPerSec }),
    ...(connections === null ? {} : { connections }),
  });
  return {
    onBytes: (listener) => void running.views.subscribe(({ writtenBytes }) => listener(writtenBytes)),
    end: () => running.abort(),
    ended: running.result.then(
      () => ({ status: 0, message: 'done' }),
      (error: unknown) => ({ status: error instanceof PlaitError ? error.exitCode : 1, message: error instanceof Error ? `${error.message} ${error instanceof PlaitError ? '' : (error.stack ?? '')}` : String(error) }),
    ),
  };
}

export function processClient(cliPath: string, { urls, folder, sha256, limitBytesPerSec, connections }: RunOptions): Client {
  const args = ['get', '--json', '-i', '5ms', '-w', `${WAIT_MS}ms`];
  if (sha256 !== null) args.push('-c', `sha-256=${sha256}`);
  if (limitBytesPerSec !== null) args.push('-l', String(limitBytesPerSec));
  if (connections !== null) args.push('-n', String(connections));
  const child = spawn(process.execPath, [cliPath, ...args, ...urls], { cwd: folder, env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] });
  const listeners = new Set<(bytes: number) => void>();
  let last = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    last = `${last}${text}`.slice(-4_000);
    for (const [, bytes] of text.matchAll(/"type":"progress".*?"bytes":(\d+)/gu)) for (const listener of listeners) listener(Number(bytes));
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return {
    onBytes: (listener) => void listeners.add(listener),
    end: (ending) => void child.kill(ending === 'abort' ? 'SIGTERM' : ending),
    ended: new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve({ status, message: `${errors}${last.trimEnd().split('\n').at(-1) ?? ''}` }));
    }),
  };
}
