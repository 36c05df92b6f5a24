import Elk from 'elkjs/lib/elk.bundled.js';
import { describe, expect, test } from 'vitest';
import type { AnyStateNode } from 'xstate';
import { chartOf, statesOf } from '../../src/inspect/chart.ts';
import type { Chart, ChartArrow } from '../../src/inspect/chart.ts';
import { layoutChart } from '../../src/inspect/chart-layout.ts';
import type { Area, ChartLayout, StateBox } from '../../src/inspect/chart-layout.ts';
import { MACHINES } from '../../src/inspect/machines.ts';

const elk = new Elk.default();

const isInside = (inner: Area, outer: Area): boolean =>
  inner.x >= outer.x && inner.y >= outer.y && inner.x + inner.width <= outer.x + outer.width && inner.y + inner.height <= outer.y + outer.height;
const meet = (a: Area, b: Area): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const parentPath = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('.')));

const statesUnder = (node: AnyStateNode): readonly AnyStateNode[] => [node, ...Object.values(node.states).flatMap(statesUnder)];

describe.each(MACHINES.map((machine) => [machine.id, machine] as const))('the chart of the %s machine', (_, machine) => {
  const drawn = async (): Promise<{ readonly chart: Chart; readonly layout: ChartLayout }> => {
    const chart = chartOf(JSON.stringify(machine.config));
    if (chart === null) throw new Error('There is no chart.');
    return { chart, layout: await layoutChart(elk, chart) };
  };

  test('has every transition that xstate itself knows', async () => {
    const { chart } = await drawn();
    const known = statesUnder(machine.root).flatMap((node) =>
      [...node.transitions.values(), node.always ?? []].flat().flatMap(({ target }) => (target ?? []).map((to) => `${node.path.join('.')} → ${to.path.join('.')}`)),
    );
    expect(chart.arrows.map(({ from, to }) => `${from} → ${to}`).toSorted()).toEqual(known.toSorted());
  });

  test('is drawn with every state in its parent, and none over another', async () => {
    const { chart, layout } = await drawn();
    const boxes = new Map(layout.boxes.map((box) => [box.state.path, box]));
    expect([...boxes.keys()]).toEqual(statesOf(chart.root).map(({ path }) => path));
    const beside = (a: StateBox, b: StateBox): boolean => a !== b && parentPath(a.state.path) === parentPath(b.state.path) && a.state.path !== '' && b.state.path !== '';
    for (const box of boxes.values()) {
      const parent = boxes.get(parentPath(box.state.path));
      if (parent !== undefined && parent !== box) expect(isInside(box, parent), box.state.path).toBe(true);
      for (const other of boxes.values()) if (beside(box, other)) expect(meet(box, other), `${box.state.path} and ${other.state.path}`).toBe(false);
      expect(isInside(box, { x: 0, y: 0, width: layout.width, height: layout.height })).toBe(true);
    }
  });

  test('has an arrow for every transition, that ends at its state and carries its words', async () => {
    const { chart, layout } = await drawn();
    const boxes = new Map(layout.boxes.map((box) => [box.state.path, box]));
    const written = (arrows: readonly ChartArrow[]): readonly string[] => arrows.map((arrow) => JSON.stringify(arrow)).toSorted();
    expect(written(layout.arrows.flatMap(({ transitions }) => transitions))).toEqual(written(chart.arrows));
    for (const { transitions, points, lines, label } of layout.arrows) {
      const end = points.at(-1);
      const target = boxes.get(transitions[0]?.to ?? '?');
      if (transitions.length === 0) continue;
      const isAtEdge = end !== undefined && target !== undefined && meet({ x: end.x - 1, y: end.y - 1, width: 2, height: 2 }, target);
      expect(isAtEdge, lines.map(({ text }) => text).join(', ')).toBe(true);
      expect(label).not.toBeNull();
      for (const { event, guard } of transitions) expect(lines.map(({ text }) => text).join(' ')).toContain(guard === null ? event : `${event} [${guard}]`);
    }
  });
});

test.each(['', 'null', '[]', '{"id":"clock"}', '{"states":[]}', '{"id":"x","states"'])('what defines no machine has no chart: %s', (definition) => {
  expect(chartOf(definition)).toBeNull();
});

test('a definition that refers to itself, to nothing, or is endlessly deep is read all the same', () => {
  let deep: object = {};
  for (let level = 0; level < 200; level += 1) deep = { initial: 'a', states: { a: deep } };
  const chart = chartOf(JSON.stringify({ id: 'odd', initial: 'gone', states: { a: { on: { x: '#nowhere', y: 'beside', z: '.below', w: 7, v: 'a' } }, deep } }));
  expect(chart?.arrows).toEqual([{ from: 'a', to: 'a', event: 'v', eventType: 'v', guard: null }]);
  expect(chart === null ? 0 : statesOf(chart.root).length).toBeLessThan(20);
});
