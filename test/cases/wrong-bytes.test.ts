import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { serveFile, urlsOf } from '../support/served.ts';

test('case 15: right headers over shifted bytes are found out by samples, and refused', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [4 * MIB], faults: '1:shifted' });
  const ended = await env.run(['get', '--json', ...urlsOf(farm)]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(ended.lines).toContainEqual(expect.objectContaining({ type: 'decision', kind: 'mirror-refused', server: 1 }));
  expect(lastLine(ended)).toMatchObject({ verified: 'cross-checked' });
});

test('case 56: two mirrors that agree on bad bytes fail the hash: exit 4, and no final name', async () => {
  const env = await TestEnv.create();
  const asked = await env.source(MIB, 0);
  const bad = await Promise.all([1, 2].map(() => startOrigin((request, response) => answerOracle(request, response, { sizeBytes: MIB, version: 1 }))));
  const ended = await env.run(['get', '--json', '-c', `sha-256=${asked.sha256}`, ...bad.map(({ url }) => `${url}/file.bin`)]);
  expect(ended.status).toBe(4);
  expect(lastLine(ended)).toMatchObject({ type: 'error', code: 'checksum-mismatch', exitCode: 4 });
  expect(await env.left()).toEqual(['file.bin.plait-bad']);
});

test.each(['shifted', 'corrupt=1M', 'flip=1500000'])('case 78: with a hash of the whole alone, a mirror with %s ends in the exact file or in exit 4', async (fault) => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [4 * MIB], faults: `2:${fault}` });
  const ended = await env.run(['get', '--json', '-c', `sha-256=${source.sha256}`, ...urlsOf(farm)]);
  if (ended.status === 0) {
    expect(await env.verdict('file.bin')).toEqual(exactly(source));
    expect(await env.left()).toEqual(['file.bin']);
    expect(lastLine(ended)).toMatchObject({ verified: 'checksum' });
  } else {
    expect(ended.status).toBe(4);
    expect(await env.left()).toEqual(['file.bin.plait-bad']);
  }
});
