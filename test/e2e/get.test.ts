import { expect, test } from 'vitest';
import { MIB } from '../support/oracle.ts';
import type { Verdict } from '../support/oracle.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { hasWritten, sentInAll, serveFile, urlsOf } from '../support/served.ts';

const FIVE_RATES = [4 * MIB, 2 * MIB, MIB, MIB / 2, MIB / 4];

test('five unlike servers make one exact file, and nothing is left but the file', async () => {
  const env = await TestEnv.create();
  const source = await env.source(6 * MIB);
  const farm = await serveFile(source, { rates: FIVE_RATES, latencies: [0, 5, 10, 20, 40] });
  const ended = await env.run(['get', '--json', ...urlsOf(farm)]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
  expect(lastLine(ended)).toMatchObject({ type: 'done', bytes: source.sizeBytes, resumedBytes: 0, verified: 'cross-checked' });
  expect(lastLine(ended)['servers']).toHaveLength(5);
  expect(['none', 'cross-checked']).toContain(lastLine(ended)['verified']);
  // Nothing is fetched twice where nothing goes wrong; what is cut off at a split lies in a few sockets.
  expect(await sentInAll(farm)).toBeLessThan(1.5 * source.sizeBytes);
});

test('a server that is killed midway costs nothing but its speed', async () => {
  const env = await TestEnv.create();
  const source = await env.source(4 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [2 * MIB] });
  const plait = env.start(['get', '--json', '-i', '20ms', ...urlsOf(farm)]);
  await hasWritten(plait, MIB);
  await farm.kill(1);
  const ended = await plait.ended;
  expect(ended.status).toBe(0);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(await env.left()).toEqual(['file.bin']);
  expect(ended.lines).toContainEqual(expect.objectContaining({ type: 'decision', kind: 'server-lost', server: 1 }));
});

test('when every server has died and one returns, it goes on by itself', async () => {
  const env = await TestEnv.create();
  const source = await env.source(4 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [MIB] });
  const plait = env.start(['get', '--json', '-i', '20ms', ...urlsOf(farm)]);
  await hasWritten(plait, MIB);
  await Promise.all([farm.kill(1), farm.kill(2), farm.kill(3)]);
  await plait.said(/Looking for available servers\.\.\. 0 server\(s\) available\. Trying again\.\.\./u);
  await farm.revive(2);
  const ended = await plait.ended;
  expect(ended.status).toBe(0);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
  expect(ended.lines).toContainEqual(expect.objectContaining({ type: 'decision', kind: 'server-returned', server: 2 }));
  expect(await env.left()).toEqual(['file.bin']);
});

/** Downloads the same file from two servers of its own, of which the first has this fault. */
async function besideOneWith(fault: string): Promise<{ readonly fault: string; readonly status: number | null; readonly left: readonly string[]; readonly verdict: Verdict; readonly expected: Verdict }> {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [2 * MIB], faults: `1:${fault}` });
  const { status } = await env.run(['get', '--json', ...urlsOf(farm)]);
  return { fault, status, left: await env.left(), verdict: await env.verdict('file.bin'), expected: exactly(source) };
}

// They wait for the most part, so they wait together.
test('a server that stalls, trickles, is slow, resets, breaks off or dies has its ranges taken away', async () => {
  const faults = ['stall@25%', 'trickle@25%', 'slow=8K@25%', 'reset@25%', 'early-fin@25%', 'die@25%'];
  const ends = await Promise.all(faults.map(besideOneWith));
  for (const [index, end] of ends.entries()) expect(end).toMatchObject({ fault: faults[index], status: 0, left: ['file.bin'] });
  for (const { fault, verdict, expected } of ends) expect({ fault, verdict }).toEqual({ fault, verdict: expected });
});

test('servers that change their file midway never give a mixed one', async () => {
  const env = await TestEnv.create();
  // So much is left at the change that it is asked for again and again: what began before would come to its end as it was.
  const source = await env.source(8 * MIB);
  const farm = await serveFile(source, { count: 2, rates: [3 * MIB] });
  const plait = env.start(['get', '--json', '-i', '20ms', ...urlsOf(farm)]);
  await hasWritten(plait, MIB);
  farm.fault(1, 'change');
  farm.fault(2, 'change');
  const ended = await plait.ended;
  expect(ended.status).toBe(0);
  // What they serve now is the judge: the farm's other version is not the oracle's.
  const changed = Buffer.from(await (await fetch(urlsOf(farm)[0] ?? '')).arrayBuffer());
  await env.expectSame('file.bin', changed);
  expect(ended.lines).toContainEqual(expect.objectContaining({ type: 'decision', kind: 'started-over' }));
});

test('one server of three that changes its file midway is left out', async () => {
  const env = await TestEnv.create();
  const source = await env.source(3 * MIB);
  const farm = await serveFile(source, { count: 3, rates: [MIB], faults: '2:change@10%' });
  const ended = await env.run(['get', '--json', ...urlsOf(farm)]);
  expect(ended.status).toBe(0);
  expect(await env.verdict('file.bin')).toEqual(exactly(source));
});
