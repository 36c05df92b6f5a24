/**
 * `npm run soak`: seeded scenarios of failing servers and killed clients, on real sockets and real files.
 *
 *   npm run soak                                    for two minutes
 *   npm run soak -- --seconds N                     for as long
 *   npm run soak -- --scenarios N                   so many
 *   npm run soak -- --seed S --scenarios 1          one of them again
 *
 * Scenario i has the seed S + i. It exits with 1 on a wrong file, a hang or a leak.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { optionsOf } from '../../scripts/options-of.ts';
import { holdingsNow, leakSince } from './leaks.ts';
import { runScenario } from './run-scenario.ts';
import { scenarioOf, scenarioText } from './scenario.ts';
import { openStand } from './stand.ts';

const values = optionsOf({ seconds: { type: 'string' }, seed: { type: 'string', default: '1' }, scenarios: { type: 'string' }, verbose: { type: 'boolean', default: false } });

const DEFAULT_SECONDS = 120;
const TOLD_EVERY = 100;

const firstSeed = Number(values.seed);
const count = values.scenarios === undefined ? Number.POSITIVE_INFINITY : Number(values.scenarios);
const seconds = values.seconds === undefined ? (values.scenarios === undefined ? DEFAULT_SECONDS : Number.POSITIVE_INFINITY) : Number(values.seconds);
if (![firstSeed, count, seconds].every((value) => value > 0)) {
  process.stderr.write('--seed, --scenarios and --seconds take a number above 0.\n');
  process.exit(2);
}

const print = (text: string): void => void process.stdout.write(`${text}\n`);
const nowMs = (): number => performance.now();

const built = await mkdtemp(join(tmpdir(), 'plait-soak-built-'));
await promisify(execFile)(process.execPath, ['scripts/build.ts', `--outdir=${join(built, 'dist')}`]);
await promisify(execFile)('cp', ['package.json', built]);
const cliPath = join(built, 'dist', 'cli.js');

const startedAtMs = nowMs();
const stand = await openStand(firstSeed);
const failures: string[] = [];
const sum = { scenarios: 0, runs: 0, kills: 0, endings: 0 };

function tell(): void {
  const elapsed = ((nowMs() - startedAtMs) / 1_000).toFixed(0);
  print(`${elapsed} s: seeds ${firstSeed} to ${firstSeed + sum.scenarios - 1}: ${sum.scenarios} scenarios, ${sum.runs} runs of the client, ${sum.endings} of them killed or stopped, ${sum.kills} servers killed, ${failures.length} failures`);
}

function blame(seed: number, failure: string): void {
  const text = `seed ${seed}: ${failure}\n  ${scenarioText(scenarioOf(seed))}\n  again: npm run soak -- --seed ${seed} --scenarios 1`;
  failures.push(text);
  print(text);
}

// Whatever nobody awaits is a failure too, of the scenario that is being played.
let presentSeed = firstSeed;
process.on('unhandledRejection', (reason) => blame(presentSeed, `an unhandled rejection: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}`));

let before = holdingsNow();
while (sum.scenarios < count && nowMs() - startedAtMs < seconds * 1_000) {
  presentSeed = firstSeed + sum.scenarios;
  const scenario = scenarioOf(presentSeed);
  const scenarioStartedAtMs = nowMs();
  const { failure, runs, kills } = await runScenario(scenario, stand, cliPath);
  if (values.verbose) print(`seed ${presentSeed}: ${(nowMs() - scenarioStartedAtMs).toFixed(0)} ms, ${scenarioText(scenario)}`);
  if (failure !== null) blame(presentSeed, failure);
  sum.scenarios += 1;
  sum.runs += runs;
  sum.kills += kills;
  sum.endings += runs - 1;
  // The first few warm up caches, pools and the like.
  if (sum.scenarios === 20) before = holdingsNow();
  if (sum.scenarios % TOLD_EVERY !== 0) continue;
  tell();
  const leak = leakSince(before, holdingsNow());
  if (leak !== null) {
    blame(presentSeed, `a leak after ${sum.scenarios} scenarios: ${leak}`);
    before = holdingsNow();
  }
}
const left = await readdir(stand.folder);
if (left.length > 0) failures.push(`left behind: ${left.join(', ')}`);
tell();
await stand.close();
await rm(built, { recursive: true, force: true });
for (const failure of failures) print(`FAILED ${failure}`);
print(failures.length === 0 ? 'No wrong file, no hang, no leak.' : `${failures.length} failures.`);
process.exit(failures.length === 0 ? 0 : 1);
