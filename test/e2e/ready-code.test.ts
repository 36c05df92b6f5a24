/** The code that the build keeps of `get`: it is used where it fits, and where it does not nothing but speed is lost. */
import { execFileSync } from 'node:child_process';
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import vm from 'node:vm';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { READY_SCRIPT, readyCodeName, sealed, unsealed } from '../../src/base/ready-code.ts';
import type { Farm } from '../../src/farm/farm.ts';
import { TestEnv } from '../support/plait.ts';
import type { SourceFile } from '../support/plait.ts';
import { startFarm } from '../support/start-farm.ts';

let env: TestEnv;
let farm: Farm;
let source: SourceFile;

beforeAll(async () => {
  env = await TestEnv.createShared();
  source = await env.source();
  farm = await startFarm({ filePath: source.path, count: 1 });
});

afterAll(async () => {
  await farm.close();
  await env.remove();
});

/** The built program in a folder of its own, with no code or with this. */
async function program(name: string, code: Uint8Array | null): Promise<string> {
  const folder = env.aside(name);
  await cp(inject('distFolder'), join(folder, 'dist'), { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const codePath = readyCodeName(join(folder, 'dist', READY_SCRIPT));
  if (code === null) await rm(codePath);
  else await writeFile(codePath, code);
  return join(folder, 'dist');
}

const builtScript = (): Promise<Buffer> => readFile(join(inject('distFolder'), READY_SCRIPT));
const builtCode = (): Promise<Buffer> => readFile(readyCodeName(join(inject('distFolder'), READY_SCRIPT)));

/** Asked in a process of its own: what other tests do to V8's flags here would be a reason to refuse. */
function isTaken(scriptPath: string, codePath: string): boolean {
  const asked = `
    const { readFileSync } = require('node:fs');
    const [scriptPath, codePath] = process.argv.slice(1);
    const cachedData = readFileSync(codePath);
    console.log(new (require('node:vm').Script)(readFileSync(scriptPath, 'latin1'), { filename: '/another/place/get.script', cachedData }).cachedDataRejected);`;
  return execFileSync(process.execPath, ['-e', asked, scriptPath, codePath], { encoding: 'utf8' }) === 'false\n';
}

async function expectExact(distFolder: string, name: string, nodeFlags: readonly string[] = []): Promise<void> {
  const ended = await env.run(['get', '--plain', '-o', name, ...farm.servers.map(({ url }) => url)], { distFolder, nodeFlags });
  expect(ended.stderr).toBe('');
  expect(ended.status).toBe(0);
  await env.expectSame(name, await readFile(source.path));
}

test('V8 takes the code that the build has made, wherever the package lies', async () => {
  const script = await builtScript();
  const code = unsealed(script, await builtCode());
  const codePath = env.aside('taken.code');
  await writeFile(codePath, code ?? '');
  expect(isTaken(join(inject('distFolder'), READY_SCRIPT), codePath)).toBe(true);
});

test('code that is damaged, cut short, or of another script is not even shown to V8', async () => {
  const script = await builtScript();
  const file = await builtCode();
  for (let at = 0; at < file.length; at += 30_011) {
    const damaged = Buffer.from(file);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0x55, at);
    expect(unsealed(script, damaged)).toBeNull();
  }
  for (const length of [0, 7, 8, 9, 5_000, file.length - 1]) expect(unsealed(script, file.subarray(0, length))).toBeNull();
  expect(unsealed(Buffer.from(script.toReversed()), file)).toBeNull();
});

test('without code for this Node, and with code that V8 refuses, a download is exact as ever', async () => {
  const script = await builtScript();
  const foreign = new vm.Script('(async () => undefined)').createCachedData();
  await expectExact(await program('none', null), 'none.bin');
  await expectExact(await program('garbage', Buffer.from('no code')), 'garbage.bin');
  await expectExact(await program('sealed-garbage', sealed(script, Buffer.alloc(4_096, 7))), 'sealed-garbage.bin');
  await expectExact(await program('foreign', sealed(script, foreign)), 'foreign.bin');
  await expectExact(await program('other-flags', await builtCode()), 'other-flags.bin', ['--no-lazy-feedback-allocation']);
});

test('a download writes nothing into the package, and nothing into any folder but its own', async () => {
  const distFolder = await program('kept', await builtCode());
  const look = async (): Promise<string[]> => Promise.all((await readdir(distFolder, { recursive: true })).toSorted().map(async (name) => `${name} ${(await stat(join(distFolder, name))).mtimeMs}`));
  const before = await look();
  const temporary = env.aside('temporary');
  await cp(env.folder, temporary, { recursive: true, filter: (path) => path === env.folder });
  const ended = await env.run(['get', '--plain', '-o', 'kept.bin', ...farm.servers.map(({ url }) => url)], { distFolder, env: { TMPDIR: temporary, HOME: temporary } });
  expect(ended.status).toBe(0);
  expect(await look()).toEqual(before);
  expect(await readdir(temporary)).toEqual([]);
});
