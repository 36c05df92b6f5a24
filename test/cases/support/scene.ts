/**
 * What the server cases share: one farm of three, of which the first is given a fault, and the real program run against
 * it alone and beside the two good ones. The judge is the oracle: bytes, hash, exit status, what is left in the folder.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Farm } from '../../../src/farm/farm.ts';
import { MIB } from '../../support/oracle.ts';
import { exactly, lastLine, TestEnv } from '../../support/plait.ts';
import type { Ended, SourceFile } from '../../support/plait.ts';
import { afflict, healAll, urlsOf } from '../../support/served.ts';
import { startFarm } from '../../support/start-farm.ts';

export interface Stage {
  readonly source: SourceFile;
  readonly farm: Farm;
  /** The bad server's URL, and the two good ones'. */
  readonly bad: string;
  readonly good: readonly string[];
}

/** A farm for all cases of a file: fast enough for hundreds of runs, slow enough that nobody has it all at once. */
export function sharedStage(sizeBytes = 2 * MIB, rateBytesPerSec = 8 * MIB): () => Stage {
  let stage: Stage | undefined;
  let home: TestEnv | undefined;
  beforeAll(async () => {
    home = await TestEnv.createShared();
    const source = await home.source(sizeBytes);
    const farm = await startFarm({ filePath: source.path, count: 3, rates: [rateBytesPerSec] });
    const [bad = '', ...good] = urlsOf(farm);
    stage = { source, farm, bad, good };
  });
  afterAll(async () => {
    await stage?.farm.close();
    await home?.remove();
  });
  return () => {
    if (stage === undefined) throw new Error('The farm does not stand yet.');
    return stage;
  };
}

/** Gives the first server its fault for as long as `act` takes. */
export async function under<Result>({ farm }: Stage, fault: string, act: () => Promise<Result>): Promise<Result> {
  await afflict(farm, 1, fault);
  try {
    return await act();
  } finally {
    await healAll(farm);
  }
}

/** The exact file stands under its name, and nothing else is left. */
export async function expectExact(env: TestEnv, ended: Ended, source: SourceFile): Promise<void> {
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
}

/** It ended with this status, and nothing stands under the final name. */
export async function expectNoFile(env: TestEnv, ended: Ended, status: number): Promise<void> {
  expect({ status: ended.status, last: lastLine(ended).type }).toEqual({ status, last: 'error' });
  expect(await env.left()).not.toContain('file.bin');
}

/** What each server gave of the finished file, in the order of the command line. */
export function givenBytes(ended: Ended): readonly number[] {
  const { servers } = lastLine(ended);
  if (!Array.isArray(servers)) throw new Error('The last line tells of no servers.');
  return servers.map((server: unknown) => (typeof server === 'object' && server !== null && 'bytes' in server ? Number(server.bytes) : Number.NaN));
}

/** Every sentence that a run with --json gave for its decisions. */
export const sentences = (ended: Ended): string => ended.lines.filter(({ type }) => type === 'decision').map(({ why }) => String(why)).join('\n');
