/** A download by the library into a folder of its own, with all that it decided. */
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { download } from '../../src/download.ts';
import type { Download } from '../../src/download.ts';
import { PlaitError } from '../../src/base/errors.ts';
import type { Decision } from '../../src/machines/decisions.ts';
import type { DownloadEvent, DownloadResult } from '../../src/metrics/events.ts';
import type { DownloadOptions } from '../../src/wiring/options.ts';
import { oracleBytes, verdictOn } from '../support/oracle.ts';
import type { Verdict } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import type { OracleAnswer, Origin } from '../support/origin.ts';

export { KIB, MIB, oracleBytes } from '../support/oracle.ts';

export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plait-trust-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export interface Ended {
  readonly result: DownloadResult | null;
  readonly error: PlaitError | null;
  readonly events: readonly DownloadEvent[];
  readonly decisions: readonly Decision[];
  readonly folder: string;
  /** Every name in the folder, sorted. */
  readonly left: readonly string[];
  verdict(version?: number): Promise<Verdict>;
}

export interface Running {
  readonly download: Download;
  readonly folder: string;
  readonly ended: Promise<Ended>;
}

export async function start(urls: readonly string[], options: Partial<DownloadOptions> = {}, folder?: string): Promise<Running> {
  const into = folder ?? (await newFolder());
  const events: DownloadEvent[] = [];
  const running = download({ urls, output: join(into, 'file.bin'), env: {}, waitMs: 2_000, ...options });
  running.events.subscribe((event) => events.push(event));
  let isOver = false;
  onTestFinished(async () => {
    if (!isOver) running.abort();
    await Promise.allSettled([running.result]);
  });
  running.result.then(
    () => (isOver = true),
    () => (isOver = true),
  );
  const ended = running.result.then(
    (result) => ({ result, error: null }),
    (error: unknown) => {
      if (!(error instanceof PlaitError)) throw error;
      return { result: null, error };
    },
  );
  return {
    download: running,
    folder: into,
    ended: ended.then(async ({ result, error }) => ({
      result,
      error,
      events,
      decisions: events.filter((event) => event.type === 'decision'),
      folder: into,
      left: (await readdir(into)).sort(),
      verdict: (version) => verdictOn(join(into, 'file.bin'), version),
    })),
  };
}

export const fetchAll = async (urls: readonly string[], options: Partial<DownloadOptions> = {}, folder?: string): Promise<Ended> =>
  (await start(urls, options, folder)).ended;

/** The oracle's file with changes: what a server with a spoiled copy has. */
export interface Copy extends OracleAnswer {
  /** Offsets of bytes that it sends inverted. */
  readonly spoiled?: readonly number[];
}

/** Answers with a copy of the oracle's file. */
export function answerCopy(request: IncomingMessage, response: ServerResponse, copy: Copy): void {
  const { sizeBytes, version = 0, headers = {}, spoiled } = copy;
  const range = /^bytes=(\d+)-(\d+)$/u.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  if (spoiled === undefined || start >= sizeBytes) {
    answerOracle(request, response, copy);
    return;
  }
  const end = Math.min(sizeBytes, range === null ? sizeBytes : Number(range[2]) + 1);
  const bytes = oracleBytes(start, end, version);
  for (const offset of spoiled) {
    const byte = bytes[offset - start];
    if (byte !== undefined) bytes[offset - start] = byte ^ 0xff;
  }
  response.writeHead(206, { ETag: `"v${version}-${sizeBytes}"`, 'Content-Range': `bytes ${start}-${end - 1}/${sizeBytes}`, 'Content-Length': end - start, ...headers });
  response.end(bytes);
}

export const serveCopy = (copy: Copy): Promise<Origin> => startOrigin((request, response) => answerCopy(request, response, copy));

/** Servers of these copies, in the order in which they are named. */
export async function serveCopies(copies: readonly Copy[]): Promise<readonly string[]> {
  const origins = await Promise.all(copies.map(serveCopy));
  return origins.map(({ url }) => `${url}/file.bin`);
}

export const kinds = (ended: Ended, kind: Decision['kind']): readonly Decision[] => ended.decisions.filter((decision) => decision.kind === kind);


/** The piece hashes of the oracle's file. */
export function piecesOf(sizeBytes: number, lengthBytes: number): NonNullable<DownloadOptions['pieces']> {
  const hashes: string[] = [];
  for (let at = 0; at < sizeBytes; at += lengthBytes) {
    hashes.push(createHash('sha256').update(oracleBytes(at, Math.min(sizeBytes, at + lengthBytes))).digest('hex'));
  }
  return { lengthBytes, algorithm: 'sha-256', hashes };
}
