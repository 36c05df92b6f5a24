/**
 * The mirrors' vote on the file's size. A size holds when a strict majority of those who have a vote say so; who has
 * been silent for too long, or has failed, has none until it speaks.
 */
export type Verdict =
  | { readonly kind: 'open' }
  | { readonly kind: 'agreed'; readonly totalBytes: number }
  | { readonly kind: 'tie'; readonly sizes: readonly number[] };

/**
 * Counts the votes.
 * @param sizes what each mirror that has told a size has told
 * @param pending mirrors that may still do so; it is open while they could change the result
 */
export function countVotes(sizes: readonly number[], pending: number): Verdict {
  const votes = new Map<number, number>();
  for (const totalBytes of sizes) votes.set(totalBytes, (votes.get(totalBytes) ?? 0) + 1);
  const cast = sizes.length;
  for (const [totalBytes, count] of votes) {
    if (count * 2 > cast + pending) return { kind: 'agreed', totalBytes };
  }
  return pending > 0 || cast === 0 ? { kind: 'open' } : { kind: 'tie', sizes: [...votes.keys()].sort((a, b) => a - b) };
}
