/**
 * `npm run bench:schedule [-- --runs N --only 1,5]`: plait beside aria2c over servers of unlike rates that fail, each run
 * with servers of its own, in turn, and every result checked against its SHA-256. Efficiency is the ideal time over the
 * whole process's, start-up included. What one call measures is added to the day's results.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { optionsOf } from '../scripts/options-of.ts';
import { BenchPlace } from './bench-place.ts';
import type { ServedFile } from './bench-place.ts';
import { describeMachine } from './machine.ts';
import { measure, medianOf } from './measure.ts';
import { WrongFile } from './run-row.ts';
import { sha256Of } from './sample-file.ts';
import { SCHEDULED_BYTES, SCHEDULE_SCENARIOS } from './schedule-scenarios.ts';
import type { ScheduleScenario } from './schedule-scenarios.ts';
import { startShapedFarm } from './shaped-farm.ts';
import { plaitCommand } from './tools.ts';
import type { Job } from './tools.ts';

/** aria2c as it does best here: all lanes it may have, and impatience with who does not deliver. */
const ARIA2C = ['-q', '--file-allocation=none', '--allow-overwrite=true', '-s30', '-x6', '-k1M', '-t2', '--connect-timeout=2', '-m0', '--retry-wait=0', '--lowest-speed-limit=100K'];

function aria2cCommand({ urls, outputPath }: Job): string[] {
  const slash = outputPath.lastIndexOf('/');
  return ['aria2c', ...ARIA2C, '-d', outputPath.slice(0, slash), '-o', outputPath.slice(slash + 1), ...urls];
}

interface ScenarioResult {
  readonly scenario: number;
  readonly name: string;
  readonly idealSec: number;
  readonly target: number;
  /** Times of the whole process, in seconds, by tool. */
  readonly wallSec: Readonly<Record<string, readonly number[]>>;
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function runOnce(place: BenchPlace, file: ServedFile, scenario: ScheduleScenario, commandFor: (job: Job) => readonly string[]): Promise<number> {
  const farm = await startShapedFarm(place.cliPath, join(place.rootFolder, file.name), scenario.farm);
  try {
    await rm(place.outputPath, { force: true });
    const measured = await measure(commandFor({ urls: farm.urls, outputPath: place.outputPath, bytes: file.bytes, sha256: null, caPath: null }));
    if (measured.exitCode !== 0) throw new Error(`It ended with ${measured.exitCode}: ${measured.complaint}`);
    if ((await sha256Of(place.outputPath)) !== file.sha256) throw new WrongFile('The file is wrong.');
    return measured.wallSec;
  } finally {
    await farm.stop();
  }
}

async function runScenario(place: BenchPlace, index: number, scenario: ScheduleScenario, runs: number): Promise<ScenarioResult> {
  const file = await place.file(SCHEDULED_BYTES);
  const tools: Record<string, (job: Job) => readonly string[]> = { plait: (job) => plaitCommand(place.cliPath, job), aria2c: aria2cCommand };
  const wallSec: Record<string, number[]> = {};
  for (let turn = 1; turn <= runs; turn += 1) {
    for (const [tool, commandFor] of Object.entries(tools)) {
      const sec = await runOnce(place, file, scenario, commandFor);
      (wallSec[tool] ??= []).push(sec);
      say(`${index} run ${turn}: ${tool} ${sec.toFixed(2)} s, ${(scenario.idealSec / sec).toFixed(3)} of the ideal`);
    }
  }
  const { name, idealSec, target } = scenario;
  return { scenario: index, name, idealSec, target, wallSec };
}

function rowOf({ scenario, name, idealSec, target, wallSec }: ScenarioResult): string {
  const cell = (tool: string): string => {
    const seconds = wallSec[tool] ?? [];
    const efficiencies = seconds.map((sec) => idealSec / sec);
    return `${medianOf(efficiencies).toFixed(3)} (${Math.min(...efficiencies).toFixed(3)}–${Math.max(...efficiencies).toFixed(3)})`;
  };
  return `| ${scenario}: ${name} | ${target.toFixed(2)} | ${cell('plait')} | ${cell('aria2c')} |`;
}

/** The day's results with those of this call in their places. */
function kept(path: URL, fresh: readonly ScenarioResult[]): readonly ScenarioResult[] {
  const earlier = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { readonly scenarios: readonly ScenarioResult[] }).scenarios : [];
  const measured = new Set(fresh.map(({ scenario }) => scenario));
  return [...earlier.filter(({ scenario }) => !measured.has(scenario)), ...fresh].toSorted((a, b) => a.scenario - b.scenario);
}

const flags = optionsOf({ runs: { type: 'string', default: '3' }, only: { type: 'string' } });
const runs = Math.max(1, Number.parseInt(flags.runs, 10) || 3);
const only = flags.only?.split(',').map(Number) ?? SCHEDULE_SCENARIOS.map((_, index) => index + 1);

const place = await BenchPlace.make();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void place.remove().finally(() => process.exit(130)));
try {
  const fresh: ScenarioResult[] = [];
  for (const [position, scenario] of SCHEDULE_SCENARIOS.entries()) if (only.includes(position + 1)) fresh.push(await runScenario(place, position + 1, scenario, runs));
  const folder = new URL('./results/', import.meta.url);
  const date = new Date().toISOString().slice(0, 10);
  const path = new URL(`schedule-${date}.json`, folder);
  const scenarios = kept(path, fresh);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `${JSON.stringify({ date, command: 'npm run bench:schedule', machine: describeMachine(), scenarios }, null, 1)}\n`);
  say('| scenario | asked for | plait: median (least–most) | aria2c |\n| --- | --- | --- | --- |');
  for (const result of scenarios) say(rowOf(result));
} finally {
  await place.remove();
}
