/** What the figures were measured on, without anything that names the machine. */
import { availableParallelism, cpus, release, totalmem } from 'node:os';
import { readFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';

export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly system: string;
  readonly kernel: string;
  readonly node: string;
  readonly nginx: string;
}

function systemName(): string {
  try {
    return /^PRETTY_NAME="(.*)"$/mu.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? process.platform;
  } catch {
    return process.platform;
  }
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    system: systemName(),
    kernel: /^\d+(?:\.\d+)*/u.exec(release())?.[0] ?? 'unknown',
    node: process.version.slice(1),
    nginx: /\d+(?:\.\d+)+/u.exec(spawnSync('nginx', ['-v'], { encoding: 'utf8' }).stderr)?.[0] ?? 'unknown',
  };
}
