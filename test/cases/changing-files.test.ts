import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';
import { expectExact } from './support/scene.ts';

test.each([
  [26, 'shrink'],
  [27, 'grow'],
] as const)('case %i: a server whose file %ss midway is out, and what it gave of the old version is no harm', async (_, fault) => {
  const env = await TestEnv.create();
  // One connection, and more than the servers' first leases: its second request comes after the change.
  const source = await env.source(8 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [3 * MIB], faults: `1:${fault}@4%` });
  const ended = await env.run(['get', '--json', '-n', '1', ...urlsOf(farm).map((url) => `${url}file.bin`)]);
  await expectExact(env, ended, source);
  const told = ended.lines.filter(({ type, server }) => type === 'decision' && server === 1).map(({ kind }) => kind);
  const isOut = (kind: unknown): boolean => kind === 'mirror-refused' || kind === 'server-lost' || kind === 'server-retired';
  expect({ told, isOut: told.some(isOut) }).toMatchObject({ isOut: true });
});
