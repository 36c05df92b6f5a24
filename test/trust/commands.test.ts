/** Trust on the command line: what a script sees. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { KIB, MIB, oracleBytes } from '../support/oracle.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';

const SIZE = 3 * MIB + 1_001;

async function writePieces(env: TestEnv, length = 128 * KIB): Promise<string> {
  const hashes: string[] = [];
  for (let at = 0; at < SIZE; at += length) hashes.push(createHash('sha1').update(oracleBytes(at, Math.min(SIZE, at + length))).digest('hex'));
  const path = env.aside('pieces.json');
  await writeFile(path, JSON.stringify({ length, algorithm: 'sha-1', hashes }));
  return path;
}

test('--pieces finds the byte that one server spoils, and says who it was', async () => {
  const env = await TestEnv.create();
  const source = await env.source(SIZE);
  // The last byte but a hundred thousand: no sample lies there.
  const farm = await serveFile(source, { count: 2, rates: [MIB], faults: '1:corrupt' });
  const ended = await env.run(['get', '--json', '--pieces', await writePieces(env), ...urlsOf(farm)]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(lastLine(ended)).toMatchObject({ type: 'done', verified: 'pieces' });
  expect(ended.lines.find((line) => line['kind'] === 'mirror-refused')).toMatchObject({ server: 1 });
  expect(await env.left()).toEqual(['file.bin']);
});

test('--pieces that cannot be read are a wrong usage', async () => {
  const env = await TestEnv.create();
  await writeFile(env.path('pieces.json'), '{"length": 5}');
  for (const path of ['pieces.json', 'missing.json']) {
    const ended = await env.run(['get', '--pieces', path, 'http://127.0.0.1:9/file.bin']);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain(path);
  }
});

test('what was cross-checked is told, and by how much', async () => {
  const env = await TestEnv.create();
  const source = await env.source(SIZE);
  const farm = await serveFile(source, { count: 3 });
  const ended = await env.run(['get', '--plain', ...urlsOf(farm)]);
  expect(ended.status).toBe(0);
  expect(ended.stdout).toMatch(/cross-checked 0\.\d+ %/u);
});
