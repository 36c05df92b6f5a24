/**
 * What may happen to a coordinator, as its children and its effects tell it. On paper its children stand still, so that
 * whatever they could say is said here; a plan, which a live one orders from itself, is an event like any other.
 */
import type { EventFromLogic, SnapshotFrom } from 'xstate';
import type { CoordinatorContext, CoordinatorInput } from '../../../src/machines/coordinator-context.ts';
import { coordinatorMachine } from '../../../src/machines/coordinator.ts';
import type { Decision } from '../../../src/machines/decisions.ts';
import { sizeKnown } from '../../../src/machines/plan/segment-map.ts';
import type { Outcome } from '../../../src/machines/rulings/on-course.ts';
import { failure, head } from '../../machines/support/facts.ts';
import { ofXstate } from './walk.ts';
import type { Walk } from './walk.ts';

export type Coordinator = SnapshotFrom<typeof coordinatorMachine>;
export type CoordinatorWalkEvent = EventFromLogic<typeof coordinatorMachine>;

/** So small that one lease is all of it. */
const TOTAL = 100;
const DISK_FAILED: Outcome<never> = { kind: 'failed', reason: { code: 'disk-failed', message: 'The disk failed.' } };
const MISMATCH: Outcome<never> = { kind: 'failed', reason: { code: 'checksum-mismatch', message: 'The content is wrong.' } };

const done = (place: string, output: object): CoordinatorWalkEvent => ofXstate(`xstate.done.actor.0.coordinator.${place}`, { output });

/** How each invoked actor may end: as it should, with a reason, or by breaking. */
const EFFECT_ENDS: readonly CoordinatorWalkEvent[] = [
  done('discovering.naming', { kind: 'done' }),
  done('discovering.naming', DISK_FAILED),
  done('discovering.opening', { kind: 'done', recovered: null }),
  done('discovering.opening', { kind: 'done', recovered: { totalBytes: TOTAL, runs: [{ start: 0, end: TOTAL, mirrorId: 1 }] } }),
  done('discovering.opening', DISK_FAILED),
  done('verifying', { kind: 'done', proof: 'checksum' }),
  done('verifying', MISMATCH),
  done('publishing', { kind: 'done', path: '/f' }),
  done('publishing', DISK_FAILED),
  done('stopping.keeping', { code: 'aborted', message: 'Stopped.' }),
  ...['discovering.naming', 'verifying', 'publishing', 'stopping.keeping'].map((place) => ofXstate(`xstate.error.actor.0.coordinator.${place}`, { error: new Error('a bug') })),
  ofXstate('xstate.after.drainTimeout.coordinator.stopping.draining'),
];

const USER: readonly CoordinatorWalkEvent[] = [
  { type: 'download.pause' },
  { type: 'download.resume' },
  { type: 'download.stop', reason: { code: 'aborted', message: 'Stopped.' } },
  { type: 'download.stop', reason: { code: 'disk-full', message: 'The disk is full.' } },
];

/** What the segments may tell: an answer, an end, a failure of each kind that matters here. */
function segmentFacts({ map, nowMs: atMs }: CoordinatorContext): readonly CoordinatorWalkEvent[] {
  return [...map.held.values()].flatMap(({ segmentId, mirrorId, start, end, openedAtMs }): CoordinatorWalkEvent[] => {
    if (mirrorId === null) return [];
    const writtenEnd = Math.min(end, TOTAL);
    const settled = { type: 'segment.settled', segmentId, mirrorId, atMs } as const;
    return [
      ...(openedAtMs === null ? [{ type: 'segment.opened', segmentId, mirrorId, head: head({ totalBytes: TOTAL }), atMs } as const] : []),
      ...(sizeKnown(map) ? [{ ...settled, writtenEnd, outcome: { kind: 'done' } } as const] : []),
      { ...settled, writtenEnd: start, outcome: failure('reset') },
      { ...settled, writtenEnd: start, outcome: failure('changed') },
      { ...settled, writtenEnd: start, outcome: failure('other-size', { totalBytes: TOTAL - 10 }) },
      { ...settled, writtenEnd: start, outcome: failure('disk-full') },
    ];
  });
}

