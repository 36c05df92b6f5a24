/**
 * The checksum overrules the mirrors’ vote on the content: those who lost it may have the right file. Either they are
 * turned to or those who won it are compared with each other; each of the two may cost the file’s own traffic, so that
 * only one of them is done.
 */
import type { CoordinatorContext } from '../coordinator-context.ts';
import { areUnlikeFiles, contentVerdict } from '../plan/content-vote.ts';
import type { Voice } from '../plan/content-vote.ts';
import { refusal } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

/** The part file’s own number among the voices. */
const FILE = 0;

const voiceOf = ({ trust }: CoordinatorContext, mirrorId: number): Voice => ({
  mirrorId,
  rank: mirrorId,
  digest: trust.digests.get(mirrorId) ?? null,
  hashes: (mirrorId === FILE ? trust.fileBallot : trust.ballots.get(mirrorId)) ?? [],
});

/** Mirrors that were refused because most, or the first named, had other bytes. */
const outvoted = (context: CoordinatorContext): readonly Voice[] =>
  [...context.ended].filter(([, { record }]) => record.lastFault?.code === 'other-content').map(([mirrorId]) => voiceOf(context, mirrorId));

/** Of the outvoted, those who have another file altogether than the one that was fetched. */
function withOtherFiles(context: CoordinatorContext): readonly Voice[] {
  const winners = [FILE, ...context.admitted].map((mirrorId) => voiceOf(context, mirrorId));
  return outvoted(context).filter((loser) => winners.some((winner) => areUnlikeFiles(winner, loser)));
}

/**
 * Whether the vote is likelier to be wrong than the bytes of those who won it: they are at one, and there is another
 * file. Where all that was outvoted differs in few places, it is a copy with wrong bytes, and there may be more such.
 */
export const isVoteInDoubt = (context: CoordinatorContext): boolean => withOtherFiles(context).length > 0;

/** The mirrors to turn to: one version can be fetched for the file’s own traffic, the one that most of the outvoted have. */
function partyToTry(context: CoordinatorContext): readonly number[] {
  const others = withOtherFiles(context);
  const verdict = contentVerdict(others.length > 0 ? others : outvoted(context), 0);
  return verdict.kind === 'agreed' ? verdict.winners.map(({ mirrorId }) => mirrorId) : [];
}

/** Whether those who were refused by the vote are still to be tried: nothing was searched, and they were not turned to before. */
export const canTurnToOthers = (context: CoordinatorContext): boolean => context.search === null && !context.isOverruled && partyToTry(context).length > 0;

/** The vote was wrong: those who won it are refused, and a party of the others is asked again. */
export function turnToOthers(context: CoordinatorContext): Ruling {
  const party = partyToTry(context);
  const out = refusal(context, [...context.servers.keys()].map((mirrorId) => [mirrorId, 'its file does not have the checksum that was asked for'] as const), 'other-content');
  const ended = new Map(context.ended);
  const doubted = new Map(out.change.doubted);
  const orders: RulingOrder[] = [];
  for (const mirrorId of party) {
    orders.push({ to: 'new server', mirror: { mirrorId, url: ended.get(mirrorId)?.record.url ?? '' } });
    ended.delete(mirrorId);
    doubted.delete(mirrorId);
  }
  return { change: { ...out.change, doubted, ended, isOverruled: true, trust: { ...context.trust, isFileOutvoted: true } }, orders: [...out.orders, ...orders] };
}
