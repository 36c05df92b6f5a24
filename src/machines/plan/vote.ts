/**
 * The mirrors' vote on the file's size. A size holds when a strict majority of those who have a vote say so; who has
 * been silent for too long, or has failed, has none until it speaks.
 */
export type Ballot =
  | { readonly kind: 'says'; readonly totalBytes: number }
  /** It may still answer. */
  | { readonly kind: 'pending' }
  /** It has failed, ended or been silent for too long. */
  | { readonly kind: 'silent' };

export type Verdict =
  | { readonly kind: 'open' }
  | { readonly kind: 'agreed'; readonly totalBytes: number }
  | { readonly kind: 'tie'; readonly sizes: readonly number[] };

/** Counts the ballots; `open` while more are to come that could change the result. */
export function countVotes(ballots: readonly Ballot[]): Verdict {
  const votes = new Map<number, number>();
  let pending = 0;
  for (const ballot of ballots) {
    if (ballot.kind === 'pending') pending += 1;
    if (ballot.kind === 'says') votes.set(ballot.totalBytes, (votes.get(ballot.totalBytes) ?? 0) + 1);
  }
  const cast = [...votes.values()].reduce((sum, count) => sum + count, 0);
  for (const [totalBytes, count] of votes) {
    if (count * 2 > cast + pending) return { kind: 'agreed', totalBytes };
  }
  return pending > 0 || cast === 0 ? { kind: 'open' } : { kind: 'tie', sizes: [...votes.keys()].sort((a, b) => a - b) };
}
