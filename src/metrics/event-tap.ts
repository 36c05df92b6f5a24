/**
 * The one event tap: every change of state of every actor, and every decision, goes through it once. It is bounded, and
 * keeps the last events for readers who come late. Who wants everything (the inspector, a recording) hears here, too, of
 * every actor, event and snapshot.
 */
import { Observable, Subject } from 'rxjs';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { EVENTS_KEPT_MAX } from '../base/bounds.ts';
import type { Decision } from '../machines/decisions.ts';
import type { SegmentContext } from '../machines/segment.ts';
import type { ServerRecord } from '../machines/plan/server-record.ts';
import type { CourseState, DownloadEvent, SegmentEvent, ServerEvent } from './events.ts';

/** Everything that the machines tell of themselves: xstate's own inspection, and the decisions as they fall. */
export type Inspected = InspectionEvent | Decision;

export type Inspect = (heard: Inspected) => void;

interface ActorSnapshot {
  readonly value: unknown;
  readonly context: unknown;
}

const isActorSnapshot = (snapshot: unknown): snapshot is ActorSnapshot =>
  typeof snapshot === 'object' && snapshot !== null && 'value' in snapshot && 'context' in snapshot;

/** The innermost state's name: what people are shown. */
export function leafOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const inner = typeof value === 'object' && value !== null ? Object.values(value)[0] : undefined;
  return inner === undefined ? '' : leafOf(inner);
}

/** The outermost state's name. */
export const rootOf = (value: unknown): string =>
  typeof value === 'string' ? value : (Object.keys(typeof value === 'object' && value !== null ? value : {})[0] ?? '');

export class EventTap {
  readonly #subject = new Subject<DownloadEvent>();
  readonly #kept: DownloadEvent[] = [];
  /** The last thing told of each actor, so that only changes are told. */
  readonly #told = new Map<string, string>();
  readonly #nowMs: () => number;
  readonly #passOn: Inspect | undefined;

  /** @param passOn hears everything, unkept and uncut, while it happens */
  constructor(nowMs: () => number, passOn?: Inspect) {
    this.#nowMs = nowMs;
    this.#passOn = passOn;
  }

  /** Every event from now on, after those that are kept. */
  readonly events: Observable<DownloadEvent> = new Observable((subscriber) => {
    for (const event of this.#kept) subscriber.next(event);
    return this.#subject.subscribe(subscriber);
  });

  /** A decision has fallen. The coordinator's time is that of its last fact; what is told here is told in order. */
  decide(fallen: Decision): void {
    const decision = { ...fallen, atMs: this.#nowMs() };
    this.#passOn?.(decision);
    this.#tell(decision);
  }

  #tell(event: DownloadEvent): void {
    this.#kept.push(event);
    if (this.#kept.length > EVENTS_KEPT_MAX) this.#kept.shift();
    this.#subject.next(event);
  }

  complete(): void {
    this.#subject.complete();
  }

  /** To be given to the root actor as its inspector. */
  readonly inspect = (inspected: InspectionEvent): void => {
    this.#passOn?.(inspected);
    if (inspected.type !== '@xstate.snapshot' || !isActorSnapshot(inspected.snapshot)) return;
    const { value, context } = inspected.snapshot;
    const actorId = (inspected.actorRef as AnyActorRef).id;
    if (actorId.startsWith('server-')) this.#tellServer(actorId, leafOf(value), context as ServerRecord);
    else if (actorId.startsWith('segment-')) this.#tellSegment(actorId, leafOf(value), context as SegmentContext);
    else if (actorId === 'coordinator') this.#tellCourse(rootOf(value));
  };

  #isNews(actorId: string, story: string): boolean {
    if (this.#told.get(actorId) === story) return false;
    this.#told.set(actorId, story);
    return true;
  }

  #tellServer(actorId: string, state: string, record: ServerRecord): void {
    if (!this.#isNews(actorId, state)) return;
    const { mirrorId, url, settledBytes, rateBytesPerSec } = record;
    const event = { type: 'server', atMs: this.#nowMs(), mirrorId, url, state, bytes: settledBytes, rateBytesPerSec: rateBytesPerSec ?? 0 };
    this.#tell(event as ServerEvent);
  }

  #tellSegment(actorId: string, state: string, segment: SegmentContext): void {
    const { segmentId, mirrorId, start, end } = segment;
    if (!this.#isNews(actorId, `${state} ${mirrorId} ${end}`)) return;
    // A finished segment never comes back; what was told of it need not be remembered.
    if (state === 'done') this.#told.delete(actorId);
    this.#tell({ type: 'segment', atMs: this.#nowMs(), segmentId, mirrorId, start, end, state } as SegmentEvent);
  }

  #tellCourse(state: string): void {
    if (this.#isNews('coordinator', state)) this.#tell({ type: 'course', atMs: this.#nowMs(), state: state as CourseState });
  }
}
