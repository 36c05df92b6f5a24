import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { KIB, MIB, oracleBytes } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';

// Nothing, less than a server each, primes, one below, at and above the block grid and the probe.
const SIZES = [0, 1, 2, 4, 5, 4_099, 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, MIB - 1, MIB, MIB + 1, 3_145_739, 5 * MIB];

test.each(SIZES)('a file of %i bytes from five servers is exact', async (sizeBytes) => {
  const env = await TestEnv.create();
  const source = await env.source(sizeBytes);
  const origins = await Promise.all([1, 2, 3, 4, 5].map(() => startOrigin((request, response) => answerOracle(request, response, { sizeBytes }))));
  const ended = await env.run(['get', '--json', '-n', '6', ...origins.map(({ url }) => `${url}/file.bin`)]);
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
  expect(lastLine(ended)).toMatchObject({ type: 'done', bytes: sizeBytes });
});

test.each([0, 1, 70_001])('a file of %i bytes with a checksum is proved', async (sizeBytes) => {
  const env = await TestEnv.create();
  const source = await env.source(sizeBytes);
  const farm = await serveFile(source, { count: 2 });
  const ended = await env.run(['get', '--json', '-c', `sha-256=${source.sha256}`, ...urlsOf(farm)]);
  expect(ended.status).toBe(0);
  expect(lastLine(ended)).toMatchObject({ verified: 'checksum', bytes: sizeBytes });
});

/** Sends the whole file without saying how long it is: in chunks, or until the connection is closed. */
function stream(response: ServerResponse, framing: 'chunked' | 'until close', bytes: Uint8Array): void {
  response.useChunkedEncodingByDefault = framing === 'chunked';
  response.writeHead(200, framing === 'chunked' ? {} : { Connection: 'close' });
  // Two writes, so that Node does not count the bytes for us.
  response.write(bytes.subarray(0, bytes.length / 2));
  response.end(bytes.subarray(bytes.length / 2));
}

test.each(['chunked', 'until close'] as const)('a size that nobody tells (%s) is one stream, said so, and exact', async (framing) => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB + 3);
  const bytes = oracleBytes(0, source.sizeBytes);
  const origins = await Promise.all([1, 2].map(() => startOrigin((_, response) => stream(response, framing, bytes))));
  for (const urls of [origins.slice(0, 1), origins]) {
    const ended = await env.run(['get', '--json', '--force', ...urls.map(({ url }) => `${url}/file.bin`)]);
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
    expect(ended.lines).toContainEqual(expect.objectContaining({ type: 'decision', kind: 'size-unknown' }));
    expect(await env.verdict('file.bin')).toEqual(exactly(source));
    expect(await env.left()).toEqual(['file.bin']);
  }
});

test('a stream of unknown size beside a server that is not there is not cut short', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB + 3);
  const bytes = oracleBytes(0, source.sizeBytes);
  const origin = await startOrigin((_, response) => stream(response, 'chunked', bytes));
  const ended = await env.run(['get', '--json', 'http://127.0.0.1:1/file.bin', `${origin.url}/file.bin`]);
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});

test('a stream of unknown size that is cut off is not taken for the file', async () => {
  const env = await TestEnv.create();
  const origin = await startOrigin((_, response) => {
    response.writeHead(200, { 'Transfer-Encoding': 'chunked' });
    response.write(Buffer.alloc(100 * KIB, 1), () => response.destroy());
  });
  const ended = await env.run(['get', '-w', '0', `${origin.url}/file.bin`]);
  expect(ended.status).toBe(3);
  expect(await env.left()).not.toContain('file.bin');
});
