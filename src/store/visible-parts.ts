import type { ByteRange } from '../base/range.ts';
import { EMPTY, add, gapsIn } from '../base/range-set.ts';
import type { RangeSet } from '../base/range-set.ts';

/**
 * What of each run still stands in the file: its bytes less those of every run with a greater id. The parts of all
 * runs are disjoint.
 */
export function visibleParts<Run extends ByteRange & { readonly runId: number }>(runs: Iterable<Run>): Map<Run, RangeSet> {
  const parts = new Map<Run, RangeSet>();
  let covered: RangeSet = EMPTY;
  for (const run of [...runs].sort((a, b) => b.runId - a.runId)) {
    parts.set(run, gapsIn(covered, run));
    covered = add(covered, run);
  }
  return parts;
}
