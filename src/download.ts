/**
 * The library's front door, and the one place where the planes are wired together: machines decide, the data plane and
 * the store do, the view shows. The command line and the screen use what stands here and nothing private.
 */
import type { Observable } from 'rxjs';
import { createActor } from 'xstate';
import type { Actor } from 'xstate';
import { PlaitError } from './base/errors.ts';
import { coordinatorMachine } from './machines/coordinator.ts';
import { segmentMachine } from './machines/segment.ts';
import { DEFAULT_POLICY, FOLLOWED_POLICY } from './machines/plan/policy.ts';
import { assertConserved, writtenFront } from './machines/plan/segment-map.ts';
import type { SegmentMap } from './machines/plan/segment-map.ts';
import { EventTap, rootOf } from './metrics/event-tap.ts';
import type { CourseState, DownloadEvent, DownloadResult } from './metrics/events.ts';
import type { DownloadView } from './metrics/view.ts';
import { Views } from './metrics/views.ts';
import { parseMirrorUrl, sameMirrorKey } from './net/url.ts';
import { checkLanes, checkLimit, checkOptions } from './wiring/options.ts';
import type { DownloadOptions } from './wiring/options.ts';
import { reasonFor } from './wiring/reasons.ts';
import { Session } from './wiring/session.ts';

/** A download at work. */
export interface Download {
  /** Every change of state and every decision, those so far first (the last 2,000). Completes with the download. */
  readonly events: Observable<DownloadEvent>;
  /** The view model ten times a second; a late subscriber gets the present one at once. Completes with the download. */
  readonly views: Observable<DownloadView>;
  /** The present view. */
  view(): DownloadView;
  /** Stops all lanes and keeps everything. While the file’s name is asked for and the part file opened there is nothing to stop yet, and it does nothing. */
  pause(): void;
  /** Goes on after `pause`. */
  resume(): void;
  /** Another mirror of the same file; gives its number. A mirror that is there already keeps its number, and one that was dropped is tried again. @throws PlaitError `usage` */
  addMirror(url: string): number;
  /** A mirror is not used any more. What it gave stays. */
  dropMirror(mirrorId: number): void;
  /** A dropped or retired mirror is tried again. */
  restoreMirror(mirrorId: number): void;
  /** Cap of the whole download in bytes a second; null for none. @throws PlaitError `usage` */
  setLimit(rateBytesPerSec: number | null): void;
  /** How many lanes a mirror gets, 1 to 64. @throws PlaitError `usage` */
  setLanes(mirrorId: number, lanes: number): void;
  /** Ends it without its file; everything is kept for a resume. `result` rejects with code `aborted`. */
  abort(): void;
  /** The whole file under its name, or a `PlaitError`. */
  readonly result: Promise<DownloadResult>;
}

const ABORTED = { code: 'aborted', message: 'Stopped. Everything received is kept: run the same command again to go on.' } as const;

/**
 * Starts a download.
 * @throws PlaitError `usage` where the options make no sense; whatever else goes wrong rejects `result`.
 */
