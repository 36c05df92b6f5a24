import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { MIB, writeText } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { TestEnv } from '../support/plait.ts';
import { isInstalled } from '../support/programs.ts';
import { givenBytes, sentences } from './support/scene.ts';

test('case 49: a host that nobody knows is named, and the others deliver', async () => {
  const env = await TestEnv.create();
  const good = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: MIB }));
  const unknown = 'http://nobody.invalid/f.bin';
  const both = await env.run(['get', '--json', unknown, `${good.url}/f.bin`]);
  expect(both).toMatchObject({ status: 0, stderr: '' });
  expect(await env.verdict('f.bin')).toMatchObject({ sizeBytes: MIB, firstWrongByte: null });
  expect(givenBytes(both)).toEqual([0, MIB]);
  const alone = await env.run(['get', '-w', '0', '-o', 'other.bin', unknown]);
  expect(alone).toMatchObject({ status: 3, stderr: expect.stringMatching(/^plait: No server .*nobody\.invalid.*\n$/u) });
  expect(await env.left()).toEqual(['f.bin']);
});

/**
 * A socket that swallows every connection: it listens, nobody accepts, and its queue is full, so that the kernel drops
 * what comes, as a path does on which packets vanish.
 */
const BLACK_HOLE = `
import socket, sys
s = socket.socket(socket.AF_INET6)
s.bind(('::1', int(sys.argv[1])))
s.listen(0)
full = []
for _ in range(4):
    c = socket.socket(socket.AF_INET6)
    c.setblocking(False)
    c.connect_ex(('::1', int(sys.argv[1])))
    full.append(c)
print('full', flush=True)
sys.stdin.read()
`;

const canNameHosts = isInstalled('python3') && spawnSync('unshare', ['-rm', 'true']).status === 0;
const hasIpv6 = spawnSync(process.execPath, ['-e', "require('node:net').createServer().listen(0,'::1',()=>process.exit(0)).on('error',()=>process.exit(1))"]).status === 0;

test.skipIf(!canNameHosts || !hasIpv6)('case 52: a host whose IPv6 address swallows everything is reached by IPv4 (skipped without python3, unshare -rm or ::1)', async () => {
  const env = await TestEnv.create();
  const server = createServer((request, response) => answerOracle(request, response, { sizeBytes: MIB })).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const hole = spawn('python3', ['-c', BLACK_HOLE, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void hole.kill('SIGKILL'));
  const [said] = (await once(createInterface({ input: hole.stdout }), 'line')) as string[];
  expect(said).toBe('full');
  await writeText(env.aside('hosts'), '127.0.0.1 localhost\n::1 two-ways.test\n127.0.0.1 two-ways.test\n');
  const under = ['unshare', '-rm', 'sh', '-c', 'mount --bind "$0" /etc/hosts && exec "$@"', env.aside('hosts')];
  const ended = await env.run(['get', '--json', `http://two-ways.test:${port}/f.bin`], { under });
  expect({ status: ended.status, stderr: ended.stderr, why: sentences(ended) }).toMatchObject({ status: 0, stderr: '' });
  expect(await env.verdict('f.bin')).toMatchObject({ sizeBytes: MIB, firstWrongByte: null });
});
