/**
 * A ruling is what the coordinator decides on an event: how its knowledge changes, and who is told what. Rulings are
 * pure; the machine's one action `carryOut` does what they say.
 */
import type { ByteRange } from '../../base/range.ts';
import { subtract } from '../../base/range-set.ts';
import type { RangeSet } from '../../base/range-set.ts';
import type { CoordinatorContext, MirrorEntry, Refusal } from '../coordinator-context.ts';
import { serverName } from '../decisions.ts';
import type { Decision, DecisionKind } from '../decisions.ts';
import type { SampleInput, SegmentOrder, ServerOrder } from '../events.ts';
import type { EndReason } from '../plan/ending.ts';
import { forgotten } from '../plan/segment-map.ts';
import type { SegmentInput } from '../segment.ts';

/** What is asked of the disk and of the net plane, beside transfers; carried out by an action given through `provide`. */
export type Effect =
  | { readonly type: 'disk.settle'; readonly totalBytes: number }
  | { readonly type: 'disk.admit'; readonly mirrorId: number }
  /** Nothing that this mirror gave counts, but for what was proved by its hash, whoever gave it. */
  | { readonly type: 'disk.refuse'; readonly mirrorId: number; readonly proved: RangeSet }
  /** A mirror's validator is known (or another than before). */
  | { readonly type: 'disk.validator'; readonly mirrorId: number; readonly validator: string | null }
  /** What an earlier run left before a restart of the machine is to be read back, beside everything else. */
  | { readonly type: 'disk.readBack' }
  | { readonly type: 'disk.startOver' }
  /** Bytes that were written and are wrong. */
  | { readonly type: 'disk.forget'; readonly range: ByteRange }
  /** What one mirror gave of a block makes way for what another has there, which was kept. */
  | { readonly type: 'disk.exchange'; readonly range: ByteRange; readonly fromId: number; readonly toId: number }
  /** A piece is complete: does it have its hash? The parts are hashed, too, to compare givers by. */
  | { readonly type: 'piece.check'; readonly index: number; readonly piece: ByteRange; readonly parts: readonly ByteRange[] }
  /** These validators of a mirror stand for the same bytes. */
  | { readonly type: 'mirror.equate'; readonly mirrorId: number; readonly validators: readonly string[] }
  | { readonly type: 'limit.set'; readonly rateBytesPerSec: number | null };

export type RulingOrder =
  | { readonly to: 'segment'; readonly segmentId: number; readonly event: SegmentOrder }
  | { readonly to: 'server'; readonly mirrorId: number; readonly event: ServerOrder }
  | { readonly to: 'new segment'; readonly input: SegmentInput }
  | { readonly to: 'new server'; readonly mirror: MirrorEntry }
  | { readonly to: 'new sample'; readonly input: SampleInput }
  /** Its story is over: the actor goes. */
  | { readonly to: 'gone segment'; readonly segmentId: number }
  | { readonly to: 'gone server'; readonly mirrorId: number }
  | { readonly to: 'gone sample'; readonly mirrorId: number }
  | { readonly to: 'outside'; readonly effect: Effect }
  | { readonly to: 'listeners'; readonly decision: Decision }
  | { readonly to: 'self'; readonly stopFor: EndReason };

export interface Ruling {
  readonly change: Partial<CoordinatorContext>;
  readonly orders: readonly RulingOrder[];
}

/** Nothing changes, and nobody is told anything. */
export const NOTHING: Ruling = { change: {}, orders: [] };

/** Several rulings, each with what the ones before it have changed. */
export const inTurn =
  (...rulings: readonly ((context: CoordinatorContext) => Ruling)[]) =>
  (context: CoordinatorContext): Ruling => {
    let change: Partial<CoordinatorContext> = {};
    const orders: RulingOrder[] = [];
    for (const rule of rulings) {
      const next = rule({ ...context, ...change });
      change = { ...change, ...next.change };
      orders.push(...next.orders);
    }
    return { change, orders };
  };

/** A decision told to whoever listens. */
export const said = (
  context: CoordinatorContext,
  kind: DecisionKind,
  why: string,
  about: Pick<Decision, 'mirrorId' | 'segmentId' | 'fault'> = {},
): RulingOrder => ({ to: 'listeners', decision: { type: 'decision', kind, why, atMs: context.nowMs, ...about } });

/** Orders to every segment whose writer is at work to stop, for one reason. */
export const cancelWriters = (context: CoordinatorContext, code: 'cancelled' | 'changed' | 'other-size' | 'other-content' | 'bad-piece', mirrorId?: number): readonly RulingOrder[] =>
  [...context.map.held.values()]
    .filter((holding) => holding.mirrorId !== null && (mirrorId === undefined || holding.mirrorId === mirrorId))
    .map((holding) => ({ to: 'segment', segmentId: holding.segmentId, event: { type: 'segment.cancel', code } }));

/**
 * Mirrors that do not serve this file: their bytes do not count, their lanes stop, and they are out. What their lanes
 * have in flight is thrown away as they settle.
 */
export function refusal(context: CoordinatorContext, refused: readonly (readonly [mirrorId: number, why: string])[], code: Refusal['code']): Ruling {
  if (refused.length === 0) return NOTHING;
  const admitted = new Set(context.admitted);
  const doubted = new Map(context.doubted);
  const refusals = new Map(context.refusals);
  let { map, trust } = context;
  const orders: RulingOrder[] = [];
  for (const [mirrorId, why] of refused) {
    admitted.delete(mirrorId);
    doubted.set(mirrorId, 'refused');
    refusals.set(mirrorId, { code, why });
    for (const run of map.written) if (run.mirrorId === mirrorId) trust = { ...trust, earlier: subtract(trust.earlier, run), unread: subtract(trust.unread, run) };
    // What was proved by a hash stays proved, whoever gave it.
    map = forgotten(map, mirrorId, context.pieces.proved);
    const event = { type: code === 'bad-piece' ? 'server.convict' : 'server.refuse', code, detail: why, atMs: context.nowMs } as const;
    orders.push(
      { to: 'outside', effect: { type: 'disk.refuse', mirrorId, proved: context.pieces.proved } },
      ...cancelWriters(context, code, mirrorId),
      { to: 'server', mirrorId, event },
      said(context, 'mirror-refused', `${serverName(mirrorId)} is refused: ${why}.`, { mirrorId }),
    );
  }
  return { change: { admitted, doubted, refusals, map, trust }, orders };
}
