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

function guardName(guard: unknown): string {
  if (typeof guard === 'string') return guard;
  return typeof guard === 'object' && guard !== null && 'type' in guard ? String(guard.type) : 'a guard';
}

/** All candidates for the event of a transition, in their order. */
const rivalsOf = ({ source, eventType }: Transition): readonly Transition[] => (eventType === '' ? source.always : source.transitions.get(eventType)) ?? [];

function nameOf(transition: Transition): string {
  const { source, eventType, guard, target } = transition;
  const place = rivalsOf(transition).indexOf(transition) + 1;
  const targets = target?.map(({ id }) => id).join(', ') ?? 'itself';
  return `${source.id} on ${eventType === '' ? 'always' : eventType} (${place}${guard === undefined ? '' : `, if ${guardName(guard)}`}) to ${targets}`;
}

export class Coverage {
  readonly #states = new Map<string, boolean>();
  readonly #transitions = new Map<string, boolean>();
  /** Guarded candidates that others come after, by whether one of those was taken instead. */
  readonly #refusals = new Map<string, boolean>();

  /** All that can be walked in this machine. */
  add(machine: AnyStateMachine): void {
    this.#addNode(machine.root as Node);
  }

  /** To be given to an actor as `inspect`. */
  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep') return;
    const { snapshot } = event;
    if ('_nodes' in snapshot) for (const { id } of snapshot._nodes as readonly Node[]) this.#see(this.#states, id);
    for (const taken of event._transitions as readonly Transition[]) {
      this.#see(this.#transitions, nameOf(taken));
      for (const rival of rivalsOf(taken)) {
        if (rival === taken) break;
        this.#see(this.#refusals, nameOf(rival));
      }
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

  #see(all: Map<string, boolean>, name: string): void {
    if (all.has(name)) all.set(name, true);
  }

  #addNode(node: Node): void {
    this.#states.set(node.id, false);
    for (const rivals of [...node.transitions.values(), ...(node.always === undefined ? [] : [node.always])]) {
      for (const transition of rivals) {
        this.#transitions.set(nameOf(transition), false);
        if (transition.guard !== undefined && transition !== rivals.at(-1)) this.#refusals.set(nameOf(transition), false);
      }
    }
    for (const child of Object.values(node.states)) this.#addNode(child);
  }
}
