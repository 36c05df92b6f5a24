import { execFile, spawnSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { samplePlaces } from '../../src/machines/plan/sample-places.ts';
import { sha256 } from '../net/support/pattern.ts';
import { KIB, MIB, newFolder, oracleBytes, serveCopies } from './support.ts';

const SIZE = 4 * MIB;
/** The child's. */
const SEED = 4;
const run = promisify(execFile);
const canMount = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'true']).status === 0;

const unlessMounted = canMount ? '' : ' (skipped: unshare -rm cannot be used here)';

/** What the child says on a disk of its own, of which so much is taken; then the hash of its file and what else is there. */
async function onDisk(diskBytes: number, takenBytes: number, args: readonly string[]): Promise<string> {
  const disk = join(await newFolder(), 'disk');
  await mkdir(disk);
  const script = `mount -t tmpfs -o size=${diskBytes} none "$0" && head -c ${takenBytes} /dev/zero > "$0/filler" && "$@" && sha256sum "$0/file.bin" && ls "$0"`;
  const child = join(import.meta.dirname, 'full-disk-child.ts');
  const { stdout } = await run('unshare', ['-rm', 'sh', '-c', script, disk, process.execPath, child, disk, ...args]);
  return stdout;
}

test.skipIf(!canMount)(`a full disk pauses the library with everything kept, and it goes on when there is room${unlessMounted}`, async () => {
  const [url = ''] = await serveCopies([{ sizeBytes: SIZE }]);
  const stdout = await onDisk(6 * MIB, 4 * MIB, ['-', url]);
  expect(stdout).toMatch(/"kind":"disk-full","why":"[^"]*make room/u);
  expect(stdout).toMatch(/"kind":"went-on"/u);
  expect(/"wastedBytes":(\d+)/u.exec(stdout)?.[1]).toBeDefined();
  expect(stdout).toContain(sha256(oracleBytes(0, SIZE)));
  expect(stdout.trim().split('\n').slice(-1)).toEqual(['file.bin']);
});

test.skipIf(!canMount)(`a disk that fills while wrong bytes are looked for pauses the library, is held against no server, and the search goes on when there is room${unlessMounted}`, async () => {
  // A wrong byte in each KiB of the first half: of all of it another version is kept. No sample meets any.
  const sampled = samplePlaces(SIZE, 3, SEED, []);
  const spoiled = Array.from({ length: SIZE / KIB / 2 }, (_, nth) => nth * KIB).filter((at) => !sampled.some(({ start, end }) => start <= at && at < end));
  const urls = await serveCopies([{ sizeBytes: SIZE, spoiled }, { sizeBytes: SIZE }, { sizeBytes: SIZE }]);
  // Room for the file and a quarter of a MiB; with what is given free, for the file twice.
  const stdout = await onDisk(9 * MIB, 4.75 * MIB, [`sha-256=${sha256(oracleBytes(0, SIZE))}`, ...urls]);
  const kinds = [...stdout.matchAll(/"kind":"([a-z-]+)"/gu)].map(([, kind]) => kind);
  expect(kinds.indexOf('disk-full')).toBeGreaterThan(kinds.indexOf('searching'));
  expect(kinds.filter((kind) => kind === 'disk-full').length).toBeGreaterThan(1);
  expect(stdout.match(/"kind":"mirror-refused","why":"[^"]*"/gu)).toEqual([expect.stringContaining('server 1')]);
  expect(stdout).toContain(sha256(oracleBytes(0, SIZE)));
  expect(stdout.trim().split('\n').slice(-1)).toEqual(['file.bin']);
});
