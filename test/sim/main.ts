/**
 * `npm run sim`: thousands of simulated worlds.
 *
 *   npm run sim                          the named scenarios
 *   npm run sim -- --seeds N             that many honest and wild worlds each
 *   npm run sim -- --seed S --world wild one world, with its story
 *   npm run sim -- --ablation N          what each choice of the planner is worth, in N honest worlds
 *
 * `--from S` is the first seed, `--world honest|wild` leaves the other kind out, `--small` makes worlds of few servers and
 * seconds, `--worst N` names the N honest worlds that missed their figures by most.
 */
import { optionsOf } from '../../scripts/options-of.ts';
import { ABLATION_HEAD, ablationRow, CHOICES } from './ablation.ts';
import { judgeHonest, judgeWild, summaryOf, worstOf } from './judge.ts';
import type { Judged } from './judge.ts';
import { honestWorld, wildWorld } from './random-world.ts';
import { shrunk } from './shrink.ts';
import { namedRows, rowText } from './table.ts';
import { faultText } from './world/scenario.ts';
import type { Scenario } from './world/scenario.ts';
import { runScenario } from './world/world.ts';

const values = optionsOf({
  seeds: { type: 'string' },
  from: { type: 'string', default: '1' },
  seed: { type: 'string' },
  world: { type: 'string', default: 'both' },
  small: { type: 'boolean', default: false },
  ablation: { type: 'string' },
  worst: { type: 'string', default: '0' },
});

const size = values.small ? 'small' : 'full';

const print = (text: string): void => void process.stdout.write(`${text}\n`);

/** A story that never ends is told from its beginning only. */
const LINES_MAX = 150;

async function tell(scenario: Scenario, lines: number = Infinity): Promise<void> {
  const { trace, failure, end } = await runScenario(scenario, { withTrace: true });
  for (const line of trace.slice(0, lines)) print(line);
  if (trace.length > lines) print(`… and ${trace.length - lines} lines more`);
  print(failure === null ? `end: ${end}` : `FAILURE: ${failure}`);
}

async function explain(judged: Judged, world: string): Promise<void> {
  const { seed } = judged.scenario;
  print(`\nseed=${seed}: ${judged.failure ?? ''}`);
  print(`again: npm run sim -- --seed ${seed} --world ${world}${values.small ? ' --small' : ''}`);
  const small = await shrunk(judged.scenario, judged.failure ?? '');
  print(`shrunk to ${small.servers.length} servers and ${small.faults.length} faults:`);
  for (const fault of small.faults) print(`  ${faultText(fault)}`);
  await tell(small, LINES_MAX);
}

async function many(count: number, from: number): Promise<boolean> {
  const worlds = { honest: { make: honestWorld, judge: judgeHonest }, wild: { make: wildWorld, judge: judgeWild } };
  let isSound = true;
  for (const [world, { make, judge }] of Object.entries(worlds)) {
    if (values.world !== 'both' && values.world !== world) continue;
    const startedAtMs = performance.now();
    const all: Judged[] = [];
    let told = 0;
    for (let seed = from; seed < from + count; seed += 1) {
      const judged = await judge(make(seed, size));
      all.push(judged);
      if (judged.failure === null) continue;
      isSound = false;
      told += 1;
      if (told <= 3) await explain(judged, world);
    }
    for (const line of worstOf(all, Number(values.worst))) print(line);
    print(`${world}: ${summaryOf(all)}, ${((performance.now() - startedAtMs) / count).toFixed(0)} ms a world`);
  }
  return isSound;
}

if (values.ablation !== undefined) {
  print(ABLATION_HEAD);
  for (const choice of CHOICES) print(await ablationRow(choice, Number(values.ablation), size));
} else if (values.seed !== undefined) {
  await tell((values.world === 'wild' ? wildWorld : honestWorld)(Number(values.seed), size));
} else if (values.seeds !== undefined) {
  if (!(await many(Number(values.seeds), Number(values.from)))) process.exitCode = 1;
} else {
  print('| scenario | asked for | reached | clairvoyant | in vain | leases |\n| --- | --- | --- | --- | --- | --- |');
  for (const row of await namedRows()) print(rowText(row));
}
