import { expect, test } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { MACHINE_ITERATIONS_MAX } from '../../src/base/bounds.ts';
import { MACHINES } from '../../src/inspect/machines.ts';
import { mermaidOf } from '../../src/inspect/mermaid.ts';
import { EVENT_SENTENCES } from '../../src/machines/events.ts';

const statesUnder = (node: AnyStateNode): AnyStateNode[] => Object.values(node.states).flatMap((child) => [child, ...statesUnder(child)]);

test.each(MACHINES.map((machine) => [machine.id, machine] as const))('the steps that the %s machine takes in one turn are bounded', (_, machine) => {
  expect(machine.config.options?.maxIterations).toBe(MACHINE_ITERATIONS_MAX);
});

test.each(MACHINES.map((machine) => [machine.id, machine] as const))('the diagram of the %s machine shows every state, each declared once', (_, machine) => {
  const diagram = mermaidOf(machine);
  for (const state of statesUnder(machine.root)) {
    const declared = diagram.split('\n').filter((line) => new RegExp(`^\\s*state "${state.key}" as ${state.path.join('_')}(?: \\{)?$`, 'u').test(line));
    expect(declared).toHaveLength(1);
  }
  expect(diagram.split('{').length).toBe(diagram.split('}').length);
});

test('every machine, and every state in which something can be waited for, says what it is', () => {
  for (const machine of MACHINES) {
    expect(machine.config.description, machine.id).toBeTruthy();
    for (const state of statesUnder(machine.root)) {
      const passesThrough = state.always !== undefined || state.invoke.length > 0;
      if (!passesThrough) expect(state.description, state.id).toBeTruthy();
    }
  }
});

test('every event that a machine of the download listens to has its sentence', () => {
  for (const machine of MACHINES.slice(0, 3)) {
    const events = machine.events.filter((event) => !event.startsWith('xstate.') && event !== '');
    expect(events.filter((event) => !(event in EVENT_SENTENCES))).toEqual([]);
  }
});

test('the states of a server and a segment carry the names that users see', () => {
  const names = (id: string): string[] => {
    const machine = MACHINES.find((each) => each.id === id);
    return machine === undefined ? [] : statesUnder(machine.root).map((state) => state.key);
  };
  expect(names('server')).toEqual(['connecting', 'ready', 'downloading', 'failed', 'quarantined', 'retired', 'done']);
  expect(names('segment')).toEqual(expect.arrayContaining(['connecting', 'downloading', 'failed', 'reassigned', 'done']));
  expect(names('coordinator')).toEqual(expect.arrayContaining(['discovering', 'planning', 'transferring', 'verifying', 'publishing', 'done', 'paused', 'failed']));
});
