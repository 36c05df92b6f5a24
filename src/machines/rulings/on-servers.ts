import { ENDED_ROWS_MAX, SERVERS_CALLED_FIRST } from '../../base/bounds.ts';
import { formatSoon } from '../../base/units.ts';
import type { CoordinatorContext, MirrorEntry } from '../coordinator-context.ts';
import { callableServers, roomForServers, rowsOf, withEntry, withoutEntry } from '../coordinator-context.ts';
import { faultSentence, serverName } from '../decisions.ts';
import type { DecisionKind } from '../decisions.ts';
import type { OutsideEvent, ServerFact } from '../events.ts';
import type { ServerRow } from '../server-rows.ts';
import { cancelWriters, NOTHING, said } from './ruling.ts';
import type { Ruling, RulingOrder } from './ruling.ts';

type Of<Type extends ServerFact['type']> = Extract<ServerFact, { type: Type }>;
type Outside<Type extends OutsideEvent['type']> = Extract<OutsideEvent, { type: Type }>;

/** Mirrors that are to be used, in the user's order; the first of them come up as servers at the start. */
const wantedMirrors = ({ settings: { mirrors }, dropped, ended }: CoordinatorContext): readonly MirrorEntry[] => mirrors.filter(({ mirrorId }) => !dropped.has(mirrorId) && !ended.has(mirrorId));

/**
 * The first mirrors come up as servers; the others wait for their turn. What was seen of them while the name was asked
 * for is forgotten, or one that has just answered might be left alone for its last failure.
 */
export function callServers(context: CoordinatorContext): Ruling {
  const mirrors = wantedMirrors(context);
  return {
    change: { waiting: mirrors.slice(SERVERS_CALLED_FIRST) },
    orders: mirrors.slice(0, SERVERS_CALLED_FIRST).flatMap((mirror): RulingOrder[] => [...(context.servers.has(mirror.mirrorId) ? [{ to: 'gone server', mirrorId: mirror.mirrorId } as const] : []), { to: 'new server', mirror }]),
  };
}

/** A mirror that does not even tell the name comes up at once, so that it is seen what is wrong with it. */
export function nameUnanswered(context: CoordinatorContext, { mirrorId, code, detail, retryAfterMs, atMs }: Outside<'name.unanswered'>): Ruling {
  const mirror = wantedMirrors(context).slice(0, SERVERS_CALLED_FIRST).find((each) => each.mirrorId === mirrorId);
  if (mirror === undefined) return NOTHING;
  const outcome = { kind: 'failed', code, detail, retryAfterMs, totalBytes: null, inBody: false } as const;
  const failed: RulingOrder = { to: 'server', mirrorId, event: { type: 'server.settled', outcome, lanesLeft: 0, deliveredBytes: 0, writtenEnd: 0, atMs } };
  return { change: { nowMs: atMs }, orders: context.servers.has(mirrorId) ? [failed] : [{ to: 'new server', mirror }, failed] };
}

/** The first of the waiting mirrors that may be asked now, and the others. */
function nextInLine({ waiting, nowMs }: CoordinatorContext): { readonly next: MirrorEntry | undefined; readonly others: readonly MirrorEntry[] } {
  const next = waiting.find(({ restUntilMs }) => restUntilMs === undefined || restUntilMs <= nowMs);
  return { next, others: next === undefined ? waiting : waiting.filter((mirror) => mirror !== next) };
}

/** Mirrors whose turn has come fill the places that are free. */
export function fillPlaces(context: CoordinatorContext): Ruling {
  let { waiting } = context;
  const orders: RulingOrder[] = [];
  while (waiting.length > 0 && orders.length < callableServers(context)) {
    const { next, others } = nextInLine({ ...context, waiting });
    if (next === undefined) break;
    waiting = others;
    orders.push({ to: 'new server', mirror: next });
  }
  return orders.length === 0 ? NOTHING : { change: { waiting }, orders };
}

/**
 * Of more mirrors than can be live, one that has never answered makes room for one that waits, and waits itself until it
 * may be asked again: sixty-four dead mirrors do not keep the sixty-fifth from its turn.
 */
function changedPlaces(context: CoordinatorContext, { mirrorId, retryInMs }: Of<'server.lost'>): Ruling {
  const record = context.servers.get(mirrorId)?.getSnapshot().context;
  const { next, others } = nextInLine(context);
  if (roomForServers(context) > 0 || next === undefined || record === undefined || record.head !== null || context.trust.sampling.has(mirrorId)) return NOTHING;
  const resting: MirrorEntry = { mirrorId, url: record.url, restUntilMs: context.nowMs + retryInMs };
  return { change: { waiting: [...others, resting] }, orders: [{ to: 'gone server', mirrorId }, { to: 'new server', mirror: next }] };
}

export function serverLost(context: CoordinatorContext, event: Of<'server.lost'>): Ruling {
  const { mirrorId, code, detail, retryInMs } = event;
  const why = `${serverName(mirrorId)} ${faultSentence(code, detail)}; it is asked again ${formatSoon(retryInMs)}.`;
  const { change, orders } = changedPlaces(context, event);
  return { change, orders: [said(context, 'server-lost', why, { mirrorId, fault: code }), ...orders] };
}

