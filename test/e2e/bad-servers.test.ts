import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Farm } from '../../src/farm/farm.ts';
import { builtLibrary } from '../support/library.ts';
import type { Library } from '../support/library.ts';
import { MIB } from '../support/oracle.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import type { SourceFile } from '../support/plait.ts';
import { afflict, healAll, urlsOf } from '../support/served.ts';
import { startFarm } from '../support/start-farm.ts';

let home: TestEnv;
let source: SourceFile;
let farm: Farm;
let plait: Library;

beforeAll(async () => {
  plait = await builtLibrary();
  home = await TestEnv.createShared();
  source = await home.source(3 * MIB);
  farm = await startFarm({ filePath: source.path, count: 3 });
});

afterAll(async () => {
  await farm.close();
  await home.remove();
});

/** What server 1 does from its first answer on, beside two good servers. */
const FAULTS = [
  'reset', 'early-fin', 'refuse', 'no-range', 'wrong-range', 'off-by-one', 'wrong-length', 'no-content-range', 'other-total', 'longer-body',
  'gzip', 'chunked', 'no-length', 'multipart', 'shrink', 'grow', 'weak-tag', 'no-tag', 'retag', '401', '403', '404', '416', '429=1', '503=1', 'retry-after=soon',
  'redirect=file:///etc/passwd', 'redirect-loop', 'head-refused', 'portal', 'garbage', 'big-head', 'endless-1xx', 'two-lengths', 'length-and-te', 'idle-bytes',
] as const;

test.each(FAULTS)('one server of three with %s neither spoils the file nor stops it', async (fault) => {
  const env = await TestEnv.create();
  await afflict(farm, 1, fault);
  // By the library: so many processes would take their time.
  await plait.download({ urls: urlsOf(farm).map((url) => `${url}file.bin`), cwd: env.folder }).result;
  await healAll(farm);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
});

test.each(['no-range', 'chunked', 'no-length', 'weak-tag', 'no-tag', 'head-refused', 'idle-bytes'])(
  'a download whose only server has %s is exact all the same',
  async (fault) => {
    const env = await TestEnv.create();
    await afflict(farm, 1, fault);
    const ended = await env.run(['get', '--json', `${urlsOf(farm)[0] ?? ''}file.bin`]);
    await healAll(farm);
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
    expect(await env.verdict('file.bin')).toEqual(exactly(source));
    expect(await env.left()).toEqual(['file.bin']);
  },
);

test.each(['404', '403', '401', 'gzip', 'multipart', 'garbage', 'big-head', 'endless-1xx', 'redirect-loop', 'redirect=ftp://127.0.0.1/', 'wrong-range', 'off-by-one'])(
  'a download whose only server has %s ends with 3, names it, and leaves no file',
  async (fault) => {
    const env = await TestEnv.create();
    await afflict(farm, 1, fault);
    const ended = await env.run(['get', '-w', '0', '--quiet', `${urlsOf(farm)[0] ?? ''}file.bin`]);
    await healAll(farm);
    expect(ended).toMatchObject({ status: 3, stdout: '' });
    expect(ended.stderr).toMatch(/^plait: No server could deliver the file: server 1 \(http:.*\n$/u);
    expect(await env.left()).not.toContain('file.bin');
  },
);
