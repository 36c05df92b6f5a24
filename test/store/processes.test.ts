import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { JOURNAL_FLUSH_BYTES } from '../../src/base/bounds.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { thisMachine } from '../../src/store/world.ts';
import { isThorough } from '../support/thorough.ts';
import { BOOT_B, MIB, bytesOf, codeOf, makeFolder, openFor, sha256Of, worldWith, partPathOf } from './support.ts';

const CHILD = path.join(inject('bundleFolder'), 'store-child.js');

interface Child {
  readonly process: ChildProcess;
  /** Resolves with the first line that fits. */
  line(fits: (line: string) => boolean): Promise<string>;
  kill(): Promise<void>;
  lastLine(): string;
}

function start(mode: string, targetPath: string): Child {
  const child = spawn(process.execPath, [CHILD, mode, targetPath], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const closed = once(lines, 'close');
  let last = '';
  lines.on('line', (line: string) => {
    last = line;
  });
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await Promise.all([exited, closed]);
  };
  onTestFinished(kill);
  return {
    process: child,
    line: (fits) =>
      new Promise((resolve, reject) => {
        lines.on('line', (line: string) => fits(line) && resolve(line));
        lines.once('close', () => reject(new Error(`The child ended with: ${last}`)));
      }),
    kill,
    lastLine: () => last,
  };
}

describe('kill -9', () => {
  test.each([1, 9 * MIB, 40 * MIB])('after %i bytes loses at most what one flush holds, and vouches for no wrong byte', async (afterBytes) => {
    const targetPath = path.join(await makeFolder(), 'file');
    const child = start('fetch', targetPath);
    await child.line((line) => line.startsWith('written') && Number(line.split(' ')[1]) >= afterBytes);
    await child.kill();
    const [word, written] = child.lastLine().split(' ');
    expect(['written', 'all']).toContain(word);

    const store = await openFor(targetPath, {}, thisMachine());
    const part = await readFile(partPathOf(store));
    let recoveredBytes = 0;
    for (const { start, end } of store.recovered?.runs ?? []) {
      expect(sha256Of(part.subarray(start, end))).toBe(sha256Of(bytesOf(start, end)));
      recoveredBytes += end - start;
    }
    // The kill may have come after a line was written and before it was read, so less can be asked than was lost.
    if (word === 'written') expect(recoveredBytes).toBeGreaterThanOrEqual(Number(written) - JOURNAL_FLUSH_BYTES);
  });
});

describe('two at one target', () => {
  for (const platform of ['linux', 'darwin'] as const) {
    test.skipIf(process.platform !== 'linux')(`the second is told so, and takes over as soon as the first is killed (as on ${platform})`, async () => {
      const targetPath = path.join(await makeFolder(), 'file');
      const world = { ...thisMachine(), platform, socketFolder: await makeFolder() };
      if (platform === 'linux') {
        const child = start('hold', targetPath);
        await child.line((line) => line === 'open');
        expect(await codeOf(() => openStore({ targetPath, resume: true, force: true }, world))).toBe('target-in-use');
        // The same folder by another path is the same target.
        expect(await codeOf(() => openStore({ targetPath: path.join('/proc/self/root', targetPath), resume: true, force: true }, world))).toBe('target-in-use');
        await child.kill();
      } else {
        const first = await openFor(targetPath, {}, world);
        expect(await codeOf(() => openStore({ targetPath, resume: true, force: true }, world))).toBe('target-in-use');
        await first.keep();
        // A socket file whose owner was killed: bound, and nobody listens.
        const stale = path.join(world.socketFolder, (await leaveStaleSocket(world.socketFolder, targetPath, world)) ?? '');
        expect(await readdir(world.socketFolder)).toEqual([path.basename(stale)]);
      }
      const store = await openFor(targetPath, {}, world);
      await store.keep();
    });
  }

  test.each([true, false])('a download on another computer, in a folder that both share, is not written into, whether the second is to go on or to begin anew (%s)', async (resume) => {
    const first = await openFor(path.join(await makeFolder(), 'file'));
    first.addSource(1, 'http://one/f', null);
    first.settleSize(MIB);
    first.admit(1);
    let position = 0;
    const writing = setInterval(() => {
      first.write({ leaseId: 1, mirrorId: 1 }, position, bytesOf(position, position + 1_000));
      first.flush();
      position += 1_000;
    }, 50);
    // Another boot, and its locks in another kernel: played by another place for them.
    const elsewhere = worldWith({ bootId: BOOT_B, bootedAtMs: 0, platform: 'darwin', socketFolder: await makeFolder() });
    const open = (): Promise<Store> => openStore({ targetPath: first.targetPath, resume, force: false }, elsewhere);
    await expect.poll(() => position).toBeGreaterThan(2_000);
    await expect(open()).rejects.toMatchObject({ code: 'target-in-use', message: expect.stringContaining('Another computer') });
    clearInterval(writing);
    // It has died.
    const second = await open();
    onTestFinished(() => second.keep());
  });

  test('a name too long for a socket’s is locked all the same', async () => {
    const targetPath = path.join(await makeFolder(), 'n'.repeat(200));
    await openFor(targetPath);
    expect(await codeOf(() => openStore({ targetPath, resume: true, force: true }))).toBe('target-in-use');
    await openFor(`${targetPath}m`);
  });

  test('two names in one folder do not hinder each other', async () => {
    const folder = await makeFolder();
    await openFor(path.join(folder, 'a'));
    await openFor(path.join(folder, 'b'));
    expect(await readdir(folder)).toEqual(['a.plait', 'b.plait']);
  });
});

