/** The figures of the named scenarios, as the table that docs/scheduling.md shows. */
import { NAMED_SCENARIOS } from './named-scenarios.ts';
import { clairvoyantMs } from './world/clairvoyant.ts';
import { runScenario } from './world/world.ts';

export interface Row {
  readonly name: string;
  readonly target: number;
  readonly reached: number;
  readonly efficiency: number;
  /** What a clairvoyant with as many lanes would reach. */
  readonly clairvoyant: number;
  /** Bytes fetched in vain ÷ the file’s bytes. */
  readonly vain: number;
  readonly leases: number;
  readonly failure: string | null;
}

export async function namedRows(): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const scenario of NAMED_SCENARIOS) {
    const report = await runScenario(scenario);
    rows.push({
      name: scenario.name,
      target: scenario.target,
      reached: scenario.reached,
      efficiency: scenario.idealMs / report.durationMs,
      clairvoyant: scenario.idealMs / clairvoyantMs(scenario),
      vain: report.receivedBytes / scenario.totalBytes - 1,
      leases: report.leases,
      failure: report.failure ?? (report.end === 'done' ? null : report.end),
    });
  }
  return rows;
}

export const rowText = (row: Row): string =>
  `| ${row.name.padEnd(52)} | ${row.target.toFixed(2)} | ${row.efficiency.toFixed(3)} | ${row.clairvoyant.toFixed(3)} | ${(100 * row.vain).toFixed(2)} % | ${row.leases} |${row.failure === null ? '' : ` ${row.failure}`}`;
