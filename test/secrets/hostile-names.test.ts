/** Names and texts from servers that mean harm: nothing leaves the target's folder, and no raw control byte the program. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FILE_NAME_MAX_BYTES } from '../../src/base/bounds.ts';
import { cleanForeignText, redactUrl } from '../../src/base/foreign-text.ts';
import { dispositionFileName } from '../../src/net/content-disposition.ts';
import { safeFileName } from '../../src/net/file-name.ts';
import { startOrigin } from '../support/origin.ts';
import { TestEnv } from '../support/plait.ts';

const RUNS = 10_000;

/** What a terminal could act upon, and what a reader cannot see: C0 and C1 controls, bidirectional and invisible characters. */
const HARMFUL = /[\u034f\u0000-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e00ff}\u{e01f0}-\u{e0fff}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/u;
const DEVICES = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

const NASTY = [
  '..', '.', '/', '\\', '../', '..\\', '%2f', '%2F', '%5c', '..%2f', '%00', '\0', '\r', '\n', '\u001B[31m', '\u001B]0;x\u0007', '\u009b31m', '\u202Egpj.exe', '\u200b', '\u2028', '\u2065', '\u3164', '\ufff0', '\u{e0041}', '\u{e0fff}',
  'CON', 'nul.txt', 'COM1', ':', '*', '?', '"', '<', '>', '|', '~', '$HOME', '`id`', ';rm -rf ~', '-rf', '--', '.bashrc', '.ssh/authorized_keys', 'C:', 'C:\\Windows', '\\\\host\\share',
  'a'.repeat(300), 'ä'.repeat(200), '😀'.repeat(100), '\ud800', '\u0301', ' ', '\t', '...', 'x.', 'x ', 'file.bin', '\uff0e\uff0e\uff0f', '\u2024\u2024', '＼', "UTF-8''", '%ff', '=?UTF-8?B?Li4v?=', ';', '=', ',',
] as const;

const hostileText = fc.oneof(
  fc.array(fc.constantFrom(...NASTY), { minLength: 0, maxLength: 6 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 8 }).map((parts) => parts.join('')),
);

