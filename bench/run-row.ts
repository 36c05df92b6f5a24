/** Runs a row: its contenders in turn, so that what else the machine does falls on all of them alike. */
import { rm } from 'node:fs/promises';
import { medianOf } from './measure.ts';
import type { Measured } from './measure.ts';
import type { Claim, Contender, Figure, Row, RowResult, Samples } from './rows.ts';
import { sha256Of } from './sample-file.ts';

export class WrongFile extends Error {
  override readonly name = 'WrongFile';
}

async function runOnce({ name, run, result }: Contender): Promise<Measured> {
  if (result !== null) await rm(result.path, { force: true });
  const measured = await run();
  if (measured.exitCode !== 0) throw new Error(`${name} ended with ${measured.exitCode}: ${measured.complaint}`);
  if (result !== null) {
    const found = await sha256Of(result.path);
    if (found !== result.sha256) throw new WrongFile(`${name} made a wrong file.`);
    await rm(result.path, { force: true });
  }
  return measured;
}

export const medianFigure = (samples: readonly Measured[], figure: Figure): number => medianOf(samples.map((sample) => sample[figure]));

function ratioOf({ figure, of, against }: Claim, all: readonly Samples[]): number {
  const figureOf = (name: string): number => medianFigure(all.find((each) => each.name === name)?.samples ?? [], figure);
  return against === null ? figureOf(of) : figureOf(of) / figureOf(against);
}

/** @throws WrongFile */
export async function runRow(row: Row, runs: number, progress: (text: string) => void): Promise<RowResult> {
  const samples = new Map<string, Measured[]>(row.contenders.map(({ name }) => [name, []]));
  try {
    for (let turn = 0; turn < Math.max(1, runs * row.timesRuns); turn += 1) {
      for (const contender of row.contenders) {
        const measured = await runOnce(contender);
        samples.get(contender.name)?.push(measured);
        if (row.timesRuns <= 1) progress(`${row.key} ${turn + 1}: ${contender.name} ${measured.wallSec.toFixed(2)} s, CPU ${measured.cpuSec.toFixed(2)} s, ${Math.round(measured.peakMiB)} MiB`);
      }
    }
  } finally {
    await row.finish();
  }
  const contenders = [...samples].map(([name, each]) => ({ name, samples: each }));
  return { key: row.key, work: row.work, contenders, claims: row.claims.map((claim) => ({ ...claim, ratio: ratioOf(claim, contenders) })) };
}
