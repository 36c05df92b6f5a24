/** Runs one program to its end and tells what it took. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Measured {
  readonly wallSec: number;
  /** User and system time, its children included. */
  readonly cpuSec: number;
  readonly peakMiB: number;
  readonly exitCode: number | null;
  /** The end of what it said on stderr, where it failed. */
  readonly complaint: string;
}

/** What GNU time adds to stderr, behind a word that no program says. */
const MARK = 'plait-bench-time';

/** @param hear is given what it has said on stderr so far, whenever it says something */
export async function measure(command: readonly string[], env: Readonly<Record<string, string>> = {}, hear?: (said: string) => void): Promise<Measured> {
  const startedAtMs = performance.now();
  const child = spawn('/usr/bin/time', ['-f', `${MARK} %U %S %M`, ...command], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4_000);
    hear?.(said);
  });
  await once(child, 'close');
  const wallSec = (performance.now() - startedAtMs) / 1_000;
  const [userSec = Number.NaN, systemSec = Number.NaN, peakKiB = Number.NaN] = (said.split(MARK)[1] ?? '').trim().split(' ').map(Number);
  return { wallSec, cpuSec: userSec + systemSec, peakMiB: peakKiB / 1_024, exitCode: child.exitCode, complaint: child.exitCode === 0 ? '' : (said.split(MARK)[0] ?? '').slice(-600) };
}

export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}
