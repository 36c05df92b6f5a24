/** A seeded source of chance that is a value: the same seed gives the same run (mulberry32, public domain). */
export type Seed = number;

/** A number in [0, 1) and the seed that gives the next one. */
export function nextRandom(seed: Seed): { readonly value: number; readonly seed: Seed } {
  const next = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(next ^ (next >>> 15), next | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return { value: ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32, seed: next };
}
