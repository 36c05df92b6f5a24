/** What is told of a download is true: in the simulated world it is known what has happened. */
import { expect, test } from 'vitest';
import { SCENARIO_DEFAULTS } from './world/scenario.ts';
import type { Fault } from './world/scenario.ts';
import { PLAIN_SERVER } from './world/sim-server.ts';
import { runScenario } from './world/world.ts';

const MIB = 1024 * 1024;

/** What was told while two servers gave a file and this befell them. */
async function toldOf(faults: readonly Fault[]): Promise<string> {
  const servers = [1, 4].map((rate) => ({ ...PLAIN_SERVER, rateBytesPerSec: rate * MIB, roundTripMs: 20 }));
  const { trace } = await runScenario({ ...SCENARIO_DEFAULTS, name: 'words', totalBytes: 20 * MIB, servers, faults, healAtMs: 60_000 }, { withTrace: true });
  return trace.join('\n');
}

test('that a server failed is said of one that is in trouble', async () => {
  expect(await toldOf([{ atMs: 2_000, server: 0, kind: 'die', isSilent: false }])).toMatch(/segment-moved: server 1 failed: .* moved to server 2/u);
});

test('a pause is no failure of anybody', async () => {
  const told = await toldOf([{ atMs: 2_000, kind: 'pause' }, { atMs: 2_500, kind: 'resume' }]);
  expect(told).toMatch(/segment-moved: server \d takes over .* from server \d/u);
  expect(told).not.toMatch(/failed/u);
});
