import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { MIB, writeText } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import { isInstalled } from '../support/programs.ts';
import { hasWritten, serveFile, urlsOf } from '../support/served.ts';

const URL_OF_NONE = 'http://127.0.0.1:1/file.bin';

describe('wrong usage exits with 2, says in one sentence what is wrong, and touches nothing', () => {
  test.each([
    ['no URL', [], /URL|server/u],
    ['another scheme', ['ftp://127.0.0.1/file.bin'], /ftp/u],
    ['a file as URL', ['file:///etc/passwd'], /file/u],
    ['no URL at all', ['nonsense'], /nonsense/u],
    ['a URL without a host', ['http://'], /http:/u],
    ['a control character in the URL', ['http://127.0.0.1:1/a\nb'], /control/u],
    ['an escape code in the URL', ['http://127.0.0.1:1/\u001B[31mred'], /control/u],
    ['port 0', ['http://127.0.0.1:0/file.bin'], /port 0/u],
    ['a port beyond the last', ['http://127.0.0.1:65536/file.bin'], /65536/u],
    ['ports that are none', ['-p', '12000,twelve'], /twelve/u],
    ['ports beyond the last', ['-p', '70000'], /70000/u],
    ['ports in the wrong order', ['-p', '12004-12000'], /12004-12000 is reversed: write it as 12000-12004/u],
    ['a port named twice', ['-p', '12000,12000'], /12000/u],
    ['ports with 0', ['-p', '0'], /0/u],
    ['an address that is no host', ['-a', 'foo:bar', '-p', '22000'], /address "foo:bar"/u],
    ['an address with a port of its own', ['-a', 'localhost:80', '-p', '22000'], /address "localhost:80"/u],
    ['an address that is a URL', ['-a', 'http://localhost', '-p', '22000'], /address "http:\/\/localhost"/u],
    ['an address without ports', ['-a', '127.0.0.1'], /--ports/u],
    ['a checksum without =', ['-c', 'abc', URL_OF_NONE], /checksum/u],
    ['two checksums of one kind that differ', ['-c', `md5=${'0'.repeat(32)}`, '-c', `MD5=${'1'.repeat(32)}`, URL_OF_NONE], /Two unlike md5 checksums/u],
    ['an option given twice with unlike values', ['-o', 'a\u001B[31m', '--output=b', URL_OF_NONE], /--output was given twice, as a.* and as b/u],
    ['ports given twice with unlike values', ['-p', '1', '-p', '2'], /--ports was given twice, as 1 and as 2/u],
    ['a checksum that is too short', ['-c', 'sha-256=abc', URL_OF_NONE], /64/u],
    ['a checksum that is no hex', ['-c', `md5=${'g'.repeat(32)}`, URL_OF_NONE], /0-9/u],
    ['an unknown algorithm', ['-c', `crc=${'0'.repeat(8)}`, URL_OF_NONE], /crc/u],
    ['a limit that is none', ['--limit', 'fast', URL_OF_NONE], /--limit fast/u],
    ['a limit of nothing', ['--limit', '0', URL_OF_NONE], /limit/u],
    ['a wait that is none', ['--wait', 'long', URL_OF_NONE], /--wait long/u],
    ['an interval that is none', ['--interval', 'x', URL_OF_NONE], /--interval x/u],
    ['an interval that no timer keeps', ['--interval', '1000h', URL_OF_NONE], /^plait: --interval 1000h is longer than 24h/u],
    ['no connections', ['-n', '0', URL_OF_NONE], /0/u],
    ['too many connections', ['-n', '65', URL_OF_NONE], /^plait: 65 .*from 1 to 64/u],
    ['far too many connections', ['-n', '9999999', URL_OF_NONE], /^plait: 9999999 .*from 1 to 64/u],
    ['connections that are no number', ['-n', 'many', URL_OF_NONE], /many.*from 1 to 64/u],
    ['an unknown option', ['--colour', URL_OF_NONE], /--colour/u],
    ['an option without its value', [URL_OF_NONE, '--limit'], /--limit/u],
    ['a header without a colon', ['-H', 'Authorization', URL_OF_NONE], /Authorization/u],
    ['a header with a line end', ['-H', 'X: a\r\nY: b', URL_OF_NONE], /control/u],
    ['a header of the transfer itself', ['-H', 'Range: bytes=0-1', URL_OF_NONE], /Range/u],
    ['a certificate file that is not there', ['--ca', 'none.pem', URL_OF_NONE], /none\.pem/u],
    ['standard output', ['-o', '-', URL_OF_NONE], /order.*-o \.\/-/u],
    ['an empty output', ['-o', '', URL_OF_NONE], /output/u],
    ['a password with a broken per cent code', ['http://me:100%@127.0.0.1:1/f'], /per ?cent/u],
  ] as const)('%s', async (_, args, names) => {
    const env = await TestEnv.create();
    const ended = await env.run(['get', ...(args.some((arg) => arg === '--wait') ? [] : ['-w', '0']), ...args]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(names);
    expect(ended.stderr).toMatch(/^plait: [^\n]+\n$/u);
    expect(ended.stderr).not.toContain('\u001B');
    expect(await env.left()).toEqual([]);
  });

  test.each(['proxy.corp:80a', 'http://pro xy:1', 'http://me:hunter2@'])('a proxy that is none (%s), which is not passed by', async (value) => {
    const env = await TestEnv.create();
    const ended = await env.run(['get', 'https://mirror.test/file.bin'], { env: { https_proxy: value, HTTPS_PROXY: '', no_proxy: '', NO_PROXY: '' } });
    expect(ended).toMatchObject({ status: 2, stdout: '', stderr: 'plait: The variable https_proxy is not the address of a proxy: write it like http://proxy.example:3128, or unset it.\n' });
    expect(await env.left()).toEqual([]);
  });

  test('an unknown command', async () => {
    const env = await TestEnv.create();
    const ended = await env.run(['fetch', URL_OF_NONE]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^plait: .*fetch/u);
  });

  test('help on a command that is none', async () => {
    const env = await TestEnv.create();
    const ended = await env.run(['help', 'bogus']);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(/^plait: [^\n]*"bogus"[^\n]*\n$/u);
  });

  test('a password is not shown in what is said of a wrong URL', async () => {
    const env = await TestEnv.create();
    const ended = await env.run(['get', 'ftp://anna:geheim@127.0.0.1/file.bin?token=geheim']);
    expect(ended.status).toBe(2);
    expect(ended.stderr).not.toContain('geheim');
  });
});

describe('a target that cannot be is refused before a byte is fetched', () => {
  const refused = async (env: TestEnv, args: readonly string[]): Promise<{ status: number | null; stderr: string; requests: number }> => {
    const origin = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 1000 }));
    const { status, stderr } = await env.run(['get', '-q', ...args, `${origin.url}/file.bin`]);
    return { status, stderr, requests: origin.requests.length };
  };

  test('a folder that does not exist: exit 5', async () => {
    const env = await TestEnv.create();
    expect(await refused(env, ['-o', 'nowhere/file.bin'])).toMatchObject({ status: 5, stderr: expect.stringMatching(/nowhere/u), requests: 0 });
    expect(await refused(env, ['-o', 'nowhere/'])).toMatchObject({ status: 5, requests: 0 });
    expect(await env.left()).toEqual([]);
  });

  test.each([
    ['of 250 bytes', 'y'.repeat(250), /^plait: The name y+… has 250 bytes, 13 too many: 237 leave room .* Choose a shorter one\.\n$/u],
    ['of 300 bytes in letters of two', 'é'.repeat(150), /^plait: The name é+… has 300 bytes, 63 too many: /u],
  ])('a name that is too long, %s: exit 2, and it says by how much', async (_, name, says) => {
    const env = await TestEnv.create();
    expect(await refused(env, ['-o', name])).toMatchObject({ status: 2, stderr: expect.stringMatching(says), requests: 0 });
    expect(await env.left()).toEqual([]);
  });

  test('a folder of a name that is too long: exit 5, and nothing is said against the disk', async () => {
    const env = await TestEnv.create();
    expect(await refused(env, ['-o', `${'x'.repeat(300)}/file.bin`])).toMatchObject({ status: 5, stderr: expect.stringMatching(/^plait: The path .* is longer than .* allows \(ENAMETOOLONG\)\. Choose a shorter one\.\n$/u), requests: 0 });
  });

  test.skipIf(process.platform !== 'linux')('a folder that takes no files, such as /proc: exit 5, and nothing is said against the disk', async () => {
    const env = await TestEnv.create();
    expect(await refused(env, ['-o', '/proc/x'])).toMatchObject({ status: 5, stderr: expect.stringMatching(/^plait: .*\/proc.* Choose another place\.\n$/u), requests: 0 });
  });

  test('a file that exists: exit 6, untouched; replaced with --force', async () => {
    const env = await TestEnv.create();
    await writeText(env.path('file.bin'), 'mine');
    expect(await refused(env, [])).toMatchObject({ status: 6, stderr: expect.stringMatching(/file\.bin exists.*--force/u), requests: 0 });
    expect(await readFile(env.path('file.bin'), 'utf8')).toBe('mine');
    expect(await env.left()).toEqual(['file.bin']);
    expect(await refused(env, ['--force'])).toMatchObject({ status: 0 });
    expect(await env.verdict('file.bin')).toMatchObject({ sizeBytes: 1000, firstWrongByte: null });
    expect(await env.left()).toEqual(['file.bin']);
  });

  test.each([[[]], [['--force']]])('a link is refused (%j), and what it points to stays', async (force) => {
    const env = await TestEnv.create();
    await writeText(env.aside('pointed-to'), 'mine');
    await symlink(env.aside('pointed-to'), env.path('file.bin'));
    expect(await refused(env, force)).toMatchObject({ status: 6, stderr: expect.stringMatching(/file\.bin is a link/u), requests: 0 });
    expect(await readFile(env.aside('pointed-to'), 'utf8')).toBe('mine');
    expect(await env.left()).toEqual(['file.bin']);
  });

  test.each([[[]], [['--force']]])('a folder under the file’s name is refused (%j)', async (force) => {
    const env = await TestEnv.create();
    await mkdir(env.path('file.bin'));
    expect(await refused(env, force)).toMatchObject({ status: 6, stderr: expect.stringMatching(/file\.bin is a folder/u), requests: 0 });
    expect(await env.left()).toEqual(['file.bin']);
  });

  test.skipIf(!isInstalled('mkfifo')).each([[[]], [['--force']]])('a pipe is refused (%j), and nobody waits on it', async (force) => {
    const env = await TestEnv.create();
    execFileSync('mkfifo', [env.path('file.bin')]);
    expect(await refused(env, force)).toMatchObject({ status: 6, stderr: expect.stringMatching(/file\.bin is a pipe/u), requests: 0 });
    expect(await env.left()).toEqual(['file.bin']);
  });

  test.skipIf(process.getuid?.() === 0)('a folder that cannot be written to: exit 5', async () => {
    const env = await TestEnv.create();
    await mkdir(env.path('closed'));
    await chmod(env.path('closed'), 0o500);
    expect(await refused(env, ['-o', 'closed/file.bin'])).toMatchObject({ status: 5, requests: 0 });
  });

  test('a target that another plait is at: exit 6, and the first goes on undisturbed', async () => {
    const env = await TestEnv.create();
    const source = await env.source(2 * MIB);
    const farm = await serveFile(source, { count: 2, rates: [MIB / 2] });
    const first = env.start(['get', '--json', '-i', '20ms', ...urlsOf(farm)]);
    await hasWritten(first, MIB / 4);
    const second = await env.run(['get', ...urlsOf(farm)]);
    expect(second.status).toBe(6);
    expect(second.stderr).toMatch(/^plait: .*file\.bin.*\n$/u);
    expect(await first.ended).toMatchObject({ status: 0 });
    expect(await env.verdict('file.bin')).toEqual(exactly(source));
  });
});
