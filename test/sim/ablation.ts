/**
 * What each choice of the planner is worth: the same worlds with the choice left out. `npm run sim -- --ablation N` prints
 * the table of docs/scheduling.md.
 */
import { DEFAULT_POLICY } from '../../src/machines/plan/policy.ts';
import type { PlanPolicy } from '../../src/machines/plan/policy.ts';
import { judgeHonest, percentile } from './judge.ts';
import { NAMED_SCENARIOS } from './named-scenarios.ts';
import { honestWorld } from './random-world.ts';
import { runScenario } from './world/world.ts';

const CHOICES: readonly { readonly name: string; readonly policy: Partial<PlanPolicy> }[] = [
  { name: 'all of it', policy: {} },
  { name: 'no stealing', policy: { steals: false } },
  { name: 'the slow are not spared', policy: { sparesTheSlow: false } },
  { name: 'ends are not staggered', policy: { staggers: false } },
  { name: 'no early lanes', policy: { opensEarly: false } },
  { name: 'leases of a quarter of the share', policy: { leaseShare: 0.25 } },
  { name: 'leases of all of the share', policy: { leaseShare: 1 } },
  { name: 'a lone lane gets half, as the others', policy: { loneLeaseShare: 0.5 } },
];

/** @param worlds how many small random worlds each choice is tried in */
export async function ablationRows(worlds: number): Promise<readonly string[]> {
  const rows: string[] = ['| choice | 1 | 2 | 3 | 4 | 5 | random: median | 1st percentile |', '| --- | --- | --- | --- | --- | --- | --- | --- |'];
  for (const { name, policy } of CHOICES) {
    const options = { policy: { ...DEFAULT_POLICY, ...policy } };
    const named: string[] = [];
    for (const scenario of NAMED_SCENARIOS) {
      const { durationMs, failure } = await runScenario(scenario, options);
      named.push(failure === null ? (scenario.idealMs / durationMs).toFixed(3) : 'fails');
    }
    const efficiencies: number[] = [];
    for (let seed = 1; seed <= worlds; seed += 1) efficiencies.push((await judgeHonest(honestWorld(seed, 'small'), options)).efficiency ?? 0);
    rows.push(`| ${name} | ${named.join(' | ')} | ${percentile(efficiencies, 0.5).toFixed(3)} | ${percentile(efficiencies, 0.01).toFixed(3)} |`);
  }
  return rows;
}
