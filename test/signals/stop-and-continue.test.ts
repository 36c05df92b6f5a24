import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import { hasWritten, serveFile, urlsOf, viewWhere } from '../support/served.ts';

test.each(['SIGTSTP', 'SIGSTOP'] as const)('case 61: stopped and continued, it goes on to an exact file (%s)', async (signal) => {
  const env = await TestEnv.create();
  const source = await env.source(4 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [MIB] });
  const plait = env.start(['get', '--json', '-i', '20ms', ...urlsOf(farm)]);
  await hasWritten(plait, MIB);
  plait.kill(signal);
  // While it is stopped it reads nothing: the servers' sockets fill up, and one of them dies and comes back.
  await farm.kill(2);
  await farm.revive(2);
  await viewWhere(farm, ({ servers }) => servers.every(({ state }) => state === 'alive'));
  plait.kill('SIGCONT');
  const ended = await plait.ended;
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
});
