import { execFile, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { sha256 } from '../net/support/pattern.ts';
import { MIB, newFolder, oracleBytes, serveCopies } from './support.ts';

const SIZE = 4 * MIB;
const run = promisify(execFile);
const canMount = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'true']).status === 0;

test.skipIf(!canMount)(`a full disk pauses the library with everything kept, and it goes on when there is room${canMount ? '' : ' (skipped: unshare -rm cannot be used here)'}`, async () => {
  const [url = ''] = await serveCopies([{ sizeBytes: SIZE }]);
  const disk = join(await newFolder(), 'disk');
  await mkdir(disk);
  // 6 MiB of disk for 4 MiB of file, with 4 of them taken.
  const script = 'mount -t tmpfs -o size=6m none "$0" && head -c 4194304 /dev/zero > "$0/filler" && "$1" "$2" "$3" "$0" && sha256sum "$0/file.bin" && ls "$0"';
  const child = join(import.meta.dirname, 'full-disk-child.ts');
  const { stdout } = await run('unshare', ['-rm', 'sh', '-c', script, disk, process.execPath, child, url]);
  expect(stdout).toMatch(/"kind":"disk-full","why":"[^"]*make room/u);
  expect(stdout).toMatch(/"kind":"went-on"/u);
  expect(/"wastedBytes":(\d+)/u.exec(stdout)?.[1]).toBeDefined();
  expect(stdout).toContain(sha256(oracleBytes(0, SIZE)));
  expect(stdout.trim().split('\n').slice(-1)).toEqual(['file.bin']);
});
