/**
 * Puts what xstate's inspection reports into the messages of the inspector, and leaves out what would drown a viewer:
 * the ten ticks a second and what follows from them without a change of state.
 */
import type { AnyActorRef, AnyTransitionDefinition } from 'xstate';
import { ROUTINE_SNAPSHOT_MS, UNCHANGED_SNAPSHOT_MS } from '../base/bounds.ts';
import type { Inspected } from '../metrics/event-tap.ts';
import { definitionText } from './definition.ts';
import type { ActorMessage, InspectMessage, Json, ShownEvent, ShownSnapshot, TakenStep } from './messages.ts';
import { shown } from './shown.ts';

/** The release of @statelyai/inspect whose messages these are. */
const STATELY_VERSION = '0.7.2';

/** They come ten times a second to every server, and say nothing but that time goes by. */
const ROUTINE_EVENTS: ReadonlySet<string> = new Set(['clock.ticked', 'plan.due', 'server.measured']);

/** The first event of every actor, which xstate sends. */
const BIRTH = 'xstate.init';

interface KnownActor {
  readonly ref: AnyActorRef;
  /** The state's value when it was told last. */
  value: unknown;
  toldAtMs: number;
  /** The clock has reached it: if something of it is left out, it is told with a later tick. */
  isTicked: boolean;
  /** The transitions to other states that it has taken since its last snapshot. */
  taken: TakenStep[];
}

interface TellerInput {
  /** A monotonic clock. */
  readonly nowMs: () => number;
  /** The wall clock: what the Stately inspector shows. */
  readonly wallMs: () => number;
  readonly startedAtMs: number;
  readonly say: (message: InspectMessage) => void;
}

const field = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined);

const statusOf = (snapshot: unknown): ShownSnapshot['status'] => {
  const status = field(snapshot, 'status');
  return status === 'done' || status === 'error' || status === 'stopped' ? status : 'active';
};

/** Of a machine its value and context, of a promise what it gave; what a callback has is no news. */
function shownSnapshot(snapshot: unknown): ShownSnapshot {
  const fields = ['value', 'context', 'output', 'error'].flatMap((name): [string, Json][] => {
    const value = field(snapshot, name);
    return value === undefined ? [] : [[name, shown(value)]];
  });
  return { status: statusOf(snapshot), ...Object.fromEntries(fields) };
}

function shownEvent(event: { readonly type: string }): ShownEvent {
  const fields = shown(event);
  // An event is an object, so what is shown of it is one, too; its type is not cut.
  return { ...(typeof fields === 'object' && fields !== null ? fields : {}), type: event.type } as ShownEvent;
}

/** A state by its keys from the top; `''` is the machine itself. Its guard goes by its name, as in the definition. */
function takenStep({ source, target, eventType, guard }: AnyTransitionDefinition): TakenStep | null {
  const [to] = target ?? [];
  if (to === undefined) return null;
  const guardName = typeof guard === 'string' ? guard : typeof guard === 'function' ? guard.name : field(guard, 'type');
  return { from: source.path.join('.'), to: to.path.join('.'), eventType, guard: typeof guardName === 'string' ? guardName : null };
}

const sameValue = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

export class Teller {
  readonly #input: TellerInput;
  readonly #known = new Map<string, KnownActor>();
  readonly #gone = new WeakSet<AnyActorRef>();
  readonly #definitions = new WeakMap<object, string>();
  /** An event is shown on its way and again with what came of it. */
  readonly #events = new WeakMap<object, ShownEvent>();
  #lastT = 0;

  constructor(input: TellerInput) {
    this.#input = input;
  }

  /** Milliseconds since the start, never less than before. */
  t(): number {
    const { nowMs, startedAtMs } = this.#input;
    this.#lastT = Math.max(this.#lastT, Math.round((nowMs() - startedAtMs) * 10) / 10);
    return this.#lastT;
  }

  hear(heard: Inspected): void {
    switch (heard.type) {
      case 'decision':
        return this.#input.say({ type: 'plait.decision', t: this.t(), decision: heard });
      case '@xstate.event':
        return this.#hearEvent(heard.actorRef as AnyActorRef, heard.event, heard.sourceRef as AnyActorRef | undefined);
      case '@xstate.snapshot':
        return this.#hearSnapshot(heard.actorRef as AnyActorRef, heard.event, heard.snapshot);
      case '@xstate.microstep':
        return this.#hearStep(heard.actorRef as AnyActorRef, heard._transitions);
      // A new actor has no snapshot yet when xstate tells of it; it is introduced with its first event.
      case '@xstate.actor':
      case '@xstate.action':
      case '@xstate.transition':
    }
  }

