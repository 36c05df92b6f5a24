import { createServer } from 'node:http';
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { describe, expect, onTestFinished, test } from 'vitest';
import { KIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { TestEnv } from '../support/plait.ts';

describe('sizes beyond what numbers hold', () => {
  const TOO_LARGE = '9007199254740993';
  test.each([
    ['in Content-Range', 206, { 'Content-Range': `bytes 0-1048575/${TOO_LARGE}`, 'Content-Length': '1048576' }],
    ['in Content-Length', 200, { 'Content-Length': TOO_LARGE }],
    ['in a 416', 416, { 'Content-Range': `bytes */${TOO_LARGE}`, 'Content-Length': '0' }],
  ] as const)('case 88: a file of more than 2^53 bytes is refused: %s', async (_, status, headers) => {
    const env = await TestEnv.create();
    const origin = await startOrigin((_request, response) => response.writeHead(status, headers).flushHeaders());
    const ended = await env.run(['get', '-w', '0', `${origin.url}/f.bin`]);
    expect(ended).toMatchObject({ status: 3, stderr: expect.stringMatching(/^plait: No server .*\n$/u) });
    expect(await env.left()).toEqual([]);
  });
});

const hasIpv6 = spawnSync(process.execPath, ['-e', "require('node:net').createServer().listen(0,'::1',()=>process.exit(0)).on('error',()=>process.exit(1))"]).status === 0;

test.skipIf(!hasIpv6)('case 90: an IPv6 literal is a server like any other (skipped without ::1)', async () => {
  const env = await TestEnv.create();
  const server = createServer((request, response) => answerOracle(request, response, { sizeBytes: 300 * KIB })).listen(0, '::1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const [name, args] of [
    ['url.bin', [`http://[::1]:${port}/f.bin`]],
    ['ports.bin', ['-a', '::1', '-p', String(port)]],
  ] as const) {
    expect(await env.run(['get', '-o', name, ...args])).toMatchObject({ status: 0, stderr: '' });
    expect(await env.verdict(name)).toMatchObject({ sizeBytes: 300 * KIB, firstWrongByte: null });
  }
});

test('case 91: a name is the same file in NFC and NFD', async () => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 1_000 }));
  const composed = 'na\u00efve.bin';
  expect(await env.run(['get', `${origin.url}/${encodeURIComponent(composed.normalize('NFD'))}`])).toMatchObject({ status: 0 });
  expect(await env.left()).toEqual([composed]);
  // The other spelling is the same target: it exists, and is left alone.
  expect(await env.run(['get', `${origin.url}/${encodeURIComponent(composed)}`])).toMatchObject({ status: 6 });
  expect(await env.left()).toEqual([composed]);
});

test('case 95: a Metalink is a file like any other: no name, URL or entity in it is followed', async () => {
  const env = await TestEnv.create();
  const elsewhere = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 10 }));
  const metalink = `<?xml version="1.0"?>
<!DOCTYPE metalink [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<metalink xmlns="urn:ietf:params:xml:ns:metalink">
  <file name="../outside.bin"><size>10</size><url>${elsewhere.url}/a</url>&x;</file>
  <file name="second.bin"><hash type="md5">d41d8cd98f00b204e9800998ecf8427e</hash><url>${elsewhere.url}/b</url></file>
</metalink>\n`;
  const origin = await startOrigin((_, response) => response.writeHead(200, { 'Content-Type': 'application/metalink4+xml', 'Content-Length': Buffer.byteLength(metalink) }).end(metalink));
  const ended = await env.run(['get', `${origin.url}/set.meta4`]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(elsewhere.requests).toHaveLength(0);
  expect(await env.left()).toEqual(['set.meta4']);
  await env.expectSame('set.meta4', Buffer.from(metalink));
});

test.each([1, 5, 63])('case 96: more lanes than bytes (%i bytes, 3 servers of 64 lanes)', async (sizeBytes) => {
  const env = await TestEnv.create();
  const origins = await Promise.all([1, 2, 3].map(() => startOrigin((request, response) => answerOracle(request, response, { sizeBytes }))));
  const ended = await env.run(['get', '--json', '-n', '64', ...origins.map(({ url }) => `${url}/f.bin`)]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(await env.verdict('f.bin')).toMatchObject({ sizeBytes, firstWrongByte: null });
  expect(await env.left()).toEqual(['f.bin']);
});
