import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { hasWritten, portsOf, serveFile, urlsOf } from '../support/served.ts';

const LOOKING = 'Looking for available servers... 0 server(s) available. Trying again...';

test('servers by port: the name comes from Content-Disposition', async () => {
  const env = await TestEnv.create();
  const source = await env.source(MIB / 2, 0, 'Ein Film – für alle.mkv');
  const farm = await serveFile(source, { count: 2 });
  expect(await env.run(['get', '-p', portsOf(farm)])).toMatchObject({ status: 0, stderr: '' });
  expect(await env.left()).toEqual(['Ein Film – für alle.mkv']);
  expect(await env.verdict('Ein Film – für alle.mkv')).toEqual(exactly(source));
});

test('servers by host and port go into the folder or under the name that --output says', async () => {
  const env = await TestEnv.create();
  const source = await env.source(MIB / 4);
  const farm = await serveFile(source, { count: 2 });
  expect(await env.run(['get', '-a', 'localhost', '-p', portsOf(farm), '-o', 'woven.bin'])).toMatchObject({ status: 0 });
  expect(await env.run(['get', '-a', '127.0.0.1', '-p', portsOf(farm), '-o', '.'])).toMatchObject({ status: 0 });
  expect(await env.left()).toEqual(['file.bin', 'woven.bin']);
  expect(await env.verdict('woven.bin')).toEqual(exactly(source));
});

test('while nothing listens it says so, and takes in the servers that appear, one after the other', async () => {
  const env = await TestEnv.create();
  const source = await env.source(2 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [MIB / 2], faults: '1:die,2:die,3:die' });
  const plait = env.start(['get', '--plain', '-i', '50ms', '-p', portsOf(farm)]);
  await plait.said((stdout) => stdout.split(LOOKING).length > 2);
  await farm.revive(1);
  await plait.said(/^Server 1 \(\d+\): [1-9]/mu);
  await farm.revive(2);
  await farm.revive(3);
  expect(await plait.ended).toMatchObject({ status: 0, stderr: '' });
  expect((await plait.ended).stdout).toMatch(/^Server [23] \(\d+\): [1-9]/mu);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});

test('while nobody tells the name, every server is shown with what is wrong with it, and the end names it', async () => {
  const env = await TestEnv.create();
  const [one, two] = ['http://127.0.0.1:1/', 'http://127.0.0.1:2/'];
  const ended = await env.run(['get', '--json', '-w', '1500ms', '-p', '1,2']);
  expect(ended.status).toBe(3);
  for (const [server, url] of [[1, one], [2, two]]) {
    expect(ended.lines).toContainEqual(expect.objectContaining({ type: 'server', server, url, state: 'failed' }));
    expect(ended.lines).toContainEqual(expect.objectContaining({ type: 'decision', kind: 'server-lost', server, why: expect.stringMatching(/refused the connection/u) }));
  }
  expect(lastLine(ended)).toMatchObject({ code: 'no-server', message: expect.stringMatching(/^No server could deliver the file: server 1 \(http:\/\/127\.0\.0\.1:1\/\) refused the connection .*server 2 /u) });
  const named = await env.run(['get', '--json', '-w', '1500ms', `${one}f.bin`]);
  expect(lastLine(named)['message']).toMatch(/^No server could deliver the file: server 1 \(http:\/\/127\.0\.0\.1:1\/f\.bin\) refused the connection/u);
});

test('where every server refuses for good, the name is not asked for any longer', async () => {
  const env = await TestEnv.create();
  const missing = await startOrigin((_, response) => response.writeHead(404).end());
  const ended = await env.run(['get', '--plain', '-w', '1h', `${missing.url}/`]);
  expect(ended).toMatchObject({ status: 3, stderr: expect.stringMatching(/^plait: No server .*does not have the file/u) });
  expect(ended.stdout).toMatch(/^Server 1 does not have the file/mu);
  expect(missing.requests).toHaveLength(1);
});

