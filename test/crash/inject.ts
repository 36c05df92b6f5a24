/** Faults at single file calls of the real program, by strace: the Nth call of a kind on one of the download's files. */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { Ended, TestEnv } from '../support/plait.ts';

export const canTrace = process.platform === 'linux' && process.arch === 'x64' && spawnSync('strace', ['-f', '--seccomp-bpf', '-qq', '-e', 'trace=none', 'true']).status === 0;

/** The end of a test's name: empty, or why it is skipped. */
export const unlessTraced = canTrace ? '' : ' (skipped: strace cannot be used here)';

export interface Injection {
  /** A system call's name. */
  readonly call: string;
  /** `signal=SIGKILL`, `error=EIO`, `retval=100`. */
  readonly fault: string;
  /** Which of the calls, from 1, counted for each thread. */
  readonly nth: number;
  /** Ends of the names beside the target whose calls count; `folder` is the folder itself. */
  readonly on?: readonly string[];
}

const EVERYWHERE = ['', '.plait', '.plait-journal', '.plait-journal-new', 'folder'];

export interface Disturbed {
  readonly ended: Ended;
  /** The fault has come: a kill, or an error that strace noted. */
  readonly isHit: boolean;
}

/** Runs `plait get` for the target `name` under one injected fault. */
export async function runWithFault(env: TestEnv, name: string, args: readonly string[], { call, fault, nth, on = EVERYWHERE }: Injection): Promise<Disturbed> {
  const log = env.aside('strace.log');
  const paths = on.flatMap((end) => ['-P', end === 'folder' ? env.folder : `${env.path(name)}${end}`]);
  // With --seccomp-bpf strace stops at the traced calls alone, which is faster, but its signals do not arrive.
  const seccomp = fault.startsWith('signal') ? [] : ['--seccomp-bpf'];
  const under = ['strace', '-f', ...seccomp, '-qq', '-o', log, ...paths, '-e', `trace=${call}`, '-e', `inject=${call}:${fault}:when=${nth}`];
  // One thread for all asynchronous calls, because strace counts by thread.
  const ended = await env.run(['get', '--json', '-o', name, ...args], { under, env: { UV_THREADPOOL_SIZE: '1' } });
  const isKilled = ended.signal === 'SIGKILL' || ended.status === 137;
  return { ended, isHit: isKilled || (await readFile(log, 'latin1')).includes('(INJECTED)') };
}
