/**
 * What of the machines has been walked: every state, every transition, and every guard both ways. It watches through
 * xstate's inspection, which tells of each microstep the transitions it took. Names stand for things, since every actor
 * that gets its effects through `provide` has a machine of its own.
 */
import type { AnyStateMachine, InspectionEvent } from 'xstate';

interface Transition {
  readonly source: Node;
  readonly eventType: string;
  readonly guard?: unknown;
  readonly target?: readonly { readonly id: string }[] | undefined;
}

interface Node {
  readonly id: string;
  readonly states: Readonly<Record<string, Node>>;
  readonly transitions: ReadonlyMap<string, readonly Transition[]>;
  readonly always?: readonly Transition[] | undefined;
}

/** The name of the event of transitions that need none. */
const ALWAYS = '';

function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  if (typeof guard !== 'object' || guard === null || !('type' in guard)) return 'a guard';
  return String(guard.type);
}

/** Candidates for an event in a state, in the order in which they are tried. */
const candidatesOf = (node: Node, eventType: string): readonly Transition[] => (eventType === ALWAYS ? node.always : node.transitions.get(eventType)) ?? [];

function nameOf(transition: Transition): string {
  const { source, eventType, guard, target } = transition;
  const place = candidatesOf(source, eventType).indexOf(transition) + 1;
  const targets = target?.map(({ id }) => id).join(', ') ?? 'itself';
  return `${source.id} on ${eventType === ALWAYS ? 'always' : eventType} (${place}${guard === undefined ? '' : `, if ${guardName(guard)}`}) to ${targets}`;
}

export class Coverage {
  readonly #states = new Map<string, boolean>();
  /** A guarded one is seen when its guard has said yes. */
  readonly #transitions = new Map<string, boolean>();
  /** Guarded ones, by whether their guard has said no. */
  readonly #refusals = new Map<string, boolean>();
  /** Where each actor stood before its present step. */
  readonly #nodes = new WeakMap<object, readonly Node[]>();

  constructor(...machines: readonly AnyStateMachine[]) {
    for (const machine of machines) this.#add(machine.root as Node);
  }

  /** To be given to an actor as `inspect`. */
  readonly inspect = (heard: InspectionEvent): void => {
    if (heard.type !== '@xstate.microstep' && heard.type !== '@xstate.snapshot') return;
    const { snapshot, actorRef } = heard;
    if (!('_nodes' in snapshot)) return;
    const nodes = snapshot._nodes as readonly Node[];
    if (heard.type === '@xstate.microstep') {
      this.#tried(this.#nodes.get(actorRef) ?? [], heard.event.type, heard._transitions as readonly Transition[]);
      for (const { id } of nodes) this.#see(this.#states, id);
      this.#nodes.set(actorRef, nodes);
    } else if (snapshot.status === 'active') {
      // It has come to rest: whatever needs no event has said no.
      for (const node of nodes) for (const candidate of candidatesOf(node, ALWAYS)) this.#refused(candidate);
    }
  };

  /** What nobody has walked yet. */
  missing(): readonly string[] {
    const unseen = (seen: ReadonlyMap<string, boolean>): readonly string[] => [...seen].flatMap(([name, isSeen]) => (isSeen ? [] : [name]));
    return [
      ...unseen(this.#states).map((name) => `state ${name}`),
      ...unseen(this.#transitions).map((name) => `transition ${name}`),
      ...unseen(this.#refusals).map((name) => `refusal ${name}`),
    ];
  }

  counts(): string {
    const share = (seen: ReadonlyMap<string, boolean>): string => `${[...seen.values()].filter(Boolean).length} of ${seen.size}`;
    return `states ${share(this.#states)}, transitions ${share(this.#transitions)}, guards refused ${share(this.#refusals)}`;
  }

  /** Prints the counts and what is missing. */
  print(): void {
    process.stdout.write(`\nwalked: ${this.counts()}\n${this.missing().map((name) => `  not yet: ${name}\n`).join('')}`);
  }

  /** Candidates are tried from the innermost state outwards, each state's in order, until one is taken. */
  #tried(nodes: readonly Node[], eventType: string, taken: readonly Transition[]): void {
    for (const transition of taken) {
      this.#see(this.#transitions, nameOf(transition));
      for (const rival of candidatesOf(transition.source, transition.eventType)) {
        if (rival === transition) break;
        this.#refused(rival);
      }
    }
    const [first] = taken;
    if (first !== undefined && first.eventType !== eventType) return;
    for (const node of nodes) {
      if (first === undefined || node.id.startsWith(`${first.source.id}.`)) for (const candidate of candidatesOf(node, eventType)) this.#refused(candidate);
    }
  }

  #refused(candidate: Transition): void {
    if (candidate.guard !== undefined) this.#see(this.#refusals, nameOf(candidate));
  }

  #see(all: Map<string, boolean>, name: string): void {
    if (all.has(name)) all.set(name, true);
  }

  #add(node: Node): void {
    this.#states.set(node.id, false);
    const candidates = [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
    for (const transition of candidates) {
      this.#transitions.set(nameOf(transition), false);
      if (transition.guard !== undefined) this.#refusals.set(nameOf(transition), false);
    }
    for (const child of Object.values(node.states)) this.#add(child);
  }
}
