/** How many sockets this process may open: sockets must not take the descriptors that the files of a download need. */
import { readdirSync, readFileSync } from 'node:fs';
import { FILES_RESERVED } from '../base/bounds.ts';

/**
 * What is left for sockets under the process's limit of open files (`ulimit -n`; Node has raised the soft one to the
 * hard one), at least 1. Infinity where the system does not tell it as Linux does.
 */
export function socketsAllowed(): number {
  try {
    const limit = /^Max open files\s+(\d+)/mu.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    return Math.max(1, Number(limit) - readdirSync('/proc/self/fd').length - FILES_RESERVED);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