test('with --wait 0 it does not wait for servers, exits with 3 and leaves nothing', async () => {
  const env = await TestEnv.create();
  const source = await env.source(MIB / 4);
  const farm = await serveFile(source, { count: 2, faults: '1:die,2:die' });
  const byPort = await env.run(['get', '-w', '0', '-p', portsOf(farm)]);
  const byUrl = await env.run(['get', '--json', '-w', '0', ...urlsOf(farm).map((url) => `${url}some.bin`)]);
  expect(byPort.status).toBe(3);
  expect(byPort.stderr).toMatch(/^plait: No server .*127\.0\.0\.1:\d+.*\n$/u);
  expect(byUrl.status).toBe(3);
  expect(lastLine(byUrl)).toMatchObject({ type: 'error', code: 'no-server', exitCode: 3 });
  expect(await env.left()).toEqual([]);
});

test('when all servers are gone past --wait it exits with 3, and what came is kept and gone on from', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [MIB] });
  const args = ['get', '--json', '-i', '20ms', '-w', '500ms', ...urlsOf(farm)];
  const plait = env.start(args);
  await hasWritten(plait, MIB);
  await Promise.all([farm.kill(1), farm.kill(2)]);
  expect(await plait.ended).toMatchObject({ status: 3 });
  expect(await env.left()).toEqual(['file.bin.plait', 'file.bin.plait-journal']);
  await Promise.all([farm.revive(1), farm.revive(2)]);
  const ended = await env.run(args);
  expect(ended.status).toBe(0);
  expect(Number(lastLine(ended)['resumedBytes'])).toBeGreaterThanOrEqual(MIB);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
});

test('a server that says 404 or 403 is not asked again, and the others deliver', async () => {
  const env = await TestEnv.create();
  const missing = await startOrigin((_, response) => response.writeHead(404).end());
  const closed = await startOrigin((_, response) => response.writeHead(403).end());
  const good = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: MIB }));
  const ended = await env.run(['get', '--json', '-n', '1', `${missing.url}/f.bin`, `${closed.url}/f.bin`, `${good.url}/f.bin`]);
  expect(ended.status).toBe(0);
  expect([missing.requests.length, closed.requests.length]).toEqual([1, 1]);
  expect((await env.verdict('f.bin')).firstWrongByte).toBeNull();
});

test('where every server has refused for good, more time is not advised', async () => {
  const env = await TestEnv.create();
  const missing = await startOrigin((_, response) => response.writeHead(404).end());
  const ended = await env.run(['get', `${missing.url}/f.bin`]);
  expect(ended.status).toBe(3);
  expect(ended.stderr).toMatch(/^plait: No server .*does not have the file.*Check the addresses.*\n$/u);
  expect(ended.stderr).not.toContain('--wait');
});

test('one server under two spellings is one server', async () => {
  const env = await TestEnv.create();
  const good = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 1000 }));
  const spellings = [`${good.url}/f.bin`, `${good.url.replace('http', 'HTTP')}/x/../f.bin`, `${good.url}/%66.bin#part`];
  const ended = await env.run(['get', '--json', ...spellings]);
  expect(ended.status).toBe(0);
  expect(lastLine(ended)['servers']).toHaveLength(1);
});

test('two of three decide on the size: the third is refused by name, and the file is theirs', async () => {
  const env = await TestEnv.create();
  const right = { sizeBytes: MIB };
  const other = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: MIB + 1, version: 1 }));
  const one = await startOrigin((request, response) => answerOracle(request, response, right));
  const two = await startOrigin((request, response) => answerOracle(request, response, right));
  const ended = await env.run(['get', '--plain', ...[other, one, two].map(({ url }) => `${url}/f.bin`)]);
  expect(ended.status).toBe(0);
  expect(ended.stdout).toMatch(/^Server 1 is refused: .*1048577 bytes.*1048576/mu);
  expect(await env.verdict('f.bin')).toMatchObject({ sizeBytes: MIB, firstWrongByte: null });
});

test('one against one is a tie: exit 7, both named, and no file', async () => {
  const env = await TestEnv.create();
  const one = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 70_000 }));
  const two = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 70_001 }));
  const ended = await env.run(['get', `${one.url}/f.bin`, `${two.url}/f.bin`]);
  expect(ended.status).toBe(7);
  expect(ended.stderr).toMatch(/^plait: .*70000.*70001.*\n$/u);
  expect(await env.left()).not.toContain('f.bin');
});
