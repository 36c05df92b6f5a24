/** Makes a failing scenario smaller while it fails in the same way: fewer faults, fewer servers. */
import type { Fault, Scenario } from './world/scenario.ts';
import { runScenario } from './world/world.ts';

/** The rule that was broken, without the numbers of the moment. */
const ruleOf = (failure: string): string => failure.split(':')[0] ?? failure;

/** Without server `index`; later ones move down. */
function withoutServer(scenario: Scenario, index: number): Scenario {
  const faults = scenario.faults.flatMap((fault): readonly Fault[] => {
    if (!('server' in fault)) return [fault];
    if (fault.server === index) return [];
    return [fault.server > index ? { ...fault, server: fault.server - 1 } : fault];
  });
  return { ...scenario, servers: scenario.servers.filter((_, at) => at !== index), faults };
}

function* smaller(scenario: Scenario): Generator<Scenario> {
  for (const index of scenario.servers.keys()) if (scenario.servers.length > 1) yield withoutServer(scenario, index);
  for (const index of scenario.faults.keys()) yield { ...scenario, faults: scenario.faults.filter((_, at) => at !== index) };
  if (scenario.threadDelayMs > 0) yield { ...scenario, threadDelayMs: 0 };
  if (scenario.linkBytesPerSec < Infinity) yield { ...scenario, linkBytesPerSec: Infinity };
}

const TRIES_MAX = 400;

/** Greedy: every step that keeps the failure is taken. */
export async function shrunk(scenario: Scenario, failure: string): Promise<Scenario> {
  let best = scenario;
  let tries = 0;
  for (let isSmaller = true; isSmaller && tries < TRIES_MAX; ) {
    isSmaller = false;
    for (const candidate of smaller(best)) {
      tries += 1;
      const report = await runScenario(candidate);
      if (report.failure === null || ruleOf(report.failure) !== ruleOf(failure)) continue;
      best = candidate;
      isSmaller = true;
      break;
    }
  }
  return best;
}