  /** Every live actor as it stands now. */
  *present(): Iterable<ActorMessage> {
    for (const { ref } of this.#known.values()) yield this.#actorMessage(ref);
  }

  #hearEvent(ref: AnyActorRef, event: { readonly type: string }, source: AnyActorRef | undefined): void {
    if (this.#gone.has(ref) || ROUTINE_EVENTS.has(event.type)) return;
    this.#introduce(ref);
    // What it began with was said with it.
    if (event.type === BIRTH) return;
    const sourceId = source === undefined ? {} : { sourceId: source.sessionId };
    this.#input.say({ type: '@xstate.event', ...this.#about(ref), ...sourceId, event: this.#shownEvent(event) });
  }

  #hearSnapshot(ref: AnyActorRef, event: { readonly type: string }, snapshot: unknown): void {
    if (this.#gone.has(ref)) return;
    const actor = this.#introduce(ref);
    const steps = actor.taken;
    if (steps.length > 0) actor.taken = [];
    const isLast = statusOf(snapshot) !== 'active';
    if (!isLast && !this.#isWorthTelling(actor, event, snapshot)) return;
    actor.value = field(snapshot, 'value');
    actor.toldAtMs = this.#input.nowMs();
    const taken = steps.length > 0 ? { taken: steps } : {};
    this.#input.say({ type: '@xstate.snapshot', ...this.#about(ref), event: this.#shownEvent(event), snapshot: shownSnapshot(snapshot), ...taken });
    if (!isLast) return;
    this.#known.delete(ref.sessionId);
    this.#gone.add(ref);
    this.#input.say({ type: 'plait.gone', t: this.t(), sessionId: ref.sessionId });
  }

  /** The steps of one turn: its snapshot, which follows them, tells of them. */
  #hearStep(ref: AnyActorRef, transitions: readonly AnyTransitionDefinition[]): void {
    const actor = this.#known.get(ref.sessionId);
    if (actor === undefined) return;
    for (const transition of transitions) {
      const step = takenStep(transition);
      if (step !== null) actor.taken.push(step);
    }
  }

  #shownEvent(event: { readonly type: string }): ShownEvent {
    const before = this.#events.get(event);
    if (before !== undefined) return before;
    const made = shownEvent(event);
    this.#events.set(event, made);
    return made;
  }

  #isWorthTelling(actor: KnownActor, event: { readonly type: string }, snapshot: unknown): boolean {
    const value = field(snapshot, 'value');
    // What is no machine has nothing to show while it runs.
    if (value === undefined || event.type === BIRTH) return false;
    const isRoutine = ROUTINE_EVENTS.has(event.type);
    actor.isTicked ||= isRoutine;
    if (!actor.isTicked || !sameValue(value, actor.value)) return true;
    return this.#input.nowMs() - actor.toldAtMs >= (isRoutine ? ROUTINE_SNAPSHOT_MS : UNCHANGED_SNAPSHOT_MS);
  }

  #introduce(ref: AnyActorRef): KnownActor {
    const before = this.#known.get(ref.sessionId);
    if (before !== undefined) return before;
    const actor = { ref, value: field(ref.getSnapshot(), 'value'), toldAtMs: this.#input.nowMs(), isTicked: false, taken: [] };
    this.#known.set(ref.sessionId, actor);
    this.#input.say(this.#actorMessage(ref));
    return actor;
  }

  #actorMessage(ref: AnyActorRef): ActorMessage {
    const config = field(field(ref, 'logic'), 'config');
    const isMachine = typeof config === 'object' && config !== null;
    const name = ref.id === ref.sessionId && isMachine ? String(field(config, 'id')) : ref.id;
    const parentId = ref._parent === undefined ? {} : { parentId: ref._parent.sessionId };
    const definition = isMachine ? this.#definitionOf(config) : JSON.stringify({ id: name });
    return { type: '@xstate.actor', ...this.#about(ref), ...parentId, name, definition, snapshot: shownSnapshot(ref.getSnapshot()) };
  }

  #definitionOf(config: object): string {
    const before = this.#definitions.get(config);
    if (before !== undefined) return before;
    const definition = definitionText(config);
    this.#definitions.set(config, definition);
    return definition;
  }

  #about(ref: AnyActorRef): Pick<ActorMessage, 't' | 'sessionId' | 'rootId' | 'createdAt' | 'id' | '_version'> {
    let root = ref;
    while (root._parent !== undefined) root = root._parent;
    const createdAt = String(Math.round(this.#input.wallMs()));
    return { t: this.t(), sessionId: ref.sessionId, rootId: root.sessionId, createdAt, id: null, _version: STATELY_VERSION };
  }
}
