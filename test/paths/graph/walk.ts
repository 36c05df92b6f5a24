/**
 * The paths of one machine, as `xstate/graph` finds them: its own delays and invoked actors included, whose ends are
 * events like any other. Counters would make states without end, so a sketch of what matters stands for a state.
 */
import { createActor, createMachine, fromCallback } from 'xstate';
import type { ActorLogic, ActorScope, AnyActorRef, EventObject, NonReducibleUnknown, Snapshot } from 'xstate';
import { adjacencyMapToArray, getAdjacencyMap, getShortestPaths } from 'xstate/graph';

type AnySystem = AnyActorRef['system'];

/** `Said`: what the machine emits. */
export interface Walk<State extends Snapshot<unknown>, Event extends EventObject, Input extends NonReducibleUnknown, Said extends EventObject = EventObject> {
  readonly machine: ActorLogic<State, Event, Input, AnySystem, Said>;
  readonly input: Input;
  /** Everything that may happen in a state, with payloads. */
  readonly events: (state: State) => readonly Event[];
  /** What tells one state from another. */
  readonly sketch: (state: State) => string;
  /** A state in which it may stay for ever, beside the final ones. */
  readonly isResting: (state: State) => boolean;
}

export interface Step<State, Event> {
  readonly from: State;
  readonly event: Event;
  readonly to: State;
}

/** More states than this, and the sketch leaves too little out. */
const STATES_MAX = 100_000;

/** An event of xstate's own (a delay that is over, an actor that has ended): no machine's type speaks of it. */
export const ofXstate = (type: string, more: object = {}): never => ({ type, ...more }) as never;

/** A place on paper for a machine that has a parent: it may say what it likes, and nothing is carried out. */
function onPaper<State extends Snapshot<unknown>, Event extends EventObject, Said extends EventObject>(): ActorScope<State, Event, AnySystem, Said> {
  const parent = createActor(createMachine({ invoke: { id: 'child', src: fromCallback(() => undefined) } })).start();
  const self = parent.getSnapshot().children['child'];
  if (self === undefined) throw new Error('the child did not start');
  const nothing = (): void => undefined;
  return { self, system: self.system, id: 'child', sessionId: 'on paper', logger: nothing, defer: nothing, stopChild: nothing, emit: nothing, actionExecutor: nothing };
}

/** The machine as logic whose every step is one on paper. */
function logicOf<State extends Snapshot<unknown>, Event extends EventObject, Input extends NonReducibleUnknown, Said extends EventObject>({ machine }: Walk<State, Event, Input, Said>): ActorLogic<State, Event, Input> {
  const scope = onPaper<State, Event, Said>();
  return {
    getInitialSnapshot: (_, input) => machine.getInitialSnapshot(scope, input),
    transition: (state, event) => machine.transition(state, event, scope),
    getPersistedSnapshot: (state) => state,
  };
}

const optionsOf = <State extends Snapshot<unknown>, Event extends EventObject, Input extends NonReducibleUnknown, Said extends EventObject>({ input, events, sketch }: Walk<State, Event, Input, Said>) => ({
  input,
  limit: STATES_MAX,
  events: (state: State) => (state.status === 'active' ? events(state) : []),
  serializeState: (state: State) => sketch(state),
  serializeEvent: (event: Event) => JSON.stringify(event),
});

/** Every step that can be taken from any state that can be reached. */
export function stepsOf<State extends Snapshot<unknown>, Event extends EventObject, Input extends NonReducibleUnknown, Said extends EventObject>(walk: Walk<State, Event, Input, Said>): readonly Step<State, Event>[] {
  const map = getAdjacencyMap(logicOf(walk), optionsOf(walk));
  return adjacencyMapToArray(map).map(({ state: from, event, nextState: to }) => ({ from, event, to }));
}

/** The shortest way to every state: what happens, and where that leads. */
export function waysOf<State extends Snapshot<unknown>, Event extends EventObject, Input extends NonReducibleUnknown, Said extends EventObject>(walk: Walk<State, Event, Input, Said>): readonly (readonly Omit<Step<State, Event>, 'from'>[])[] {
  // The first step is the beginning itself.
  return getShortestPaths(logicOf(walk), optionsOf(walk)).map(({ steps }) => steps.slice(1).map(({ event, state }) => ({ event, to: state })));
}

/** States from which no way leads to an end or to a rest, by their sketches: there should be none. */
export function trapsOf<State extends Snapshot<unknown>, Event extends EventObject, Input extends NonReducibleUnknown, Said extends EventObject>({ sketch, isResting }: Walk<State, Event, Input, Said>, steps: readonly Step<State, Event>[]): readonly string[] {
  const cameFrom = new Map<string, Set<string>>();
  const isSafe = new Set<string>();
  const states = new Map(steps.flatMap(({ from, to }) => [from, to]).map((state) => [sketch(state), state]));
  for (const { from, to } of steps) cameFrom.set(sketch(to), (cameFrom.get(sketch(to)) ?? new Set()).add(sketch(from)));
  const open = [...states].filter(([, state]) => state.status === 'done' || isResting(state)).map(([name]) => name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (isSafe.has(name)) continue;
    isSafe.add(name);
    open.push(...(cameFrom.get(name) ?? []));
  }
  return [...states.keys()].filter((name) => !isSafe.has(name));
}

/** Steps after which something is wrong that nobody deals with. */
export const errorsIn = <State extends Snapshot<unknown>, Event extends EventObject>(steps: readonly Step<State, Event>[]): readonly string[] =>
  steps.flatMap(({ to, event }) => (to.status === 'error' ? [`${JSON.stringify(event)}: ${String(to.error)}`] : []));
