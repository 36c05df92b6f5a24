/** Results as a table for people and as JSON for whoever wants to reckon again. */
import type { Machine } from './machine.ts';
import { medianFigure } from './run-row.ts';
import type { Figure, RowResult } from './rows.ts';

const FIGURES: Record<Figure, string> = { wallSec: 'time', cpuSec: 'CPU', peakMiB: 'memory' };

const number = (value: number): string => (Number.isNaN(value) ? '–' : value >= 100 ? value.toFixed(0) : value.toFixed(value < 1 ? 3 : 2));

/** A section of Markdown for one row. */
export function sectionOf({ key, work, contenders, claims }: RowResult): string {
  const lines = [`### ${work} (\`--only ${key}\`)`, '', '| | time, s | CPU, s | peak memory, MiB |', '| --- | --- | --- | --- |'];
  for (const { name, samples } of contenders) {
    const walls = samples.map(({ wallSec }) => wallSec);
    const spread = `${number(Math.min(...walls))}–${number(Math.max(...walls))}`;
    lines.push(`| ${name} | ${number(medianFigure(samples, 'wallSec'))} (${spread}) | ${number(medianFigure(samples, 'cpuSec'))} | ${number(medianFigure(samples, 'peakMiB'))} |`);
  }
  lines.push('');
  for (const { figure, of, against, ratio, atMost } of claims) {
    const what = against === null ? `${FIGURES[figure]} of ${of}` : `${FIGURES[figure]} of ${of} ÷ ${against}`;
    lines.push(`- ${what}: **${number(ratio)}**, to reach ≤ ${atMost}${ratio <= atMost ? '' : ' (not reached)'}`);
  }
  return `${lines.join('\n')}\n`;
}

export interface Report {
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  readonly tools: Readonly<Record<string, string>>;
  readonly missing: readonly string[];
  readonly rows: readonly RowResult[];
}

export function markdownOf({ date, command, machine, tools, missing, rows }: Report): string {
  const versions = Object.entries(tools).map(([name, version]) => `${name} ${version}`.trim());
  const head = [
    `${date}, \`${command}\`: ${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, ${machine.system}, Linux ${machine.kernel}, Node ${machine.node}, nginx ${machine.nginx}.`,
    `Tools: ${versions.join(', ')}.${missing.length === 0 ? '' : ` Not installed: ${missing.join(', ')}.`}`,
    `Medians of ${rows[0]?.contenders[0]?.samples.length ?? 0} or more alternating runs; in brackets the fastest and the slowest.`,
  ];
  return `${head.join('\n')}\n\n${rows.map(sectionOf).join('\n')}`;
}
