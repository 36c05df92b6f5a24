/**
 * What stands at each byte of a simulated file, without the bytes: runs of one mirror, one version of the file, and one
 * offset by which the bytes are displaced (0: each byte is where it belongs). A byte that is misplaced, mixed in from
 * another version or corrupt is seen exactly, whatever the size of the file.
 */
import type { ByteRange } from '../../../src/base/range.ts';

export interface Stuff {
  readonly mirrorId: number;
  readonly version: number;
  /** Not 0: these bytes are not those of this place. */
  readonly shift: number;
}

export interface ByteRun extends ByteRange {
  readonly stuff: Stuff;
}

export const sameStuff = (a: Stuff, b: Stuff): boolean => a.mirrorId === b.mirrorId && a.version === b.version && a.shift === b.shift;

/** What a hash would tell of these runs: equal where the bytes are, whoever gave them. */
export function hashOf(runs: readonly ByteRun[]): string {
  const words: { start: number; end: number; kind: string }[] = [];
  for (const { start, end, stuff: { version, shift } } of runs) {
    const kind = `${version}/${shift}`;
    const last = words.at(-1);
    if (last !== undefined && last.end === start && last.kind === kind) last.end = end;
    else words.push({ start, end, kind });
  }
  return words.map(({ start, end, kind }) => `${start}-${end}:${kind}`).join(' ');
}

/** Sorted, disjoint runs; the latest write holds. */
export class ByteRuns {
  #runs: ByteRun[] = [];

  get runs(): readonly ByteRun[] {
    return this.#runs;
  }

  copy(): ByteRuns {
    const copy = new ByteRuns();
    copy.#runs = [...this.#runs];
    return copy;
  }

  write(start: number, end: number, stuff: Stuff): void {
    if (start >= end) return;
    const runs = this.#runs;
    const first = this.#indexAfter(start);
    const before = runs[first];
    // The usual case: a run grows at its end into nothing.
    const grown = runs[first - 1];
    if ((before === undefined || before.start >= end) && grown !== undefined && grown.end === start && sameStuff(grown.stuff, stuff)) {
      runs[first - 1] = { start: grown.start, end, stuff };
      return;
    }
    const { kept, last } = this.#leftOver(first, start, end);
    runs.splice(first, last - first, ...kept.filter((run) => run.end <= start), { start, end, stuff }, ...kept.filter((run) => run.start >= end));
  }

  /** Nothing stands there any more. */
  erase(start: number, end: number): void {
    if (start >= end) return;
    const first = this.#indexAfter(start);
    const { kept, last } = this.#leftOver(first, start, end);
    this.#runs.splice(first, last - first, ...kept);
  }

  /** What stands in `[start, end)`, cut to it. */
  within(start: number, end: number): readonly ByteRun[] {
    const found: ByteRun[] = [];
    if (start >= end) return found;
    for (let index = this.#indexAfter(start); index < this.#runs.length; index += 1) {
      const run = this.#runs[index];
      if (run === undefined || run.start >= end) break;
      found.push({ start: Math.max(run.start, start), end: Math.min(run.end, end), stuff: run.stuff });
    }
    return found;
  }

  /** Whether every byte of `[start, end)` is there and of this kind. */
  areAll(start: number, end: number, is: (stuff: Stuff) => boolean): boolean {
    let at = start;
    for (const run of this.within(start, end)) {
      if (run.start !== at || !is(run.stuff)) return false;
      at = run.end;
    }
    return at >= end;
  }

  #leftOver(first: number, start: number, end: number): { readonly kept: readonly ByteRun[]; readonly last: number } {
    const kept: ByteRun[] = [];
    let last = first;
    for (let run = this.#runs[last]; run !== undefined && run.start < end; run = this.#runs[last]) {
      if (run.start < start) kept.push({ start: run.start, end: start, stuff: run.stuff });
      if (run.end > end) kept.push({ start: end, end: run.end, stuff: run.stuff });
      last += 1;
    }
    return { kept, last };
  }

  /** Index of the first run that ends after `offset`. */
  #indexAfter(offset: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#runs[middle]?.end ?? Infinity) > offset) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
