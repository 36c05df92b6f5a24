/**
 * What the store asks of the machine beyond plain file calls, in one place, so that a test can be on another boot, on
 * another system, or on a disk without hard links.
 */
import { link } from 'node:fs/promises';
import { tmpdir, uptime } from 'node:os';
import { SUM_HERE_MAX_BYTES, SYNC_MS } from '../base/bounds.ts';
import { readBootId } from './boot-id.ts';

export interface StoreWorld {
  /** A UUID in lower case, or null where the system does not tell boots apart. */
  readonly bootId: string | null;
  /** When it began, in ms since 1970 by the system's clock. */
  readonly bootedAtMs: number;
  readonly platform: NodeJS.Platform;
  /** Where sockets that stand for locks live, on systems that need a file for one. */
  readonly socketFolder: string;
  /** How often the part file is fsynced. */
  readonly syncMs: number;
  /** More than this at once is summed by a worker. */
  readonly sumHereMaxBytes: number;
  /** link(2): gives a file a second name, and fails where that name is taken. */
  link(existingPath: string, newPath: string): Promise<void>;
}

export function thisMachine(): StoreWorld {
  return { bootId: readBootId(), bootedAtMs: Date.now() - uptime() * 1_000, platform: process.platform, socketFolder: tmpdir(), syncMs: SYNC_MS, sumHereMaxBytes: SUM_HERE_MAX_BYTES, link };
}
