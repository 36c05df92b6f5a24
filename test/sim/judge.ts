/** What a world is judged by, and what many of them say together. */
import { clairvoyantMs } from './world/clairvoyant.ts';
import type { Fault, Scenario } from './world/scenario.ts';
import { runScenario } from './world/world.ts';
import type { WorldOptions } from './world/world.ts';

/** No world is to be slower than its best server alone by more than this. */
const SLOWER_MAX = 1.03;

export interface Judged {
  readonly scenario: Scenario;
  readonly failure: string | null;
  readonly end: string;
  /** What the clairvoyant needs ÷ what the download needed; null where it is not judged on speed. */
  readonly efficiency: number | null;
  /** The time it took ÷ what the best server alone needs on one connection, to a client that knows when to ask again. */
  readonly againstBest: number | null;
  /** Where that is more than is allowed: the time it took ÷ what the same program needs with its best server alone. */
  readonly againstItself?: number;
  /** Bytes in vain ÷ the file’s bytes. */
  readonly vain: number | null;
}

/** The same world with one of its servers only. */
function alone(scenario: Scenario, index: number): Scenario {
  const faults = scenario.faults.flatMap((fault): Fault[] => (!('server' in fault) ? [fault] : fault.server === index ? [{ ...fault, server: 0 }] : []));
  return { ...scenario, servers: scenario.servers.slice(index, index + 1), faults };
}

/** How long the same program takes with the server that it does best with alone. */
async function bestAloneMs(scenario: Scenario, options: WorldOptions): Promise<number> {
  let bestMs = Infinity;
  for (const index of scenario.servers.keys()) {
    const { end, durationMs } = await runScenario(alone(scenario, index), options);
    if (end === 'done') bestMs = Math.min(bestMs, durationMs);
  }
  return bestMs;
}

export async function judgeHonest(scenario: Scenario, options: WorldOptions = {}): Promise<Judged> {
  const report = await runScenario(scenario, options);
  const failure = report.failure ?? (report.end === 'done' ? null : `an honest world ended with ${report.end}`);
  if (failure !== null) return { scenario, failure, end: report.end, efficiency: null, againstBest: null, vain: null };
  const bestMs = Math.min(...scenario.servers.map((_, index) => clairvoyantMs(scenario, 1, index)));
  const judged: Judged = {
    scenario,
    failure: null,
    end: report.end,
    efficiency: clairvoyantMs(scenario) / report.durationMs,
    againstBest: report.durationMs / bestMs,
    vain: report.receivedBytes / scenario.totalBytes - 1,
  };
  return isSlowerThanBest(judged) ? { ...judged, againstItself: report.durationMs / (await bestAloneMs(scenario, options)) } : judged;
}

/** By more than the 3 % that are allowed; a world that failed is slower than any. */
export const isSlowerThanBest = ({ againstBest }: Judged): boolean => (againstBest ?? Infinity) > SLOWER_MAX;

export async function judgeWild(scenario: Scenario, options: WorldOptions = {}): Promise<Judged> {
  const { failure, end } = await runScenario(scenario, options);
  return { scenario, failure, end, efficiency: null, againstBest: null, vain: null };
}

/** The value below which `share` of the values lie. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

const numbers = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null);

export function summaryOf(all: readonly Judged[]): string {
  const failures = all.filter(({ failure }) => failure !== null).length;
  const efficiencies = numbers(all.map(({ efficiency }) => efficiency));
  const ends = new Map<string, number>();
  for (const { end } of all) ends.set(end, (ends.get(end) ?? 0) + 1);
  const parts = [`${all.length} worlds, ${failures} failures`, [...ends].map(([end, count]) => `${count} ${end}`).join(' ')];
  if (efficiencies.length > 0) {
    const against = numbers(all.map(({ againstBest }) => againstBest));
    const itself = numbers(all.map(({ againstItself }) => againstItself ?? null));
    const vain = numbers(all.map(({ vain }) => vain));
    parts.push(
      `efficiency median ${percentile(efficiencies, 0.5).toFixed(3)}, 1st percentile ${percentile(efficiencies, 0.01).toFixed(3)}, least ${Math.min(...efficiencies).toFixed(3)}`,
      `slower than the best alone by over 3 %: ${against.filter((ratio) => ratio > SLOWER_MAX).length} (most ${Math.max(...against).toFixed(3)}), than the same program with it alone: ${itself.filter((ratio) => ratio > SLOWER_MAX).length}${itself.length > 0 ? ` (most ${Math.max(...itself).toFixed(3)})` : ''}`,
      `in vain: mean ${((100 * vain.reduce((sum, value) => sum + value, 0)) / vain.length).toFixed(2)} %, 99th percentile ${(100 * percentile(vain, 0.99)).toFixed(2)} %, over 2 %: ${vain.filter((value) => value > 0.02).length}`,
    );
  }
  return parts.join('; ');
}

/** The worlds that missed their figures by most, one a line: what could have been in no time, beside what was. */
export function worstOf(all: readonly Judged[], count: number): readonly string[] {
  const missedBy = ({ efficiency, againstBest, vain }: Judged): number => Math.max(0.85 / (efficiency ?? 1), (againstBest ?? 1) / SLOWER_MAX, 1 + (vain ?? 0) - 0.02);
  return all
    .toSorted((a, b) => missedBy(b) - missedBy(a))
    .slice(0, count)
    .map(({ scenario, efficiency, againstBest, againstItself, vain }) => `seed ${scenario.seed}: efficiency ${efficiency?.toFixed(3)}, against the best alone ${againstBest?.toFixed(3)}${againstItself === undefined ? '' : ` (itself alone ${againstItself.toFixed(3)})`}, in vain ${(100 * (vain ?? 0)).toFixed(2)} %, ${scenario.servers.length} servers`);
}
