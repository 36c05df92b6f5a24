/** Chance that can be had again: the same seed gives the same row. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Seeds of a test's runs; PLAIT_SEED=N runs that one alone, to replay what a failure named. */
export function seedsOf(count: number): readonly number[] {
  const asked = process.env['PLAIT_SEED'];
  return asked === undefined || asked === '' ? Array.from({ length: count }, (_, index) => index + 1) : [Number(asked)];
}