export const serverReturned = (context: CoordinatorContext, { mirrorId }: Of<'server.returned'>): Ruling => ({
  change: {},
  orders: [said(context, 'server-returned', `${serverName(mirrorId)} is back.`, { mirrorId })],
});

/** The rows of those that ended, with one more. Of servers that were of no use at all, only so many are remembered. */
function withEndedRow(context: CoordinatorContext, mirrorId: number, row: ServerRow): ReadonlyMap<number, ServerRow> {
  const ended = new Map(context.ended).set(mirrorId, row);
  if (ended.size <= ENDED_ROWS_MAX) return ended;
  for (const [oldest, { record }] of ended) {
    if (record.settledBytes > 0 || context.claims.has(oldest)) continue;
    ended.delete(oldest);
    break;
  }
  return ended;
}

/** A server takes no further part: its last state is kept as a row, its lanes stop, and a waiting mirror comes up. */
export function serverEnded(context: CoordinatorContext, event: Of<'server.ended'>): Ruling {
  const { mirrorId, code } = event;
  const row = rowsOf(context).get(mirrorId);
  if (row === undefined || !context.servers.has(mirrorId)) return { change: {}, orders: [] };
  const kind: DecisionKind = row.state === 'quarantined' ? 'server-quarantined' : 'server-retired';
  const reason = code === null ? 'is not needed' : faultSentence(code, row.record.lastFault?.detail ?? '');
  const why = `${serverName(mirrorId)} ${reason}; it is not used any more.`;
  const { next, others: waiting } = nextInLine(context);
  const orders: RulingOrder[] = [...cancelWriters(context, 'cancelled', mirrorId), { to: 'gone server', mirrorId }];
  if (context.trust.sampling.has(mirrorId)) orders.push({ to: 'gone sample', mirrorId });
  if (next !== undefined) orders.push({ to: 'new server', mirror: next });
  // A refusal has been told already, with its reason.
  if (code !== 'other-size' && code !== 'other-content' && code !== 'bad-piece') orders.push(said(context, kind, why, { mirrorId }));
  const trust = { ...context.trust, sampling: withoutEntry(context.trust.sampling, mirrorId) };
  return { change: { ended: withEndedRow(context, mirrorId, row), waiting, trust }, orders };
}

/** Another mirror is called up, or waits where there is no room for it. */
const calledUp = (context: CoordinatorContext, mirror: MirrorEntry): Ruling =>
  callableServers(context) > 0 ? { change: {}, orders: [{ to: 'new server', mirror }] } : { change: { waiting: [...context.waiting, mirror] }, orders: [] };

export function mirrorAdd(context: CoordinatorContext, { mirrorId, url }: Outside<'mirror.add'>): Ruling {
  const { change, orders } = calledUp(context, { mirrorId, url });
  return { change, orders: [said(context, 'server-added', `${serverName(mirrorId)} is ${url}.`, { mirrorId }), ...orders] };
}

export function mirrorDrop(context: CoordinatorContext, { mirrorId }: Outside<'mirror.drop'>): Ruling {
  const detail = 'dropped by the user';
  if (context.servers.has(mirrorId)) return { change: {}, orders: [{ to: 'server', mirrorId, event: { type: 'server.refuse', code: 'cancelled', detail, atMs: context.nowMs } }] };
  return {
    change: { waiting: context.waiting.filter((mirror) => mirror.mirrorId !== mirrorId), dropped: new Set([...context.dropped, mirrorId]) },
    orders: [],
  };
}

/** A server that was dropped or has retired is tried again as if new; a quarantined one is not. */
export function mirrorRestore(context: CoordinatorContext, { mirrorId, url }: Outside<'mirror.restore'>): Ruling {
  const row = context.ended.get(mirrorId);
  const isOut = row === undefined ? context.dropped.has(mirrorId) : row.state !== 'quarantined';
  if (!isOut || context.servers.has(mirrorId)) return NOTHING;
  const ended = withoutEntry(context.ended, mirrorId);
  const doubted = withoutEntry(context.doubted, mirrorId);
  const dropped = new Set([...context.dropped].filter((each) => each !== mirrorId));
  const { change, orders } = calledUp(context, { mirrorId, url });
  return { change: { ...change, ended, doubted, dropped }, orders };
}

/** It holds for a server that is not there yet, too, and for one that comes back. */
export const lanesSet = (context: CoordinatorContext, { mirrorId, maxLanes }: Outside<'lanes.set'>): Ruling => ({
  change: { lanesByUser: withEntry(context.lanesByUser, mirrorId, maxLanes) },
  orders: context.servers.has(mirrorId) ? [{ to: 'server', mirrorId, event: { type: 'server.limit', maxLanes } }] : [],
});

export const limitSet = (_context: CoordinatorContext, { rateBytesPerSec }: Outside<'limit.set'>): Ruling => ({
  change: { limitBytesPerSec: rateBytesPerSec },
  orders: [{ to: 'outside', effect: { type: 'limit.set', rateBytesPerSec } }],
});
