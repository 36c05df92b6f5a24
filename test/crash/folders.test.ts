import { spawnSync } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { lastLine, TestEnv } from '../support/plait.ts';
import { hasWritten, serveFile, urlsOf } from '../support/served.ts';

const canMount = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'true']).status === 0;

test.skipIf(!canMount)('case 66: a read-only disk: exit 5 before a byte is asked for (skipped without unshare -rm)', async () => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: MIB }));
  await mkdir(env.path('disk'));
  const under = ['unshare', '-rm', 'sh', '-c', 'mount -t tmpfs -o ro none "$0" && exec "$@"', env.path('disk')];
  const ended = await env.run(['get', '--json', '-o', 'disk/f.bin', `${origin.url}/f.bin`], { under });
  expect(ended.status).toBe(5);
  expect(lastLine(ended)).toMatchObject({ type: 'error', exitCode: 5 });
  expect(origin.requests).toHaveLength(0);
});

test('case 66: a folder that vanishes midway: exit 5, and no file appears elsewhere', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [MIB / 2] });
  await mkdir(env.path('folder'));
  const plait = env.start(['get', '--json', '-i', '20ms', '-o', 'folder/f.bin', ...urlsOf(farm)]);
  await hasWritten(plait, MIB);
  await rm(env.path('folder'), { recursive: true });
  const ended = await plait.ended;
  expect(ended.status).toBe(5);
  expect(lastLine(ended)).toMatchObject({ type: 'error', exitCode: 5 });
  expect(await env.left()).toEqual([]);
  // The same where the folder is another by then: the name was for the old one.
  await mkdir(env.path('folder'));
  const second = env.start(['get', '--json', '-i', '20ms', '-o', 'folder/f.bin', ...urlsOf(farm)]);
  await hasWritten(second, MIB);
  await rm(env.path('folder'), { recursive: true });
  await mkdir(env.path('folder'));
  expect((await second.ended).status).toBe(5);
  expect(await readdir(env.path('folder'))).toEqual([]);
});
