import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';

test.skipIf(process.platform === 'win32').each([34, 60])('case 79: with few descriptors it makes do with fewer lanes (ulimit -n %i)', async (descriptors) => {
  const env = await TestEnv.create();
  const source = await env.source(4 * MIB);
  // Long round trips ask for many lanes: with 16 a server there would be 80 sockets.
  const farm = await serveFile(source, { count: 5, rates: [2 * MIB], latencies: [200] });
  const under = ['sh', '-c', `ulimit -n ${descriptors} && exec "$0" "$@"`];
  const ended = await env.run(['get', '--json', '-n', '16', ...urlsOf(farm)], { under });
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
});
