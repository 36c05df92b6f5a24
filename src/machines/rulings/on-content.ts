/**
 * Whether the mirrors serve one and the same file: who is asked for samples, who is let in by them, and who is refused.
 * Until then what a mirror gives is provisional: in the part file, and not in the journal.
 */
import { PROBE_AGAIN_MS, SILENCE_MS } from '../../base/bounds.ts';
import { EMPTY, add, bytesIn, holds } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import { remembered } from '../../base/remembered.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { availableServers, hasVote, rowsOf, verdictOnSize } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import { agreedPlaces, contentVerdict, differenceOf } from '../plan/content-vote.ts';
import type { ContentVerdict, Voice } from '../plan/content-vote.ts';
import type { ServerView } from '../plan/fleet.ts';
import { samplePlaces } from '../plan/sample-places.ts';
import { forgotten, isComplete, sizeKnown } from '../plan/segment-map.ts';
import type { Trust } from '../plan/trust.ts';
import { lanesAt } from '../plan/writers.ts';
import type { ServerRow } from '../server-rows.ts';
import { asksForPause, candidatesOf, isThere, isUnsampleable, lanesWithSample, silenceMs, soundBytes } from './candidates.ts';
import { isReadBack } from './on-recovery.ts';
import { isLeftToVouchers, isVouchedFor } from './on-vouching.ts';
import { NOTHING, refusal, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';
import { isTimeToSample } from './sample-time.ts';

/** The part file's own number among the voices. */
const FILE = 0;

/** One whose samples failed, and that has been silent before and since, is not asked again until it is heard of. */
const isAsSilentAsItsSamples = (row: ServerRow, failedAtMs: number, nowMs: number): boolean =>
  silenceMs(row, nowMs) >= Math.max(PROBE_AGAIN_MS, nowMs - failedAtMs);

/** Mirrors that have bytes in the file that count, and that nobody can ask for samples any more. */
function voicelessGivers(context: CoordinatorContext, rows: ReadonlyMap<number, ServerRow>): ReadonlySet<number> {
  const { admitted, trust } = context;
  const isVoiceless = (mirrorId: number): boolean => {
    const row = rows.get(mirrorId);
    return !trust.ballots.has(mirrorId) && !trust.sampling.has(mirrorId) && (row === undefined || !isThere(row));
  };
  return new Set([...admitted].filter(isVoiceless));
}

/** Bytes that count and for which no mirror can speak: today's mirrors are held against them. */
function voicelessBytes(context: CoordinatorContext, rows: ReadonlyMap<number, ServerRow>): RangeSet {
  const givers = voicelessGivers(context, rows);
  let bytes = context.trust.earlier;
  for (const run of context.map.written) if (givers.has(run.mirrorId)) bytes = add(bytes, run);
  return bytes;
}

/** An empty file has no bytes to compare, and where pieces have hashes each byte is judged by its own. */
const needsNoSamples = ({ map, settings }: CoordinatorContext): boolean => map.totalBytes === 0 || settings.pieces !== undefined;

/** Mirrors whose samples are wanted; none where there is nothing to compare them with. */
export function mirrorsToSample(context: CoordinatorContext, rows: ReadonlyMap<number, ServerRow> = rowsOf(context)): readonly number[] {
  const { map, trust, doubted } = context;
  if (needsNoSamples(context) || !sizeKnown(map) || !isReadBack(context)) return [];
  const unasked = unaskedMirrors(context, rows);
  const candidates = [...candidatesOf(context), ...unasked];
  const isAlone = candidates.length < 2 && trust.ballots.size === 0 && voicelessBytes(context, rows).length === 0;
  if (isAlone) return [];
  return candidates.filter((mirrorId) => {
    if (trust.ballots.has(mirrorId) || trust.sampling.has(mirrorId)) return false;
    const row = rows.get(mirrorId);
    if (row === undefined || (!isThere(row) && !unasked.includes(mirrorId)) || doubted.has(mirrorId) || isUnsampleable(context, mirrorId)) return false;
    // With every byte there nobody waits for as long as a server may ask for: what it gave is fetched from others, where there are any.
    if (isComplete(map) && asksForPause(context, mirrorId)) return false;
    if (isVouchedFor(trust, mirrorId) || isLeftToVouchers(context, rows, mirrorId)) return false;
    return !isAsSilentAsItsSamples(row, trust.failures.get(mirrorId)?.atMs ?? -Infinity, context.nowMs);
  });
}

/** Mirrors that were hardly asked because there was nothing left to ask for: their samples are their first word. */
function unaskedMirrors({ map, claims, servers, nowMs }: CoordinatorContext, rows: ReadonlyMap<number, ServerRow>): readonly number[] {
  if (!isComplete(map)) return [];
  return [...servers.keys()].filter((mirrorId) => {
    const row = rows.get(mirrorId);
    return row?.state === 'connecting' && row.record.strikes === 0 && !claims.has(mirrorId) && silenceMs(row, nowMs) < SILENCE_MS;
  });
}

/** Asks for the samples that are wanted. A sample counts as one of the server's lanes, so it waits where all are taken. */
export function askForSamples(context: CoordinatorContext): Ruling {
  const rows = rowsOf(context);
  const { map, settings } = context;
  const isFree = (mirrorId: number): boolean => isTimeToSample(context, rows, mirrorId) && lanesAt(map, mirrorId) < lanesWithSample(context, mirrorId);
  const asked = mirrorsToSample(context, rows).filter(isFree);
  if (asked.length === 0) return NOTHING;
  const places = context.trust.places.length > 0 ? context.trust.places : samplePlaces(map.totalBytes, settings.mirrors.length, settings.seed, context.trust.earlier);
  const inFile = places.map((place) => holds(voicelessBytes(context, rows), place));
  const sampling = new Map(context.trust.sampling);
  for (const mirrorId of asked) sampling.set(mirrorId, 'admission');
  const orders: RulingOrder[] = asked.map((mirrorId) => ({
    to: 'new sample',
    input: { mirrorId, aim: 'admission', ranges: places, blockBytes: map.totalBytes, inFile, totalBytes: map.totalBytes },
  }));
  return { change: { trust: { ...context.trust, places, sampling } }, orders };
}

const mirrorVoices = remembered((ballots: Trust['ballots'], digests: Trust['digests']): readonly Voice[] =>
  [...ballots].map(([mirrorId, hashes]) => ({ mirrorId, rank: mirrorId, digest: digests.get(mirrorId) ?? null, hashes })),
);

function voicesOf(context: CoordinatorContext, rows: ReadonlyMap<number, ServerRow>): readonly Voice[] {
  const { ballots, digests, fileBallot, earlier } = context.trust;
  const voices = mirrorVoices(ballots, digests);
  if (fileBallot === null) return voices;
  const givers = [...voicelessGivers(context, rows)];
  // Whoever gave those bytes speaks through them. It may come back; nobody comes back from an earlier run.
  const rank = Math.min(Infinity, ...givers.filter((mirrorId) => context.servers.has(mirrorId)));
  return earlier.length > 0 || givers.length > 0 ? [...voices, { mirrorId: FILE, rank, digest: null, hashes: fileBallot }] : voices;
}

/** Mirrors that have not spoken yet and may: of the size, or of the content. */
function pendingMirrors(context: CoordinatorContext, rows: ReadonlyMap<number, ServerRow>): readonly number[] {
  const { trust, claims, doubted } = context;
  const wanted = new Set(mirrorsToSample(context, rows));
  const isPending = (mirrorId: number, row: ServerRow): boolean => {
    if (trust.ballots.has(mirrorId) || isVouchedFor(trust, mirrorId) || doubted.has(mirrorId)) return false;
    if (trust.sampling.has(mirrorId)) return true;
    if (trust.failures.has(mirrorId)) return false;
    if (claims.has(mirrorId)) return wanted.has(mirrorId);
    return hasVote(row, context.nowMs, context.settings.atMs);
  };
  const pending: number[] = [];
  for (const [mirrorId, row] of rows) if (isPending(mirrorId, row)) pending.push(mirrorId);
  return pending;
}

/** Who is let in because there is nobody to compare it with; null while there may be. */
function soleMirror(context: CoordinatorContext, pending: readonly number[]): number | null {
  if (context.admitted.size > 0 || pending.length > 0) return null;
  // One that has another version now has nothing to be compared any more.
  const candidates = candidatesOf(context).filter((mirrorId) => !context.trust.changed.has(mirrorId));
  const [first] = candidates;
  if (first === undefined) return null;
  const rows = rowsOf(context);
  const isOver = (mirrorId: number): boolean => {
    const row = rows.get(mirrorId);
    if (isUnsampleable(context, mirrorId)) return true;
    // Where nothing is left to lease, one that fell silent is not heard of any more.
    return isComplete(context.map) && row !== undefined && isThere(row) && isAsSilentAsItsSamples(row, context.trust.failures.get(mirrorId)?.atMs ?? -Infinity, context.nowMs);
  };
  // One that is alone is held against what was fetched before it, where there is any.
  const isAlone = candidates.length === 1 && voicelessBytes(context, rows).length === 0;
  // Of several that all cannot be compared, the user's first is the one to believe.
  return isAlone || candidates.every(isOver) ? Math.min(...candidates) : null;
}

function whyRefused(context: CoordinatorContext, verdict: Extract<ContentVerdict, { kind: 'agreed' }>, voice: Voice): string {
  const [winner] = verdict.winners;
  const at = winner === undefined ? null : differenceOf(winner, voice);
  const place = at === null ? undefined : context.trust.places[at];
  const what = at === -1 ? 'another digest' : place === undefined ? 'other bytes' : `other bytes (in ${place.start}–${place.end - 1})`;
  const others = winner === undefined || winner.mirrorId === FILE ? 'what was fetched before' : serverName(winner.mirrorId);
  if (!verdict.isTie) return `it has ${what} than ${others}${verdict.winners.length > 1 ? ` and ${verdict.winners.length - 1} more` : ''}`;
  return `it has ${what} than ${others}, which is believed because ${winner?.mirrorId === FILE ? 'it was there first' : 'it was named first'}`;
}

/** What a verdict says for a mirror that it lets in. */
function whyAdmitted({ winners, losers, isTie }: Extract<ContentVerdict, { kind: 'agreed' }>, mirrorId: number): string {
  const alike = winners.filter((voice) => voice.mirrorId !== mirrorId);
  const others = alike.filter((voice) => voice.mirrorId !== FILE);
  if (alike.length === 0 && losers.length === 0) return 'there is nobody to compare it with';
  if (alike.length === 0) return 'as many have other bytes, nobody can tell which are right, and it was named first';
  const same = others.length === 0 ? 'was fetched before' : others.length > 1 ? 'the others have' : `${others.map((voice) => serverName(voice.mirrorId)).join()} has`;
  return `what was sampled of it is what ${same}${isTie ? ', and of as many with other bytes one was named later' : ''}`;
}

/** Who is let in by a verdict, or without one where there is nobody to compare it with. */
function winnersOf(context: CoordinatorContext, verdict: ContentVerdict, pending: readonly number[]): readonly number[] {
  if (needsNoSamples(context)) return candidatesOf(context);
  if (verdict.kind === 'agreed') return verdict.winners.map(({ mirrorId }) => mirrorId);
  const sole = soleMirror(context, pending);
  return sole === null ? [] : [sole];
}

/** Who is refused, and why. */
function losersOf(context: CoordinatorContext, verdict: ContentVerdict): readonly (readonly [number, string])[] {
  const losers: [number, string][] = verdict.kind === 'agreed' ? verdict.losers.map((voice) => [voice.mirrorId, whyRefused(context, verdict, voice)]) : [];
  if (context.admitted.size > 0) {
    const silent = candidatesOf(context).filter((mirrorId) => isUnsampleable(context, mirrorId) && !context.admitted.has(mirrorId));
    for (const mirrorId of silent) losers.push([mirrorId, 'it could not be compared with the others']);
  }
  return losers.filter(([mirrorId]) => mirrorId !== FILE && context.doubted.get(mirrorId) !== 'refused');
}

/** Lets in the mirrors that have the same file as most, and refuses the others. */
export function judgeContent(context: CoordinatorContext): Ruling {
  const size = verdictOnSize(context);
  if (size.kind !== 'agreed' || size.totalBytes !== context.map.totalBytes || !isReadBack(context)) return NOTHING;
  const rows = rowsOf(context);
  const pending = pendingMirrors(context, rows);
  const verdict = contentVerdict(voicesOf(context, rows), pending.length);
  const isNew = (mirrorId: number): boolean => mirrorId !== FILE && !context.admitted.has(mirrorId) && context.doubted.get(mirrorId) !== 'refused';
  const fresh = winnersOf(context, verdict, pending).filter(isNew);
  const judged = { ...context, admitted: fresh.length === 0 ? context.admitted : new Set([...context.admitted, ...fresh]), trust: compared(context, verdict) };
  const out = refusal(judged, losersOf(judged, verdict), 'other-content');
  const orders: RulingOrder[] = fresh.map((mirrorId) => ({ to: 'outside', effect: { type: 'disk.admit', mirrorId } }));
  if (verdict.kind === 'agreed') {
    for (const mirrorId of fresh) orders.push(said(context, 'mirror-admitted', `${serverName(mirrorId)} is let in: ${whyAdmitted(verdict, mirrorId)}.`, { mirrorId }));
  }
  return { change: { admitted: judged.admitted, trust: judged.trust, ...out.change }, orders: [...orders, ...out.orders] };
}

/** What is known of the content after a verdict: whether the bytes in the file fit it, and of how many bytes it is. */
function compared({ trust }: CoordinatorContext, verdict: ContentVerdict): Trust {
  if (verdict.kind === 'open') return trust;
  let agreed: RangeSet = EMPTY;
  for (const index of agreedPlaces(verdict.winners)) agreed = trust.places.slice(index, index + 1).reduce(add, agreed);
  for (const { says, ranges } of trust.vouchings.values()) if (says === 'the same') agreed = ranges.reduce(add, agreed);
  const crossCheckedBytes = bytesIn(agreed);
  const isFileOutvoted = verdict.losers.some(({ mirrorId }) => mirrorId === FILE);
  const disputed = new Set(verdict.isTie ? verdict.losers.map(({ mirrorId }) => mirrorId) : []);
  const isKnown = crossCheckedBytes === trust.crossCheckedBytes && isFileOutvoted === trust.isFileOutvoted && disputed.size === trust.disputed.size && [...disputed].every((mirrorId) => trust.disputed.has(mirrorId));
  return isKnown ? trust : { ...trust, crossCheckedBytes, isFileOutvoted, disputed };
}

/** Mirrors whose bytes are in the file and do not count (yet). */
function provisionalGivers(context: CoordinatorContext): ReadonlySet<number> {
  const { map, admitted } = context;
  const sound = soundBytes(context);
  return new Set(map.written.filter((run) => run.mirrorId !== FILE && !admitted.has(run.mirrorId) && !holds(sound, run)).map(({ mirrorId }) => mirrorId));
}

/**
 * What a mirror gave and then left without ever being let in is fetched again, where somebody is there to give it: the
 * file is not to wait for one that may never come back.
 */
export function dropOrphans(context: CoordinatorContext): Ruling {
  if (!isComplete(context.map) || !isReadBack(context)) return NOTHING;
  const orphans = [...provisionalGivers(context)];
  const rows = rowsOf(context);
  const pending = pendingMirrors(context, rows);
  const wanted = mirrorsToSample(context, rows);
  if (orphans.length === 0 || context.admitted.size === 0 || availableServers(context) === 0) return NOTHING;
  let { map } = context;
  // One that has shown its bytes waits for the others' word: it may have given nearly all of the file.
  const isAwaited = (mirrorId: number): boolean => context.trust.ballots.has(mirrorId) || pending.includes(mirrorId) || wanted.includes(mirrorId) || isLeftToVouchers(context, rows, mirrorId);
  for (const mirrorId of orphans) if (!isAwaited(mirrorId)) map = forgotten(map, mirrorId, soundBytes(context));
  return { change: { map }, orders: [] };
}

/** Whether what a mirror said has been acted on. */
const isJudged = ({ admitted, doubted }: CoordinatorContext, mirrorId: number): boolean => admitted.has(mirrorId) || doubted.get(mirrorId) === 'refused';

/** Whether nothing stands in the file that does not count. */
export const allBytesCount = (context: CoordinatorContext): boolean => !context.trust.isFileOutvoted && provisionalGivers(context).size === 0;

/** Whether every byte in the file counts and nobody's say is awaited, so that the file may be given its name. */
export const contentIsSettled = (context: CoordinatorContext): boolean =>
  allBytesCount(context) &&
  [...context.trust.ballots.keys()].every((mirrorId) => isJudged(context, mirrorId)) &&
  pendingMirrors(context, rowsOf(context)).length === 0;

/** A sample is one of its server’s lanes: as long as one is under way, wanted or to come, there is one less for leases. */
export function leavingRoomForSamples(views: readonly ServerView[], context: CoordinatorContext): readonly ServerView[] {
  const rows = rowsOf(context);
  // A lane is not kept idle for a sample that was turned away just now, or whose turn has not come.
  const wanted = new Set([...context.trust.sampling.keys(), ...mirrorsToSample(context, rows).filter((mirrorId) => isTimeToSample(context, rows, mirrorId))]);
  const isToCome = (mirrorId: number): boolean => !context.claims.has(mirrorId) && !needsNoSamples(context) && context.servers.size > 1;
  return views.map((view) => {
    // One that has not answered yet has at least the lane on which it is asked.
    const least = wanted.has(view.mirrorId) ? 0 : 1;
    return least === 0 || isToCome(view.mirrorId) ? { ...view, laneCap: Math.min(view.laneCap, Math.max(least, lanesWithSample(context, view.mirrorId) - 1)) } : view;
  });
}
