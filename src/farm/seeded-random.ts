/** A seeded source of numbers from 0 to 1 (Marsaglia's xorshift with 32 bits): the same seed gives the same row. */
export function seededRandom(seed: number): () => number {
  // Zero would stay zero for ever; the multiplication spreads neighbouring seeds.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
