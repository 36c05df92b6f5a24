/**
 * What each choice of the planner is worth: the same worlds with the choice left out. `npm run sim -- --ablation N` prints
 * the table of docs/scheduling.md.
 */
import { DEFAULT_POLICY } from '../../src/machines/plan/policy.ts';
import type { PlanPolicy } from '../../src/machines/plan/policy.ts';
import { isSlowerThanBest, judgeHonest, percentile } from './judge.ts';
import type { Judged } from './judge.ts';
import { NAMED_SCENARIOS } from './named-scenarios.ts';
import { honestWorld } from './random-world.ts';
import type { WorldSize } from './random-world.ts';
import { runScenario } from './world/world.ts';

interface Choice {
  readonly name: string;
  readonly policy: Partial<PlanPolicy>;
}

export const CHOICES: readonly Choice[] = [
  { name: 'all of it', policy: {} },
  { name: 'no stealing', policy: { steals: false } },
  { name: 'any gain is worth a steal', policy: { stealGainMinMs: 0, stealGainMinMsPerLane: 0 } },
  { name: 'nothing is given back', policy: { handsBack: false } },
  { name: 'the slow are not spared', policy: { sparesTheSlow: false } },
  { name: 'ends are not staggered', policy: { staggers: false } },
  { name: 'no early lanes', policy: { opensEarly: false } },
  { name: 'leases of a quarter of the share', policy: { leaseShare: 0.25 } },
  { name: 'leases of all of the share', policy: { leaseShare: 1 } },
  { name: 'leases may be as short as they come', policy: { leaseMinMs: 0, leaseMinMsPerLane: 0 } },
  { name: 'a lone lane gets half, as the others', policy: { loneLeaseShare: 0.5 } },
  { name: '…and takes the lowest gap, as the others', policy: { sparesLoneLanes: false } },
  { name: 'the lanes of a lone server get half, as the others', policy: { aloneLeaseShare: 0.5 } },
];

export const ABLATION_HEAD = '| choice | 1 | 2 | 3 | 4 | 5 | random: median | 1st percentile | slower than the best alone |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |';

/** @param worlds how many random worlds of honest servers it is tried in */
export async function ablationRow({ name, policy }: Choice, worlds: number, size: WorldSize): Promise<string> {
  const options = { policy: { ...DEFAULT_POLICY, ...policy } };
  const named: string[] = [];
  for (const scenario of NAMED_SCENARIOS) {
    const { durationMs, failure } = await runScenario(scenario, options);
    named.push(failure === null ? (scenario.idealMs / durationMs).toFixed(3) : 'fails');
  }
  const all: Judged[] = [];
  for (let seed = 1; seed <= worlds; seed += 1) all.push(await judgeHonest(honestWorld(seed, size), options));
  const efficiencies = all.map(({ efficiency }) => efficiency ?? 0);
  return `| ${name} | ${named.join(' | ')} | ${percentile(efficiencies, 0.5).toFixed(3)} | ${percentile(efficiencies, 0.01).toFixed(3)} | ${all.filter(isSlowerThanBest).length} |`;
}
