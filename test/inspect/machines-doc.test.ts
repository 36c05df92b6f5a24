import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { machineDocs } from '../../scripts/machines-doc.ts';
import type { AnyStateNode } from 'xstate';
import { MACHINES } from '../../src/inspect/machines.ts';

const ROOT = join(import.meta.dirname, '../..');
const MACHINE_FILES = join(ROOT, 'src/machines');

const statesUnder = (node: AnyStateNode): AnyStateNode[] => Object.values(node.states).flatMap((child) => [child, ...statesUnder(child)]);

const count = (text: string, what: RegExp): number => text.match(what)?.length ?? 0;

test('docs/machines.md and its drawings show the machines as they are; where not, run: npm run charts', async () => {
  for (const [path, text] of await machineDocs()) expect(await readFile(join(ROOT, path), 'utf8'), path).toBe(text);
});

test('every machine is drawn with all its states, and they hide nothing from one another', async () => {
  const docs = await machineDocs();
  const doc = docs.get('docs/machines.md') ?? '';
  for (const machine of MACHINES) {
    const drawing = docs.get(`docs/pictures/machine-${machine.id}.svg`) ?? '';
    expect(doc).toContain(`pictures/machine-${machine.id}.svg`);
    for (const { path } of statesUnder(machine.root)) expect(drawing, `${machine.id} ${path.join('.')}`).toContain(`data-state="${path.join('.')}"`);
  }
});

test('each machine’s source is one literal in one file, as Stately Studio takes it', async () => {
  const sources = await Promise.all((await readdir(MACHINE_FILES)).filter((name) => name.endsWith('.ts')).map(async (name) => [name, await readFile(join(MACHINE_FILES, name), 'utf8')] as const));
  const withMachine = sources.filter(([, text]) => /createMachine\(|\bsetup\(/u.test(text));
  expect(withMachine).toHaveLength(MACHINES.length);
  for (const [name, text] of withMachine) {
    expect({ name, setups: count(text, /\bsetup\(\{/gu), machines: count(text, /^\}\)\.createMachine\(\{$/gmu) }).toEqual({ name, setups: 1, machines: 1 });
    // Between its braces stands no call that would have to be run first, and nothing is spread into it.
    const literal = text.slice(text.indexOf('.createMachine({'));
    expect(count(literal, /^\s*\.\.\./gmu), name).toBe(0);
  }
});