/** Takes the lock's socket in a process that is killed while it holds it. Gives the socket's file name. */
async function leaveStaleSocket(socketFolder: string, targetPath: string, world: Parameters<typeof openStore>[1]): Promise<string | undefined> {
  const store = await openStore({ targetPath, resume: true, force: true }, world);
  const [name] = await readdir(socketFolder);
  await store.keep();
  const socketPath = path.join(socketFolder, name ?? '');
  const script = `require('node:net').createServer().listen(${JSON.stringify(socketPath)}, () => process.kill(process.pid, 'SIGKILL'))`;
  expect(spawnSync(process.execPath, ['-e', script]).signal).toBe('SIGKILL');
  return name;
}

const canMount = process.platform === 'linux' && spawnSync('unshare', ['-rm', 'true']).status === 0;

test.skipIf(!canMount)('a full disk is told as one, everything so far is kept, and with room the file is finished (skipped without unshare -rm)', async () => {
  const folder = await makeFolder();
  await mkdir(path.join(folder, 'disk'));
  const script = `
    mount -t tmpfs -o size=5m none "$1/disk" &&
    head -c 2097152 /dev/zero > "$1/disk/file.filler" &&
    exec "$2" "$3" fill-the-disk "$1/disk/file"`;
  const output = execFileSync('unshare', ['-rm', 'sh', '-c', script, 'sh', folder, process.execPath, CHILD], { encoding: 'utf8' });
  const lines = output.trim().split('\n').filter((line) => !line.startsWith('written'));
  expect(lines).toEqual(['open', 'disk-full', 'recovered', sha256Of(bytesOf(0, 4 * MIB))]);
});

const canTrace = process.platform === 'linux' && process.arch === 'x64' && spawnSync('strace', ['-f', '-qq', '-e', 'trace=none', 'true']).status === 0;

// On the whole program the same is tried by test/crash at every run.
describe.skipIf(!canTrace || !isThorough)('a fault at any file call of a download that is kept, resumed and published (with strace and PLAIT_SLOW=1)', () => {
  test.each([
    ['signal=SIGKILL', 'pwrite64'],
    ['signal=SIGKILL', 'fsync'],
    ['signal=SIGKILL', 'fdatasync'],
    ['signal=SIGKILL', 'rename'],
    ['signal=SIGKILL', 'link'],
    ['signal=SIGKILL', 'unlink'],
    ['error=EIO', 'pwrite64'],
    ['error=EIO', 'fsync'],
    ['error=EIO', 'fdatasync'],
    ['error=EIO', 'link'],
    ['error=EIO', 'unlink'],
  ])('%s at each %s: the final name leads to the whole file or to nothing, and the next try succeeds', async (fault, call) => {
    const folder = await makeFolder();
    const expected = sha256Of(bytesOf(0, 2 * MIB + 1));
    for (let nth = 1; nth < 60; nth += 1) {
      const targetPath = path.join(folder, String(nth), 'file');
      await mkdir(path.dirname(targetPath));
      const outcome = runWithFault(call, `${fault}:when=${nth}`, targetPath);
      const isThere = (await readdir(path.dirname(targetPath))).includes('file');
      if (isThere) expect(sha256Of(await readFile(targetPath))).toBe(expected);
      const again = spawnSync(process.execPath, [CHILD, 'publish', targetPath], { encoding: 'utf8' }).stdout.trim().split('\n').at(-1);
      expect(again).toBe(isThere ? 'error target-exists' : 'published');
      expect(sha256Of(await readFile(targetPath))).toBe(expected);
      expect(await readdir(path.dirname(targetPath))).toEqual(['file']);
      if (outcome === 'published') return;
      // An error is told as what it is; a killed process tells nothing.
      if (fault !== 'signal=SIGKILL') expect(outcome).toBe('error disk-failed');
    }
    throw new Error('The program makes more such calls than this test follows.');
  });
});

/** Runs the child with a fault in one call on one of the download's files, and gives the last line it said. */
function runWithFault(call: string, fault: string, targetPath: string): string | undefined {
  const paths = ['', '.plait', '.plait-journal', '.plait-journal-new'].flatMap((suffix) => ['-P', targetPath + suffix]);
  const run = spawnSync(
    'strace',
    ['-f', '-qq', '-o', '/dev/null', ...paths, '-P', path.dirname(targetPath), '-e', `trace=${call}`, '-e', `inject=${call}:${fault}`, process.execPath, CHILD, 'keep-and-publish', targetPath],
    { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' } },
  );
  return run.stdout.trim().split('\n').at(-1);
}
