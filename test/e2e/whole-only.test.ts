/** A server that ignores Range, asked for what others have left undone: once, whatever there is to fill in. */
import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { hasWritten, serveFile, urlsOf, viewWhere } from '../support/served.ts';

test('a server that ignores Range fills every gap of a killed download in one pass', async () => {
  const env = await TestEnv.create();
  const source = await env.source(12 * MIB);
  const farm = await serveFile(source, { count: 4, rates: [3 * MIB, 2 * MIB, 2 * MIB, 24 * MIB], faults: '4:no-range' });
  const [one = '', two = '', three = '', whole = ''] = urlsOf(farm);
  const proved = ['get', '--json', '-i', '10ms', '-c', `sha-256=${source.sha256}`];
  const killed = env.start([...proved, one, two, three]);
  await hasWritten(killed, 4 * MIB);
  killed.kill('SIGKILL');
  await killed.ended;
  const ended = await env.run([...proved, whole]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(lastLine(ended)).toMatchObject({ verified: 'checksum', bytes: source.sizeBytes });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  const segmentsThat = (how: string): number => ended.lines.filter(({ type, state }) => type === 'segment' && state === how).length;
  const view = await viewWhere(farm, ({ servers }) => servers[3]?.connections === 0);
  const { requests = 0, sentBytes = 0 } = view.servers[3] ?? {};
  // Beside the pass: the lanes whose 200 showed that there are no parts, and the samples, which ask for parts in vain and
  // then for the beginning.
  expect(segmentsThat('done')).toBeGreaterThan(4);
  expect(requests - segmentsThat('failed')).toBeLessThanOrEqual(4);
  expect(sentBytes).toBeLessThan(2 * source.sizeBytes);
});
