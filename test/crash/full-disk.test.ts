import { spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { lastLine, TestEnv } from '../support/plait.ts';
import { canTrace, runWithFault, unlessTraced } from './inject.ts';

const SIZE_BYTES = 4 * MIB;

const canMount = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'true']).status === 0;
const unlessMounted = canMount ? '' : ' (skipped: unshare -rm cannot be used here)';

const origin = async (): Promise<string> => `${(await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: SIZE_BYTES }))).url}/f.bin`;

/** Runs the program on a disk of its own of this size, filled up to what is left; with a script after it. */
const onSmallDisk = (env: TestEnv, diskMib: number, fillMib: number, then = 'true'): readonly string[] => [
  'unshare', '-rm', 'sh', '-c',
  `mount -t tmpfs -o size=${diskMib}m none "$0" && head -c ${fillMib * MIB} /dev/zero > "$0/filler" && { "$@"; first=$?; ls "$0" >&2; ${then}; exit $first; }`,
  env.path('disk'),
];

test.skipIf(!canMount)(`case 62: a disk that is full from the start: exit 5, and nothing under the name${unlessMounted}`, async () => {
  const env = await TestEnv.create();
  await mkdir(env.path('disk'));
  const ended = await env.run(['get', '--json', '-o', 'disk/f.bin', await origin()], { under: onSmallDisk(env, 1, 1) });
  expect(ended.status).toBe(5);
  expect(lastLine(ended)).toMatchObject({ type: 'error', code: 'disk-full', exitCode: 5, message: expect.stringMatching(/make room/u) });
  expect(ended.stderr.split('\n')).not.toContain('f.bin');
});

test.skipIf(!canMount)(`case 62: a disk that fills midway: everything is kept, and with room the same command finishes${unlessMounted}`, async () => {
  const env = await TestEnv.create();
  await mkdir(env.path('disk'));
  // 5 MiB of room for 4 MiB of file, of which 2 are taken; then they are given free, and the same command is run again.
  const again = 'rm "$0/filler"; "$@" >&2 && cp "$0/f.bin" "$0.bin"';
  const ended = await env.run(['get', '--json', '-o', 'disk/f.bin', await origin()], { under: onSmallDisk(env, 5, 2, again) });
  expect(ended.status).toBe(5);
  expect(lastLine(ended)).toMatchObject({ type: 'error', code: 'disk-full' });
  expect(ended.stderr).toMatch(/^f\.bin\.plait$/mu);
  expect(ended.stderr).not.toMatch(/^f\.bin$/mu);
  expect(Number(/"resumedBytes":(\d+)/u.exec(ended.stderr)?.[1])).toBeGreaterThan(MIB);
  expect(await env.verdict('disk.bin')).toMatchObject({ sizeBytes: SIZE_BYTES, firstWrongByte: null });
});

test.skipIf(!canTrace)(`case 62, 64: an fsync that finds no room is final: exit 5, and what it was to sync is never believed again${unlessTraced}`, async () => {
  const env = await TestEnv.create();
  const url = await origin();
  const { ended, isHit } = await runWithFault(env, 'f.bin', [url], { call: 'fsync', fault: 'error=ENOSPC', nth: 1, on: ['.plait'] });
  expect({ isHit, status: ended.status }).toEqual({ isHit: true, status: 5 });
  expect(lastLine(ended)).toMatchObject({ type: 'error', code: 'disk-failed', message: expect.stringMatching(/ENOSPC.*make room/u) });
  expect(await env.left()).toEqual(['f.bin.plait', 'f.bin.plait-journal']);
  // The next fsync would say that all is well: so all that had not been synced is fetched again.
  const again = await env.run(['get', '--json', url]);
  expect(again.status).toBe(0);
  expect(lastLine(again)).toMatchObject({ resumedBytes: 0 });
  expect(await env.verdict('f.bin')).toMatchObject({ sizeBytes: SIZE_BYTES, firstWrongByte: null });
});

test('case 63: a file over the limit of the process (EFBIG): exit 5, kept, and finished without the limit', async () => {
  const env = await TestEnv.create();
  const url = await origin();
  // On one lane the file grows from its beginning, so that what is kept is known.
  // ulimit counts blocks of 512 bytes. SIGXFSZ is what a process without a handler dies of; node ignores it, as any handler would.
  const ended = await env.run(['get', '--json', '-n', '1', url], { under: ['sh', '-c', `ulimit -f ${(2 * MIB) / 512} && exec "$0" "$@"`] });
  expect({ status: ended.status, signal: ended.signal }).toEqual({ status: 5, signal: null });
  expect(lastLine(ended)).toMatchObject({ type: 'error', code: 'disk-full', message: expect.stringMatching(/EFBIG/u) });
  expect(await env.left()).toEqual(['f.bin.plait', 'f.bin.plait-journal']);
  const again = await env.run(['get', '--json', url]);
  expect(again.status).toBe(0);
  expect(Number(lastLine(again)['resumedBytes'])).toBeGreaterThanOrEqual(MIB);
  expect(await env.verdict('f.bin')).toMatchObject({ sizeBytes: SIZE_BYTES, firstWrongByte: null });
});
