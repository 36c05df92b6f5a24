/**
 * Pieces are checked as they become complete. One that fails is fetched again from others than those who gave it; when
 * the right bytes have come, they are compared with the wrong ones, and whoever gave those is convicted.
 */
import { PIECE_TRIES_MAX, PIECE_TRIES_PER_SERVER } from '../../base/bounds.ts';
import { add, bytesIn, subtract } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import type { CoordinatorContext } from '../coordinator-context.ts';
import { rowsOf, withEntry, withoutEntry } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { PieceFact } from '../events.ts';
import { areSameParts, convictsOf, fits, givenIn, pieceRange, piecesOf, piecesToCheck } from '../plan/pieces.ts';
import type { PieceGrid, SuspectPiece } from '../plan/pieces.ts';
import { freed, sizeKnown } from '../plan/segment-map.ts';
import { NOTHING, refusal, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

const NEW_SUSPECT: SuspectPiece = { evidence: [], tries: 0, soleGivers: new Set() };

const gridOf = ({ settings, map }: CoordinatorContext): PieceGrid | null => (settings.pieces === undefined || !sizeKnown(map) ? null : settings.pieces);

/** Whether every piece has its hash, where hashes were given. */
export const piecesAreProved = (context: CoordinatorContext): boolean =>
  context.settings.pieces === undefined || (sizeKnown(context.map) && bytesIn(context.pieces.proved) === context.map.totalBytes);

/** Asks for the hashes of pieces that have become complete. */
export function checkPieces(context: CoordinatorContext): Ruling {
  const grid = gridOf(context);
  if (grid === null || context.ending !== null) return NOTHING;
  const { map, pieces } = context;
  if (!fits(grid, map.totalBytes)) {
    const needed = piecesOf(grid, map.totalBytes);
    const message = `The pieces that were given are ${grid.count} of ${grid.lengthBytes} bytes, and the servers’ file of ${map.totalBytes} bytes has ${needed}: the pieces are of another file${grid.count < needed ? ', or some are missing' : ''}.`;
    return { change: {}, orders: [{ to: 'self', stopFor: { code: 'checksum-mismatch', message } }] };
  }
  const due = piecesToCheck(map, grid, pieces, context.trust.unread);
  if (due.length === 0) return NOTHING;
  const checking = new Map(pieces.checking);
  const orders: RulingOrder[] = due.map((index) => {
    const piece = pieceRange(grid, index, map.totalBytes);
    const given = givenIn(map, piece);
    checking.set(index, given);
    const evidence = pieces.suspects.get(index)?.evidence ?? [];
    return { to: 'outside', effect: { type: 'piece.check', index, piece, parts: [...evidence, ...given].map(({ start, end }) => ({ start, end })) } };
  });
  return { change: { pieces: { ...pieces, checking } }, orders };
}

/** Servers that can be asked at once. */
const availableIds = (context: CoordinatorContext): readonly number[] =>
  [...rowsOf(context)]
    .filter(([mirrorId, { state, record }]) => context.servers.has(mirrorId) && !context.doubted.has(mirrorId) && record.strikes === 0 && state !== 'failed')
    .map(([mirrorId]) => mirrorId);

/** Those who gave the whole of a piece at once, wrongly: nobody waits for them, and whoever else can deliver comes first. */
export const guiltyMirrors = ({ pieces }: CoordinatorContext): ReadonlySet<number> => new Set([...pieces.suspects.values()].flatMap(({ soleGivers }) => [...soleGivers]));

/**
 * Who gets no new work while a piece is suspect: those who gave some of it, and those who gave another wrongly, as long
 * as others can; then all but one, so that it is seen whose bytes they are.
 */
export function suspectedMirrors(context: CoordinatorContext): ReadonlySet<number> {
  // What lies lowest is given out next: were another piece looked at, one server might be asked for this one for ever.
  const suspect = context.pieces.suspects.get(Math.min(...context.pieces.suspects.keys()));
  if (suspect === undefined) return new Set();
  const available = availableIds(context);
  const guilty = guiltyMirrors(context);
  const givers = new Set([...suspect.evidence.map(({ mirrorId }) => mirrorId), ...guilty]);
  if (available.some((mirrorId) => !givers.has(mirrorId))) return givers;
  const next = available.find((mirrorId) => !guilty.has(mirrorId)) ?? available.find((mirrorId) => !suspect.soleGivers.has(mirrorId));
  return next === undefined ? new Set() : new Set(available.filter((mirrorId) => mirrorId !== next));
}

/** The piece and who gave it, where the answer is of the bytes that stand there now. */
function standing(context: CoordinatorContext, { index }: PieceFact) {
  const grid = gridOf(context);
  const given = context.pieces.checking.get(index);
  if (grid === null || given === undefined) return null;
  const range = pieceRange(grid, index, context.map.totalBytes);
  return areSameParts(given, givenIn(context.map, range)) ? { range, given } : null;
}

export function pieceProved(context: CoordinatorContext, event: Extract<PieceFact, { type: 'piece.proved' }>): Ruling {
  const { index, hashes, atMs } = event;
  const checking = withoutEntry(context.pieces.checking, index);
  const found = standing(context, event);
  if (found === null) return { change: { pieces: { ...context.pieces, checking } }, orders: [] };
  const suspect = context.pieces.suspects.get(index);
  const pieces = { ...context.pieces, checking, proved: add(context.pieces.proved, found.range), suspects: withoutEntry(context.pieces.suspects, index) };
  const after = { ...context, pieces, nowMs: atMs };
  const verdict = suspect === undefined ? NOTHING : convicted(after, convictsOf(suspect, hashes), index);
  return { change: { pieces, nowMs: atMs, ...verdict.change }, orders: verdict.orders };
}

/** Their bytes are not those of the good piece: they are out, and what they gave elsewhere counts only where it was proved. */
function convicted(context: CoordinatorContext, mirrorIds: ReadonlySet<number>, index: number): Ruling {
  const guilty = [...mirrorIds].filter((mirrorId) => context.servers.has(mirrorId) && context.doubted.get(mirrorId) !== 'refused');
  const others = [...context.servers.keys()].some((mirrorId) => !guilty.includes(mirrorId) && !context.doubted.has(mirrorId));
  if (others) return refusal(context, guilty.map((mirrorId) => [mirrorId, `its bytes in piece ${index + 1} are wrong, as the piece’s hash shows`]), 'bad-piece');
  // The last one is better than none: each piece of it is checked.
  return {
    change: {},
    orders: guilty.map((mirrorId) => said(context, 'piece-refuted', `${serverName(mirrorId)} gave wrong bytes in piece ${index + 1}; it is all there is, so it goes on, and every piece of it is checked.`, { mirrorId })),
  };
}

export function pieceRefuted(context: CoordinatorContext, event: Extract<PieceFact, { type: 'piece.refuted' }>): Ruling {
  const { index, hashes, atMs } = event;
  const checking = withoutEntry(context.pieces.checking, index);
  const found = standing(context, event);
  if (found === null) return { change: { pieces: { ...context.pieces, checking } }, orders: [] };
  const before = context.pieces.suspects.get(index) ?? NEW_SUSPECT;
  // The hashes are of the earlier evidence first, then of what stands there now.
  const fresh = found.given.map((part, at) => ({ ...part, hash: hashes[before.evidence.length + at] ?? '' }));
  const [giver] = found.given;
  const isSole = found.given.length === 1 && giver !== undefined;
  const suspect: SuspectPiece = {
    evidence: [...before.evidence, ...fresh],
    tries: before.tries + 1,
    soleGivers: isSole ? new Set([...before.soleGivers, giver.mirrorId]) : before.soleGivers,
  };
  const pieces = {
    ...context.pieces,
    checking,
    suspects: withEntry(context.pieces.suspects, index, suspect),
    unfreed: new Set([...context.pieces.unfreed, index]),
  };
  const after = { ...context, pieces, nowMs: atMs };
  const givers = [...new Set(found.given.map(({ mirrorId }) => mirrorId))].filter((mirrorId) => mirrorId !== 0).map(serverName);
  const isLost = isWrongEverywhere(after, suspect);
  const why = `Piece ${index + 1} (bytes ${found.range.start}–${found.range.end - 1}) has the wrong hash${givers.length === 0 ? '' : `; it came from ${givers.join(' and ')}`}.${isLost ? '' : ' It is fetched again.'}`;
  const orders: RulingOrder[] = [said(after, 'piece-refuted', why, isSole && giver.mirrorId !== 0 ? { mirrorId: giver.mirrorId } : {})];
  if (isLost) {
    const message = `Piece ${index + 1} (bytes ${found.range.start}–${found.range.end - 1}) has the wrong hash from every server: the content is wrong, or the pieces are of another file.`;
    orders.push({ to: 'self', stopFor: { code: 'checksum-mismatch', message } });
  }
  return { change: { pieces, nowMs: atMs }, orders };
}

/** Nobody who can be asked could still give it right. */
function isWrongEverywhere(context: CoordinatorContext, suspect: SuspectPiece): boolean {
  const left = [...context.servers.keys()].filter((mirrorId) => !context.doubted.has(mirrorId));
  if (suspect.tries >= PIECE_TRIES_MAX) return true;
  return left.every((mirrorId) => suspect.soleGivers.has(mirrorId)) && suspect.tries >= PIECE_TRIES_PER_SERVER * Math.max(1, left.length);
}

/** Makes room for the right bytes, once nobody is at work in a failed piece any more. */
export function freeRefuted(context: CoordinatorContext): Ruling {
  const grid = gridOf(context);
  if (grid === null || context.pieces.unfreed.size === 0) return NOTHING;
  let { map } = context;
  const unfreed = new Set(context.pieces.unfreed);
  const orders: RulingOrder[] = [];
  for (const index of context.pieces.unfreed) {
    const range = pieceRange(grid, index, map.totalBytes);
    const writers = [...map.held.values()].filter(({ mirrorId, start, writtenEnd }) => mirrorId !== null && start < range.end && writtenEnd > range.start);
    for (const { segmentId } of writers) orders.push({ to: 'segment', segmentId, event: { type: 'segment.cancel', code: 'cancelled' } });
    if (writers.length > 0) continue;
    unfreed.delete(index);
    map = freed(map, range);
    orders.push({ to: 'outside', effect: { type: 'disk.forget', range } });
  }
  const gone = [...context.pieces.unfreed].filter((index) => !unfreed.has(index));
  const earlier = gone.reduce((set: RangeSet, index) => subtract(set, pieceRange(grid, index, map.totalBytes)), context.trust.earlier);
  return { change: { map, pieces: { ...context.pieces, unfreed }, trust: { ...context.trust, earlier } }, orders };
}
