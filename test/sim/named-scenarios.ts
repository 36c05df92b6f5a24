/** The five scenarios whose figures the scheduler is held to, here and on real sockets. */
import { SCENARIO_DEFAULTS } from './world/scenario.ts';
import type { Fault, Scenario } from './world/scenario.ts';
import { PLAIN_SERVER } from './world/sim-server.ts';
import type { ServerSpec } from './world/sim-server.ts';

const MIB = 1024 * 1024;
const KIB = 1024;

export interface NamedScenario extends Scenario {
  /** Ideal ÷ actual time that is asked for. */
  readonly target: number;
  /** What has been reached, rounded down: virtual time is the same in every run, so that no change takes it back unseen. */
  readonly reached: number;
  /** Size over the sum of what the servers can give. */
  readonly idealMs: number;
}

function named(name: string, rates: readonly number[], roundTripsMs: readonly number[], more: { faults?: readonly Fault[]; spec?: Partial<ServerSpec>; target: number; reached: number; idealMs: number }): NamedScenario {
  return {
    ...SCENARIO_DEFAULTS,
    name,
    totalBytes: 100 * MIB,
    servers: rates.map((rate, index) => ({ ...PLAIN_SERVER, rateBytesPerSec: rate * MIB, roundTripMs: roundTripsMs[index] ?? 20, ...more.spec })),
    faults: more.faults ?? [],
    target: more.target,
    reached: more.reached,
    idealMs: more.idealMs,
  };
}

export const NAMED_SCENARIOS: readonly NamedScenario[] = [
  named('five servers of 8, 4, 2, 1, ½ MiB/s', [8, 4, 2, 1, 0.5], [20, 40, 60, 80, 100], { target: 0.97, reached: 0.98, idealMs: (100 / 15.5) * 1_000 }),
  named('8+4+4 MiB/s, the fast one dies at 3 s', [8, 4, 4], [20, 20, 20], {
    faults: [{ atMs: 3_000, server: 0, kind: 'die', isSilent: false }],
    target: 0.98,
    reached: 0.99,
    idealMs: 3_000 + ((100 - 48) / 8) * 1_000,
  }),
  named('5+5+5 MiB/s, one stalls at 2 s for good', [5, 5, 5], [20, 20, 20], {
    faults: [{ atMs: 2_000, server: 0, kind: 'stall' }],
    target: 0.95,
    reached: 0.99,
    idealMs: 2_000 + ((100 - 30) / 10) * 1_000,
  }),
  named('5+5+5 MiB/s, one drops to 20 KiB/s at 2 s', [5, 5, 5], [20, 20, 20], {
    faults: [{ atMs: 2_000, server: 0, kind: 'slow', factor: (20 * KIB) / (5 * MIB) }],
    target: 0.95,
    reached: 0.99,
    idealMs: 2_000 + (70 / (10 + 20 / 1024)) * 1_000,
  }),
  named('10+5+5 MiB/s, round trips of 300 ms, slow start', [10, 5, 5], [300, 300, 300], {
    spec: { slowStart: true, connectRoundTrips: 1 },
    target: 0.7,
    reached: 0.705,
    idealMs: 5_000,
  }),
];
