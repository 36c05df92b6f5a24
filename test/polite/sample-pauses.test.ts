import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { SAMPLE_BYTES_MAX } from '../../src/base/bounds.ts';
import { MIB, oracleBytes } from '../support/oracle.ts';
import { startOrigin } from '../support/origin.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';

const RETRY_AFTER_S = 2;

/** What a write takes, and how often there is one: 3 MiB/s. */
const WRITE_BYTES = MIB / 16;
const WRITE_EVERY_MS = 20;

function rangeOf({ headers }: IncomingMessage): { readonly start: number; readonly end: number } {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/u.exec(headers.range ?? '') ?? [];
  return { start: Number(first), end: Number(last) + 1 };
}

/** Gives the part that is asked for at its leisure, lest it has given everything before anybody is compared. */
async function give(request: IncomingMessage, response: ServerResponse, totalBytes: number): Promise<void> {
  const { start, end: asked } = rangeOf(request);
  const end = Math.min(asked, totalBytes);
  response.writeHead(206, { ETag: '"v0"', 'Content-Range': `bytes ${start}-${end - 1}/${totalBytes}`, 'Content-Length': end - start });
  for (let at = start; at < end && !response.destroyed; at += WRITE_BYTES) {
    response.write(oracleBytes(at, Math.min(end, at + WRITE_BYTES)));
    await new Promise((resolve) => {
      setTimeout(resolve, WRITE_EVERY_MS);
    });
  }
  response.end();
}

test('a server that turns its sample away with a Retry-After is asked for nothing until then, and goes on after it', async () => {
  const env = await TestEnv.create();
  const source = await env.source(5 * MIB);
  const slow = await serveFile(source, { count: 1, rates: [MIB / 4] });
  let turnedAway: number | null = null;
  const busy = await startOrigin((request, response, nth) => {
    const { start, end } = rangeOf(request);
    // Leases are many times as long as all samples together.
    if (turnedAway !== null || end - start > SAMPLE_BYTES_MAX) {
      void give(request, response, source.sizeBytes);
      return;
    }
    turnedAway = nth;
    response.writeHead(429, { 'Retry-After': RETRY_AFTER_S, 'Content-Length': 0 }).end();
  });
  const ended = await env.run(['get', '--quiet', '--connections', '1', `${busy.url}/file.bin`, ...urlsOf(slow)]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  const times = busy.requests.map(({ atMs }) => atMs);
  const before = times[(turnedAway ?? 0) - 1] ?? Number.NaN;
  const after = times[turnedAway ?? 0] ?? Number.NaN;
  expect(after - before).toBeGreaterThanOrEqual(1_000 * RETRY_AFTER_S);
});