/** What is wrong with a name; null for one safe component, and for none. (Ten thousand times: `expect` would take longer than what it judges.) */
function harmIn(name: string | null): string | null {
  if (name === null) return null;
  const folder = '/some/folder';
  const isSafe = dirname(resolve(folder, name)) === folder && basename(join(folder, name)) === name;
  const isPlain = name.length > 0 && !/[/\\<>:"|?*]/u.test(name) && !HARMFUL.test(name) && !/^[.\s]|[.\s]$/u.test(name) && !DEVICES.test(name);
  if (!isSafe || !isPlain) return `${JSON.stringify(name)} is no safe name`;
  if (Buffer.byteLength(name) > FILE_NAME_MAX_BYTES) return `${JSON.stringify(name)} is too long`;
  return name === name.normalize('NFC') ? null : `${JSON.stringify(name)} is not composed`;
}

const expectSafe = (...names: readonly (string | null)[]): void => {
  const harms = names.map(harmIn).filter((harm) => harm !== null);
  if (harms.length > 0) throw new Error(harms.join('; '));
};

const expectHarmless = (...texts: readonly string[]): void => {
  const harmful = texts.filter((text) => HARMFUL.test(text));
  if (harmful.length > 0) throw new Error(`${JSON.stringify(harmful)} would do something to a terminal`);
};

describe('pure functions', () => {
  test('ten thousand hostile names: one safe component each, and no control byte', () => {
    fc.assert(fc.property(hostileText, (text) => expectSafe(safeFileName(text))), { numRuns: RUNS });
  });

  test('ten thousand hostile Content-Dispositions: the same', () => {
    const header = fc.tuple(fc.constantFrom('attachment', 'inline', '', 'x;y'), fc.constantFrom('filename=', 'filename="', "filename*=UTF-8''", "filename*=iso-8859-1''", 'FileName = "', 'filename*0='), hostileText, fc.constantFrom('', '"', '; filename=b', '";filename*=UTF-8\'\'..%2fc'));
    fc.assert(
      fc.property(header, ([type, parameter, text, end]) => {
        const raw = `${type}; ${parameter}${text}${end}`;
        expectSafe(dispositionFileName(Buffer.from(raw, 'utf8').toString('latin1')));
        expectSafe(dispositionFileName(`${type}; ${parameter}${encodeURIComponent(text.toWellFormed())}${end}`));
      }),
      { numRuns: RUNS },
    );
  });

  test('ten thousand hostile texts and URLs: nothing that a terminal acts upon', () => {
    fc.assert(
      fc.property(hostileText, hostileText, (one, other) => {
        expectHarmless(cleanForeignText(one), redactUrl(`http://user:secret@host/${one}?${other}`), redactUrl(one));
      }),
      { numRuns: RUNS },
    );
  });
});

describe('the program', () => {
  // Node's own server writes no raw bytes into headers that could cut them; these pass as Latin-1.
  const HEADERS = [
    'attachment; filename="../../../outside.bin"', 'attachment; filename="..\\..\\outside.bin"', "attachment; filename*=UTF-8''..%2F..%2Foutside.bin", "attachment; filename*=UTF-8''%2Fetc%2Fpasswd",
    'attachment; filename="/etc/passwd"', "attachment; filename*=UTF-8''a%0D%0Ab%1B%5B31mred", "attachment; filename*=UTF-8''%E2%80%AEgpj.exe", 'attachment; filename=".bashrc"', 'attachment; filename="CON"',
    'attachment; filename=".."', 'attachment; filename=""', `attachment; filename="${'x'.repeat(4_000)}.bin"`, "attachment; filename*=UTF-8''%00%00", 'attachment; filename="a\u0080\u009bb"', 'attachment; filename="C:\\Windows\\evil"', 'garbage=;;;="',
  ];
  test.each(HEADERS)('a name from a server stays in the folder (%j)', async (disposition) => {
    const env = await TestEnv.create();
    const above = await readdir(dirname(env.folder));
    const origin = await startOrigin((_, response) => response.writeHead(200, { 'Content-Disposition': disposition, 'Content-Length': 5 }).end('hello'));
    const ended = await env.run(['get', `${origin.url}/`]);
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
    const [name, ...others] = await env.left();
    expect(others).toEqual([]);
    expectSafe(name ?? null);
    expect(await readdir(dirname(env.folder))).toEqual(above);
    expect(ended.stdout.replaceAll('\n', '')).not.toMatch(HARMFUL);
  });

  test.each(['..%2f..%2foutside.bin', '%2e%2e', '%00', '%1b%5b31m', '..%5coutside', '%e2%80%ae', '%ff%fe', '.hidden', 'a%0d%0ab'])('a name in a URL stays in the folder (%s)', async (path) => {
    const env = await TestEnv.create();
    const above = await readdir(dirname(env.folder));
    const origin = await startOrigin((_, response) => response.writeHead(200, { 'Content-Length': 5 }).end('hello'));
    const ended = await env.run(['get', `${origin.url}/x/${path}`]);
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
    const left = await env.left();
    expect(left).toHaveLength(1);
    expectSafe(left[0] ?? null);
    expect(await readdir(dirname(env.folder))).toEqual(above);
    expect(ended.stdout.replaceAll('\n', '')).not.toMatch(HARMFUL);
  });

  test.each(['--plain', '--json'])('what a server says reaches no terminal raw (%s)', async (report) => {
    const env = await TestEnv.create();
    const origins = await Promise.all([
      // A reason phrase, a tag, an encoding and an address with codes for the terminal in them; C1 codes pass as Latin-1.
      startOrigin((_, response) => response.socket?.end('HTTP/1.1 500 \u009b31m\u00adred \u0085\r\nContent-Length: 0\r\n\r\n', 'latin1')),
      startOrigin((_, response) => response.writeHead(206, { 'Content-Range': 'bytes \u009b2J/5', 'Content-Length': 1 }).end('x')),
      startOrigin((_, response) => response.writeHead(200, { 'Content-Encoding': '\u009b31m', 'Content-Length': 1 }).end('x')),
      startOrigin((_, response) => response.writeHead(302, { Location: 'ftp://\u009b31m/' }).end()),
      startOrigin((_, response) => response.socket?.end('\u001B[31mnot http\u0007\r\n\r\n')),
    ]);
    const ended = await env.run(['get', report, '-w', '0', ...origins.map(({ url }) => `${url}/f.bin`)]);
    expect(ended.status).toBe(3);
    expect((ended.stdout + ended.stderr).replaceAll('\n', '')).not.toMatch(HARMFUL);
    expect(ended.stdout + ended.stderr).not.toContain('\u001B');
  });
});