export function download(options: DownloadOptions): Download {
  const nowMs = (): number => performance.now();
  const checked = checkOptions(options, () => Math.floor(Math.random() * 2 ** 31));
  const session = new Session(checked, nowMs);
  const tap = new EventTap(nowMs, options.inspect);
  const known = new Map(checked.urls.map((url) => [sameMirrorKey(url), session.introduce(url)]));

  const machine = coordinatorMachine.provide({
    actors: {
      segment: segmentMachine.provide({ actors: { transfer: session.transfers.logic } }),
      clock: session.clock(() => writtenFront(actor.getSnapshot().context.map)),
      effects: session.effects,
      sample: session.sample,
      nameTarget: session.nameTarget,
      openStore: session.openStore,
      verify: session.verify,
      publish: session.publish,
      keep: session.keep,
    },
  });
  const { waitMs, maxLanes, limitBytesPerSec, seed, pieces, waitsForRoom } = checked;
  const grid = pieces === null ? {} : { pieces: { lengthBytes: pieces.lengthBytes, count: pieces.hashes.length } };
  const settings = { mirrors: [...known.values()], waitMs, maxLanes, limitBytesPerSec, seed, atMs: nowMs(), waitsForRoom, policy: checked.checksums.length === 0 ? DEFAULT_POLICY : FOLLOWED_POLICY, ...grid };
  const actor: Actor<typeof machine> = createActor(machine, { id: 'coordinator', input: settings, inspect: tap.inspect });
  actor.on('decision', (decision) => tap.decide(decision));

  const views = new Views({
    ticks: session.ticks,
    nowMs,
    source: () => {
      const { value, context } = actor.getSnapshot();
      return { course: rootOf(value) as CourseState, context, path: session.targetPath, receivedBytes: (mirrorId) => session.receivedBytes(mirrorId) };
    },
  });
  const result = settle(actor, session, tap, views);
  actor.start();
  const abort = (): void => actor.send({ type: 'download.stop', reason: ABORTED });
  options.signal?.addEventListener('abort', abort, { once: true });
  const stopListening = (): void => options.signal?.removeEventListener('abort', abort);
  result.then(stopListening, stopListening);
  if (options.signal?.aborted === true) abort();

  return {
    events: tap.events,
    views: views.views,
    view: () => views.now(),
    pause: () => actor.send({ type: 'download.pause' }),
    resume: () => actor.send({ type: 'download.resume' }),
    addMirror: (text) => {
      const url = parseMirrorUrl(text);
      const before = known.get(sameMirrorKey(url));
      if (before !== undefined) {
        actor.send({ type: 'mirror.restore', ...before });
        return before.mirrorId;
      }
      const mirror = session.introduce(url);
      known.set(sameMirrorKey(url), mirror);
      actor.send({ type: 'mirror.add', ...mirror });
      return mirror.mirrorId;
    },
    dropMirror: (mirrorId) => actor.send({ type: 'mirror.drop', mirrorId }),
    restoreMirror: (mirrorId) => {
      const mirror = [...known.values()].find((each) => each.mirrorId === mirrorId);
      if (mirror !== undefined) actor.send({ type: 'mirror.restore', ...mirror });
    },
    setLimit: (rateBytesPerSec) => actor.send({ type: 'limit.set', rateBytesPerSec: checkLimit(rateBytesPerSec) }),
    setLanes: (mirrorId, lanes) => actor.send({ type: 'lanes.set', mirrorId, maxLanes: checkLanes(lanes) }),
    abort,
    result,
  };
}

/** The end of a download as a promise: every socket closed and every reader told, whichever end it is. */
function settle(actor: Actor<typeof coordinatorMachine>, session: Session, tap: EventTap, views: Views): Promise<DownloadResult> {
  let checkedMap: SegmentMap | null = null;
  const result = new Promise<DownloadResult>((resolve, reject) => {
    const finish = async (tell: () => void): Promise<void> => {
      await session.close();
      views.complete();
      tap.complete();
      tell();
    };
    actor.subscribe({
      next: ({ context: { map } }) => {
        if (map === checkedMap) return;
        checkedMap = map;
        try {
          assertConserved(map);
        } catch (error) {
          actor.send({ type: 'download.stop', reason: reasonFor(error) });
        }
      },
      error: (error) => void finish(() => reject(new PlaitError('bug', reasonFor(error).message, { cause: error }))),
      complete: () => {
        const { value, context } = actor.getSnapshot();
        const reason = context.ending;
        if (value !== 'done' || context.path === null) {
          void finish(() => reject(new PlaitError(reason?.code ?? 'bug', reason?.message ?? 'The download ended without a reason.')));
        } else void finish(() => resolve(views.result()));
      },
    });
  });
  // Who only listens to the events need not handle the promise as well.
  result.catch(() => undefined);
  return result;
}
