/** Times and counts in words. */

/** `+3.214 s`, `+2:05.1`: since the start. */
export function sinceStart(atMs: number): string {
  const seconds = atMs / 1_000;
  if (seconds < 60) return `+${seconds.toFixed(3)} s`;
  const minutes = Math.floor(seconds / 60);
  return `+${minutes}:${(seconds - minutes * 60).toFixed(1).padStart(4, '0')}`;
}

/** How long, in as few signs as tell it: `85 ms`, `3.2 s`, `2 min 5 s`. */
export function howLong(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.floor((ms % 60_000) / 1_000)} s`;
}

const STEPS = [1, 2, 5];

/** Where the marks of an axis stand: round times, `gapPx` or more apart. */
export function axisMarks(fromMs: number, toMs: number, widthPx: number, gapPx: number): readonly number[] {
  const leastMs = ((toMs - fromMs) / Math.max(1, widthPx)) * gapPx;
  if (!(leastMs > 0)) return [];
  const power = 10 ** Math.floor(Math.log10(leastMs));
  const stepMs = (STEPS.find((step) => step * power >= leastMs) ?? 10) * power;
  const marks: number[] = [];
  for (let mark = Math.ceil(fromMs / stepMs) * stepMs; mark <= toMs; mark += stepMs) marks.push(mark);
  return marks;
}

/** `1 message`, `1,204 messages`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