function sampleFacts({ trust, map, nowMs: atMs }: CoordinatorContext): readonly CoordinatorWalkEvent[] {
  const ranges = [{ start: 0, end: map.totalBytes }];
  return [...trust.sampling].flatMap(([mirrorId, aim]): CoordinatorWalkEvent[] => [
    ...['the file', 'other bytes'].map((hash) => ({ type: 'sample.answered', mirrorId, aim, ranges, hashes: [[hash]], fileHashes: [['the file']], differences: hash === 'the file' ? [] : [{ start: 0, end: 10, fileHash: 'the file', hash }], validators: ['"v1"'], atMs }) as const),
    { type: 'sample.failed', mirrorId, aim, ranges, code: 'reset', detail: '', retryAfterMs: null, receivedBytes: 0, atMs },
  ]);
}

const pieceFacts = ({ pieces, nowMs: atMs }: CoordinatorContext): readonly CoordinatorWalkEvent[] =>
  [...pieces.checking.keys()].flatMap((index) => (['piece.proved', 'piece.refuted'] as const).map((type) => ({ type, index, hashes: ['of the file'], atMs })));

function serverFacts({ servers, ended, nowMs: atMs }: CoordinatorContext): readonly CoordinatorWalkEvent[] {
  return [
    { type: 'clock.ticked', atMs: atMs + 100, readings: [], busyShare: 0 },
    { type: 'plan.due' },
    ...[...servers.keys()].map((mirrorId) => ({ type: 'server.ended', mirrorId, code: 'not-found' }) as const),
    ...[...ended.keys()].map((mirrorId) => ({ type: 'mirror.restore', mirrorId, url: `http://m${mirrorId}/f` }) as const),
  ];
}

const sorted = (map: ReadonlyMap<number, unknown>): readonly unknown[] => [...map].sort(([a], [b]) => a - b);

/** What tells one moment of a download from another, counters and times aside. */
function sketch({ value, status, context }: Coordinator): string {
  const { map, trust, pieces, search, servers, ended, claims, doubted, admitted, ending, startOvers, isOverruled } = context;
  return JSON.stringify({
    value, status, ending: ending?.code, total: map.totalBytes, free: map.free, written: map.written,
    held: [...map.held.values()].map(({ mirrorId, start, end, openedAtMs }) => [mirrorId, start, end, openedAtMs !== null]),
    servers: [...servers.keys()], ended: [...ended.keys()], claims: sorted(claims), doubted: sorted(doubted), admitted: [...admitted],
    trust: [[...trust.sampling], sorted(trust.ballots), [...trust.failures].map(([mirrorId, { count }]) => [mirrorId, Math.min(count, 3)]), [...trust.changed], trust.isFileOutvoted],
    pieces: [pieces.proved, [...pieces.checking.keys()], [...pieces.suspects].map(([index, { tries }]) => [index, Math.min(tries, 3)]), [...pieces.unfreed]],
    search: search === null ? null : [search.todo.length, search.open.length, search.decided.length], startOvers: Math.min(startOvers, 2), isOverruled,
  });
}

/** A coordinator of so many mirrors; where pieces are given, the file is one. */
export const coordinatorWalk = (mirrors: number, more: Partial<CoordinatorInput> = {}): Walk<Coordinator, CoordinatorWalkEvent, CoordinatorInput, Decision> => ({
  machine: coordinatorMachine,
  input: { mirrors: Array.from({ length: mirrors }, (_, index) => ({ mirrorId: index + 1, url: `http://m${index + 1}/f` })), waitMs: 0, maxLanes: 1, seed: 1, atMs: 0, ...more },
  events: ({ context }) => [...EFFECT_ENDS, ...USER, ...segmentFacts(context), ...sampleFacts(context), ...pieceFacts(context), ...serverFacts(context)],
  sketch,
  isResting: ({ value }) => value === 'paused',
});

export const ONE_PIECE = { lengthBytes: TOTAL, count: 1 };
