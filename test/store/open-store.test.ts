import { execFileSync } from 'node:child_process';
import { link, mkdir, readFile, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { MIB, bytesOf, codeOf, makeFolder, openFor, sha256Of, worldWith, partPathOf } from './support.ts';

const TOTAL = 3 * MIB + 17;
const never = new AbortController().signal;

test('bytes written in any order are published whole, and nothing else is left', async () => {
  const folder = await makeFolder();
  const store = await openFor(path.join(folder, 'file.iso'));
  store.addSource(1, 'http://one/file.iso', '"a"');
  store.addSource(2, 'http://two/file.iso', null);
  store.settleSize(TOTAL);
  store.admit(1);
  store.admit(2);
  for (let start = 0; start < TOTAL; start += 100_003) {
    const even = Math.floor(start / 100_003) % 2;
    const from = Math.floor((TOTAL - 1 - start) / 100_003) * 100_003;
    store.write({ leaseId: from, mirrorId: 1 + even }, from, bytesOf(from, Math.min(TOTAL, from + 100_003)));
  }
  expect(await store.digest('sha-256', TOTAL, never)).toBe(sha256Of(bytesOf(0, TOTAL)));
  expect(await store.publish(TOTAL)).toBe(path.join(folder, 'file.iso'));
  expect(await readdir(folder)).toEqual(['file.iso']);
  expect(sha256Of(await readFile(path.join(folder, 'file.iso')))).toBe(sha256Of(bytesOf(0, TOTAL)));
});

test('a file of no bytes is published too', async () => {
  const folder = await makeFolder();
  const store = await openFor(path.join(folder, 'empty'));
  store.settleSize(0);
  expect(await store.digest('md5', 0, never)).toBe('d41d8cd98f00b204e9800998ecf8427e');
  await store.publish(0);
  expect(await readdir(folder)).toEqual(['empty']);
  expect(await readFile(path.join(folder, 'empty'))).toHaveLength(0);
});

test('bytes past the settled end never reach the final file', async () => {
  const folder = await makeFolder();
  const store = await openFor(path.join(folder, 'file'));
  store.addSource(1, 'http://one/', null);
  store.write({ leaseId: 1, mirrorId: 1 }, 0, bytesOf(0, 5000));
  store.settleSize(4000);
  await store.publish(4000);
  expect(await readFile(path.join(folder, 'file'))).toEqual(bytesOf(0, 4000));
});

describe('publishing', () => {
  async function writeWhole(folder: string, options: { force?: boolean } = {}, world = worldWith()) {
    const store = await openFor(path.join(folder, 'file'), options, world);
    store.addSource(1, 'http://one/', null);
    store.settleSize(5000);
    store.admit(1);
    store.write({ leaseId: 1, mirrorId: 1 }, 0, bytesOf(0, 5000));
    return store;
  }

  test('never replaces a file that came meanwhile, and keeps everything for a resume', async () => {
    const folder = await makeFolder();
    const store = await writeWhole(folder);
    await writeFile(path.join(folder, 'file'), 'somebody else’s');
    expect(await codeOf(() => store.publish(5000))).toBe('target-exists');
    expect(await readFile(path.join(folder, 'file'), 'utf8')).toBe('somebody else’s');
    expect(await readFile(path.join(folder, 'file.plait'))).toEqual(bytesOf(0, 5000));
    const again = await openFor(path.join(folder, 'file'), { force: true });
    expect(again.recovered?.runs).toEqual([{ start: 0, end: 5000, url: 'http://one/' }]);
  });

  test('loses the race against a file that comes at the last moment without replacing it', async () => {
    const folder = await makeFolder();
    const machine = worldWith();
    const world = worldWith({
      link: async (existing, final) => {
        await writeFile(final, 'faster');
        await machine.link(existing, final);
      },
    });
    const store = await writeWhole(folder, {}, world);
    expect(await codeOf(() => store.publish(5000))).toBe('target-exists');
    expect(await readFile(path.join(folder, 'file'), 'utf8')).toBe('faster');
  });

  test('replaces a regular file with force, and never a link or a folder', async () => {
    const folder = await makeFolder();
    await writeFile(path.join(folder, 'file'), 'old');
    await (await writeWhole(folder, { force: true })).publish(5000);
    expect(await readFile(path.join(folder, 'file'))).toEqual(bytesOf(0, 5000));

    const other = await makeFolder();
    const store = await writeWhole(other, { force: true });
    await symlink('elsewhere', path.join(other, 'file'));
    expect(await codeOf(() => store.publish(5000))).toBe('target-not-a-file');
    expect(await readdir(other)).toEqual(['file', 'file.plait', 'file.plait-journal']);
  });

  for (const code of ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']) {
    test(`works on a disk without hard links (${code}), and does not replace there either`, async () => {
      const world = worldWith({ link: () => Promise.reject(Object.assign(new Error(code), { code })) });
      const folder = await makeFolder();
      await (await writeWhole(folder, {}, world)).publish(5000);
      expect(await readdir(folder)).toEqual(['file']);
      expect(await readFile(path.join(folder, 'file'))).toEqual(bytesOf(0, 5000));

      const other = await makeFolder();
      const store = await writeWhole(other, {}, {
        ...world,
        link: async (existing, final) => {
          await writeFile(final, 'faster');
          await world.link(existing, final);
        },
      });
      expect(await codeOf(() => store.publish(5000))).toBe('target-exists');
      expect(await readFile(path.join(other, 'file'), 'utf8')).toBe('faster');
    });
  }

  test('refuses a part file that was cut short or put in place by somebody else', async () => {
    const folder = await makeFolder();
    const cut = await writeWhole(folder);
    execFileSync('truncate', ['-s', '4999', partPathOf(cut)]);
    expect(await codeOf(() => cut.publish(5000))).toBe('disk-failed');

    const other = await makeFolder();
    const replaced = await writeWhole(other);
    execFileSync('sh', ['-c', 'cp "$1" "$1.new" && mv "$1.new" "$1"', 'sh', partPathOf(replaced)]);
    expect(await codeOf(() => replaced.publish(5000))).toBe('disk-failed');
    expect(await readdir(other)).not.toContain('file');
  });
});

describe('a target that cannot be is refused before anything is touched', () => {
  test('a missing folder, and a file where the folder should be', async () => {
    const folder = await makeFolder();
    await writeFile(path.join(folder, 'plain'), '');
    expect(await codeOf(() => openFor(path.join(folder, 'no', 'file')))).toBe('folder-missing');
    expect(await codeOf(() => openFor(path.join(folder, 'plain', 'file')))).toBe('folder-missing');
  });

  test('a file that exists, unless force', async () => {
    const folder = await makeFolder();
    await writeFile(path.join(folder, 'file'), 'mine');
    expect(await codeOf(() => openFor(path.join(folder, 'file')))).toBe('target-exists');
    expect(await readdir(folder)).toEqual(['file']);
    await openFor(path.join(folder, 'file'), { force: true });
    expect(await readFile(path.join(folder, 'file'), 'utf8')).toBe('mine');
  });

  test.each(['', '.plait', '.plait-journal'])('a folder, a link, a pipe at NAME%s, even with force', async (suffix) => {
    const folder = await makeFolder();
    const at = (name: string): string => path.join(folder, name + suffix);
    await mkdir(at('folder'));
    await symlink('elsewhere', at('link'));
    execFileSync('mkfifo', [at('pipe')]);
    for (const name of ['folder', 'link', 'pipe']) {
      expect(await codeOf(() => openFor(path.join(folder, name), { force: true }))).toBe('target-not-a-file');
    }
    expect(await readdir(folder)).toEqual(['folder', 'link', 'pipe'].map((name) => name + suffix));
  });
});

describe('a stop between the final name and the end of the cleaning', () => {
  test('after the link: the cleaning is finished and the file stays', async () => {
    const folder = await makeFolder();
    await writeFile(path.join(folder, 'file'), 'whole');
    await link(path.join(folder, 'file'), path.join(folder, 'file.plait'));
    await writeFile(path.join(folder, 'file.plait-journal'), '');
    expect(await codeOf(() => openFor(path.join(folder, 'file')))).toBe('target-exists');
    expect(await readdir(folder)).toEqual(['file']);
    expect(await readFile(path.join(folder, 'file'), 'utf8')).toBe('whole');
  });

  test('after the rename: the same', async () => {
    const folder = await makeFolder();
    const store = await openFor(path.join(folder, 'file'));
    store.settleSize(0);
    await store.keep();
    execFileSync('mv', [path.join(folder, 'file.plait'), path.join(folder, 'file')]);
    expect(await codeOf(() => openFor(path.join(folder, 'file')))).toBe('target-exists');
    expect(await readdir(folder)).toEqual(['file']);
  });
});

describe('endings', () => {
  test('set aside: renamed over an older one and never resumed', async () => {
    const folder = await makeFolder();
    await writeFile(path.join(folder, 'file.plait-bad'), 'older');
    const store = await openFor(path.join(folder, 'file'));
    store.addSource(1, 'http://one/', null);
    store.settleSize(10);
    store.admit(1);
    store.write({ leaseId: 1, mirrorId: 1 }, 0, bytesOf(0, 10));
    expect(await store.setAside()).toBe(path.join(folder, 'file.plait-bad'));
    expect(await readdir(folder)).toEqual(['file.plait-bad']);
    expect(await readFile(path.join(folder, 'file.plait-bad'))).toEqual(bytesOf(0, 10));
    expect((await openFor(path.join(folder, 'file'))).recovered).toBeNull();
  });

  test('keeping an empty download without a size leaves nothing', async () => {
    const folder = await makeFolder();
    await (await openFor(path.join(folder, 'file'))).keep();
    expect(await readdir(folder)).toEqual([]);
  });

  test('after an ending no call reaches a file', async () => {
    const folder = await makeFolder();
    const store = await openFor(path.join(folder, 'file'));
    store.addSource(1, 'http://one/', null);
    await store.keep();
    // The closed file's descriptor most likely belongs to this one now.
    const bystander = path.join(folder, 'bystander');
    await writeFile(bystander, 'untouched');
    expect(await codeOf(() => store.write({ leaseId: 1, mirrorId: 1 }, 0, bytesOf(0, 10)))).toBe('bug');
    expect(await codeOf(() => store.flush())).toBe('bug');
    expect(await codeOf(() => store.settleSize(1))).toBe('bug');
    expect(await codeOf(() => store.publish(0))).toBe('bug');
    expect(await readFile(bystander, 'utf8')).toBe('untouched');
  });
});
