/**
 * The language of the inspector: what `--inspect` sends to its page, `--stately` to the Stately inspector and `--record`
 * writes to a file. One JSON object a message; in a recording one a line.
 *
 * The messages whose type begins with `@xstate.` are those of @statelyai/inspect 0.7.2, field by field, with `t` and
 * `taken` beside them. Those that begin with `plait.` are ours; `--stately` leaves them out. A reader passes over types and fields it
 * does not know, so that newer recordings of the same version stay readable.
 *
 * **How a viewer gets them.** The page lies at `http://127.0.0.1:PORT/TOKEN/` and its files beside it, so that relative
 * addresses carry the token. Its web socket is `new URL('live', location.href)` with the scheme `ws:`. Each text frame
 * holds one message or several, one a line. The viewer sends nothing.
 *
 * **In which order.** First `plait.hello`. Then the past, as it happened, as far as it is kept: where the beginning is no
 * longer kept, every actor of that time first (its `@xstate.actor`, its last `@xstate.snapshot` before what follows, and
 * its `plait.gone` where it was gone), and `plait.dropped`. Then what happens now. So one fold over all messages, from
 * the first, gives the present; `t` never falls. `plait.end` is the last one, and the socket closes after it.
 *
 * **A viewer that reads too slowly** misses messages. It is told by `plait.dropped`, and right after it every live actor
 * is said again with its present snapshot: an `@xstate.actor` for a known `sessionId` replaces what was known of it.
 *
 * **What is left out.** The clock ticks ten times a second and each tick is passed on to every server. These routine
 * events (`clock.ticked`, `plan.due`, `server.measured`) are no messages of their own. Where an actor that the clock
 * reaches has not changed its state, its snapshot is told four times a second at most, and once a second after routine.
 * An actor's first event (`xstate.init`) and what came of it are in its `@xstate.actor` already.
 *
 * `plait inspect FILE` speaks the same to the same page; the messages are those of the file, `plait.hello` first.
 */
import type { Decision } from '../machines/decisions.ts';

/** Of the whole language. A recording of a higher version is refused. */
export const MESSAGES_VERSION = 1;

interface Timed {
  /** Milliseconds since the start, on a monotonic clock; never less than that of the message before. */
  readonly t: number;
}

/** The first message of all. */
export interface HelloMessage extends Timed {
  readonly type: 'plait.hello';
  readonly version: number;
  /** The version of plait that speaks. */
  readonly plait: string;
  /** `get`, `serve`, `demo` or `library`: its name alone, since what was typed behind it may hold secrets. */
  readonly command: string;
  /** When it started, by the wall clock: `2026-11-22T18:50:00.000Z`. */
  readonly startedAt: string;
  /** The recording's file name where one is shown; null while it happens. */
  readonly recording: string | null;
}

/** What messages about actors have in common. */
interface AboutActor extends Timed {
  /** Unique in the process, and so in a recording. */
  readonly sessionId: string;
  /** The root actor's session: the coordinator's or the farm's. */
  readonly rootId: string;
  /** The wall clock, ms since 1970, in decimal digits. */
  readonly createdAt: string;
  /** Always null, as @statelyai/inspect has it. */
  readonly id: null;
  /** Of @statelyai/inspect. */
  readonly _version: string;
}

/** Anything that JSON can hold. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** An actor as it stands: machines have a value and a context, promises and callbacks a status. */
export interface ShownSnapshot {
  readonly status: 'active' | 'done' | 'error' | 'stopped';
  /** `'downloading'`, or `{ leased: 'downloading' }`, as xstate writes a state's value. */
  readonly value?: Json;
  /**
   * Cleaned and bounded: maps are objects and sets arrays, an actor is `{ xstate$$type: 1, id }`, and what is deeper,
   * longer or more than the bounds allow ends in a string that begins with `…`.
   */
  readonly context?: Json;
  readonly output?: Json;
  readonly error?: Json;
}

export interface ShownEvent {
  readonly type: string;
  readonly [field: string]: Json;
}

/** An actor is there. */
export interface ActorMessage extends AboutActor {
  readonly type: '@xstate.actor';
  /** Its id in its parent: `coordinator`, `server-3`, `segment-17`, `transfer`, `sample-2`. */
  readonly name: string;
  /** The machine's config as JSON, functions as `{ type: name }`; `{"id": name}` for what is no machine. */
  readonly definition: string;
  /** Absent for a root. */
  readonly parentId?: string;
  readonly snapshot: ShownSnapshot;
}

/** An event is on its way to an actor. */
export interface EventMessage extends AboutActor {
  readonly type: '@xstate.event';
  /** Who sent it; absent where it came from outside the machines. */
  readonly sourceId?: string;
  readonly event: ShownEvent;
}

/** A transition of a chart that was taken. States are paths from the top (`leased.downloading`), the machine itself `''`. */
export interface TakenStep {
  readonly from: string;
  readonly to: string;
  /** As xstate names it: `server.settled`, `xstate.after.backoff.server.failed`, `''` for one that follows of itself. */
  readonly eventType: string;
  /** The guard that held, by its name; null where there is none. */
  readonly guard: string | null;
}

/** An actor has taken an event, and this is how it stands now. */
export interface SnapshotMessage extends AboutActor {
  readonly type: '@xstate.snapshot';
  readonly event: ShownEvent;
  readonly snapshot: ShownSnapshot;
  /** The transitions to other states that led here, in their order; absent where there was none. */
  readonly taken?: readonly TakenStep[];
}

/** What was decided, with the sentence for people. */
export interface DecisionMessage extends Timed {
  readonly type: 'plait.decision';
  readonly decision: Decision;
}

/** Messages that this reader will not get: they are no longer kept, or it read too slowly. */
export interface DroppedMessage extends Timed {
  readonly type: 'plait.dropped';
  readonly count: number;
}

/** An actor is over: done, stopped or failed. It is heard of no more. */
export interface GoneMessage extends Timed {
  readonly type: 'plait.gone';
  readonly sessionId: string;
}

/** The command has ended; nothing follows. */
export interface EndMessage extends Timed {
  readonly type: 'plait.end';
  /** 0 where all went well; the meanings are those of the README. */
  readonly exitStatus: number;
}

/** What @statelyai/inspect knows, too. */
export type StatelyMessage = ActorMessage | EventMessage | SnapshotMessage;

export type InspectMessage = HelloMessage | StatelyMessage | DecisionMessage | DroppedMessage | GoneMessage | EndMessage;
