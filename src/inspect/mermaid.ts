/** A machine as a Mermaid state diagram: https://mermaid.js.org/syntax/stateDiagram.html */
import type { AnyStateMachine, AnyStateNode } from 'xstate';

/** Mermaid's ids are words; the dots of a state's path become underscores. */
const idOf = (node: AnyStateNode): string => node.path.join('_');

/** The parts of a transition that a diagram names. */
interface Arrow {
  readonly eventType: string;
  readonly guard?: unknown;
  readonly target?: readonly AnyStateNode[] | undefined;
}

function guardName(guard: unknown): string | null {
  if (typeof guard === 'string') return guard;
  if (typeof guard !== 'object' || guard === null || !('type' in guard) || typeof guard.type !== 'string') return null;
  // A guard that is told what to look for is named with it.
  return guard.type;
}

/** `xstate.after.answerTimeout.segment.leased` reads "after answerTimeout". */
function eventName(eventType: string): string {
  if (eventType === '') return 'always';
  const after = /^xstate\.after\.([^.]+)/u.exec(eventType);
  if (after?.[1] !== undefined) return `after ${after[1]}`;
  if (eventType.startsWith('xstate.done.actor')) return 'done';
  if (eventType.startsWith('xstate.error.actor')) return 'error';
  return eventType;
}

function labelOf({ eventType, guard }: Arrow): string {
  const name = guardName(guard);
  return name === null ? eventName(eventType) : `${eventName(eventType)} [${name}]`;
}

function arrowsOf(node: AnyStateNode): readonly Arrow[] {
  return [...node.transitions.values(), node.always ?? []].flat();
}

/** Transitions of the whole machine and of its compound states are drawn from their border. */
function linesOf(node: AnyStateNode, indent: string): string[] {
  const children = Object.values(node.states);
  const initial = node.initial?.target[0];
  const lines: string[] = [];
  if (initial !== undefined && children.length > 0) lines.push(`${indent}[*] --> ${idOf(initial)}`);
  for (const child of children) {
    const isCompound = Object.keys(child.states).length > 0;
    lines.push(isCompound ? `${indent}state "${child.key}" as ${idOf(child)} {` : `${indent}state "${child.key}" as ${idOf(child)}`);
    if (isCompound) lines.push(...linesOf(child, `${indent}  `), `${indent}}`);
    for (const arrow of arrowsOf(child)) {
      for (const target of arrow.target ?? []) lines.push(`${indent}${idOf(child)} --> ${idOf(target)} : ${labelOf(arrow)}`);
    }
    if (child.type === 'final') lines.push(`${indent}${idOf(child)} --> [*]`);
  }
  return lines;
}

/** The diagram; what may happen in every state is drawn once, from a state called "anywhere". */
export function mermaidOf(machine: AnyStateMachine): string {
  const { root } = machine;
  const anywhere = arrowsOf(root).flatMap((arrow) => (arrow.target ?? []).map((target) => `  anywhere --> ${idOf(target)} : ${labelOf(arrow)}`));
  return ['---', `title: ${machine.id}`, '---', 'stateDiagram-v2', ...linesOf(root, '  '), ...anywhere, ''].join('\n');
}
