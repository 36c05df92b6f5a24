import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { exactly, TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';

const canScript = process.platform === 'linux' && spawnSync('script', ['-qec', 'true', '/dev/null'], { stdio: 'ignore' }).status === 0;

test.skipIf(!canScript).each([
  ['a terminal of 1×1', 1, 1, { TERM: 'xterm-256color' }],
  ['a terminal of 10×3', 10, 3, { TERM: 'xterm-256color' }],
  ['NO_COLOR', 100, 30, { TERM: 'xterm-256color', NO_COLOR: '1' }],
  ['TERM=dumb', 80, 24, { TERM: 'dumb' }],
  ['a terminal of 400×100', 400, 100, { TERM: 'xterm-256color' }],
] as const)('case 80: %s', async (what, columns, rows, termEnv) => {
  const env = await TestEnv.create();
  const source = await env.source(2 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [MIB] });
  // script(1) runs one string by a shell: the program and its arguments go through the environment.
  const line = `stty cols ${columns} rows ${rows}; exec "$PLAIT_NODE" "$PLAIT_CLI" get $PLAIT_URLS`;
  const ended = await env.run([], { under: ['sh', '-c', 'PLAIT_NODE="$0" PLAIT_CLI="$1" exec script -qec "$PLAIT_LINE" /dev/null'], env: { ...termEnv, PLAIT_LINE: line, PLAIT_URLS: urlsOf(farm).join(' '), SHELL: '/bin/sh' } });
  expect(ended.status).toBe(0);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
  const colours = ended.stdout.match(/\u001B\[[\d;]*(?:3[0-7]|38|4[0-7]|48|9[0-7])(?:;[\d;]*)?m/gu) ?? [];
  if (what === 'NO_COLOR' || what === 'TERM=dumb') expect(colours).toEqual([]);
});

test('case 80: no terminal at all: not one escape code', async () => {
  const env = await TestEnv.create();
  const source = await env.source(MIB);
  const farm = await serveFile(source, { count: 2 });
  const ended = await env.run(['get', ...urlsOf(farm)], { env: { TERM: 'xterm-256color', FORCE_COLOR: '1' } });
  expect(ended.status).toBe(0);
  expect(ended.stdout).not.toContain('\u001B');
});
