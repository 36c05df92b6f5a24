/** What takes minutes and hours, in virtual time: the real machines in the simulated world. */
import { expect, test } from 'vitest';
import type { Decision } from '../../src/machines/decisions.ts';
import { SCENARIO_DEFAULTS } from '../sim/world/scenario.ts';
import type { Fault, Scenario } from '../sim/world/scenario.ts';
import { PLAIN_SERVER } from '../sim/world/sim-server.ts';
import { runScenario } from '../sim/world/world.ts';
import type { Report } from '../sim/world/world.ts';

const MIB = 1024 * 1024;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

const threeServers = (name: string, faults: readonly Fault[], more: Partial<Scenario> = {}): Scenario => ({
  ...SCENARIO_DEFAULTS,
  name,
  totalBytes: 100 * MIB,
  servers: [PLAIN_SERVER, PLAIN_SERVER, PLAIN_SERVER],
  faults,
  ...more,
});

const allDieAt = (atMs: number): readonly Fault[] => [0, 1, 2].map((server) => ({ atMs, server, kind: 'die', isSilent: false }));

async function run(scenario: Scenario): Promise<{ readonly report: Report; readonly decisions: readonly Decision[] }> {
  const decisions: Decision[] = [];
  const report = await runScenario(scenario, { onDecision: (decision) => decisions.push(decision) });
  return { report, decisions };
}

test('case 32: a server that says 503 for ten minutes is asked less than once a second, and never in step', async () => {
  const tenMinutesMs = 10 * MINUTE_MS;
  const { report, decisions } = await run(
    threeServers('one of three says 503 for ever', [{ atMs: 0, server: 0, kind: 'gate', code: 'unavailable', retryAfterMs: null }], { totalBytes: 2 * 600 * MIB }),
  );
  expect(report).toMatchObject({ failure: null, end: 'done' });
  const refusals = decisions.filter(({ kind, mirrorId }) => kind === 'server-lost' && mirrorId === 1).map(({ atMs }) => atMs);
  const gapsMs = refusals.slice(1).map((atMs, index) => atMs - (refusals[index] ?? 0));
  expect(report.durationMs).toBeGreaterThan(0.9 * tenMinutesMs);
  expect(refusals.length).toBeGreaterThan(100);
  expect(refusals.length).toBeLessThan(tenMinutesMs / (3 * SECOND_MS));
  for (const gapMs of gapsMs) expect(gapMs).toBeGreaterThanOrEqual(SECOND_MS);
  // Jitter: hardly two pauses are alike.
  expect(new Set(gapsMs.map(Math.round)).size).toBeGreaterThan(gapsMs.length / 4);
});

test('case 53: all down for a minute, one back: it goes on by itself', async () => {
  const backAtMs = 10 * SECOND_MS + MINUTE_MS;
  const { report, decisions } = await run(
    threeServers('all die at 10 s, one is back after 60 s', [...allDieAt(10 * SECOND_MS), { atMs: backAtMs, server: 1, kind: 'revive' }], { waitMs: 2 * MINUTE_MS }),
  );
  expect(report).toMatchObject({ failure: null, end: 'done', processes: 1 });
  const returned = decisions.find(({ kind }) => kind === 'server-returned');
  expect(returned?.mirrorId).toBe(2);
  // Within five seconds of its return.
  expect((returned?.atMs ?? Infinity) - backAtMs).toBeLessThanOrEqual(5 * SECOND_MS);
});

test('case 54: all down past the deadline: it gives up with no-server and keeps what came', async () => {
  const { report, decisions } = await run(threeServers('all die at 10 s for good', allDieAt(10 * SECOND_MS), { waitMs: 2 * MINUTE_MS }));
  expect(report).toMatchObject({ failure: null, end: 'no-server', processes: 1 });
  // Not sooner than it was told to wait, and not much later.
  expect(report.durationMs).toBeGreaterThanOrEqual(10 * SECOND_MS + 2 * MINUTE_MS);
  expect(report.durationMs).toBeLessThan(10 * SECOND_MS + 2 * MINUTE_MS + 10 * SECOND_MS);
  expect(decisions.filter(({ kind }) => kind === 'looking').length).toBeGreaterThan(60);
});
