/** What docs/machines.md and its drawings say, made from the machines themselves. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { ELK } from 'elkjs/lib/elk-api.js';
import bundledElk from 'elkjs/lib/elk.bundled.js';
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { chartOf } from '../src/inspect/chart.ts';
import { layoutChart } from '../src/inspect/chart-layout.ts';
import { definitionText } from '../src/inspect/definition.ts';
import { MACHINES } from '../src/inspect/machines.ts';
import { ChartDrawing } from '../src/inspect/page/parts/chart-drawing.tsx';
import { EVENT_SENTENCES } from '../src/machines/events.ts';

/** Where each machine is written. */
const SOURCES: Readonly<Record<string, string>> = {
  coordinator: 'src/machines/coordinator.ts',
  server: 'src/machines/server.ts',
  segment: 'src/machines/segment.ts',
  farm: 'src/machines/farm.ts',
  farmServer: 'src/machines/farm-server.ts',
};

/** The drawing stands on a page whose colours are not ours: it brings its own, for light and for dark. */
const STYLE = `
svg { --ink: #22252a; --quiet: #6a6e75; --line: #b9bbbe; --panel: #fdfdfb; --sunk: #f4f3ef; font: 11px system-ui, -apple-system, 'Segoe UI', 'Helvetica Neue', 'Noto Sans', 'DejaVu Sans', sans-serif }
@media (prefers-color-scheme: dark) { svg { --ink: #e4e6e9; --quiet: #949aa3; --line: #565b63; --panel: #1b1e22; --sunk: #212429 } }
text { fill: var(--ink) }
.state rect { fill: var(--panel); stroke: var(--line); stroke-width: 1.2 }
.state[data-kind=compound] rect { fill: var(--sunk) }
.state .inner { fill: none; stroke-width: 0.8 }
.state-name { font-size: 13px; font-weight: 600 }
.state-line, .any text { fill: var(--quiet) }
.initial { fill: var(--ink) }
.any rect { fill: none; stroke: var(--quiet); stroke-dasharray: 3 3 }
.any text, .label text { text-anchor: middle }
.arrow { fill: none; stroke: var(--quiet); stroke-width: 1.2 }
.head path { fill: var(--quiet) }
.label rect { fill: var(--panel); opacity: 0.92 }
`;

/** CommonJS: what Node imports of it is the class itself, whatever its types say. */
const Elk = bundledElk as unknown as new () => ELK;

async function drawingOf(machine: AnyStateMachine): Promise<string> {
  const chart = chartOf(definitionText(machine.config));
  if (chart === null) throw new Error(`The machine ${machine.id} cannot be drawn.`);
  const layout = await layoutChart(new Elk(), chart);
  const drawn = renderToStaticMarkup(createElement(ChartDrawing, { layout, scale: 1, active: [], taken: [], flash: 0 }));
  return `${drawn
    .replace(/^<svg[^>]*>/u, `<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="The machine ${machine.id}" viewBox="0 0 ${layout.width} ${layout.height}" width="${layout.width}" height="${layout.height}"><style>${STYLE}</style>`)
    .replaceAll(/<(?=g |path |circle |defs)/gu, '\n<')}\n`;
}

function stateLines(node: AnyStateNode, depth: number): readonly string[] {
  return Object.values(node.states).flatMap((state) => {
    const says = state.description === undefined ? '' : `: ${state.description}`;
    return [`${'  '.repeat(depth)}- **${state.key}**${says}`, ...stateLines(state, depth + 1)];
  });
}

const drawingPath = (machine: AnyStateMachine): string => `docs/pictures/machine-${machine.id}.svg`;

function sectionOf(machine: AnyStateMachine): string {
  const source = SOURCES[machine.id] ?? '';
  return `## ${machine.id}

${machine.config.description ?? ''} Written in [${source}](../${source}).

![The machine ${machine.id}](${drawingPath(machine).replace('docs/', '')})

${stateLines(machine.root, 0).join('\n')}
`;
}

const HEAD = `# The machines

Drawn from the code by \`npm run charts\`; a test sees to it that they are up to date. The same charts, with the present
state lit, are in the inspector: \`plait get --inspect …\`. \`plait machines\` prints them as Mermaid, and with
\`--format json\` as JSON. Each machine is one \`setup().createMachine()\` in a file of its own, which Stately Studio and its
editor can import as it stands.

An arrow that starts at "any state" may be taken from every state in its frame. What a box answers without being left is
listed in it; what the whole machine answers in any state is in its source.
`;

const eventsSection = (): string => `## The events of a download

Past tense for facts, imperative for orders. Bytes never ride in one.

${Object.entries(EVENT_SENTENCES)
  .map(([type, sentence]) => `- \`${type}\`: ${sentence}`)
  .join('\n')}
`;

/** Every file, by its path from the project's root. */
export async function machineDocs(): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  for (const machine of MACHINES) files.set(drawingPath(machine), await drawingOf(machine));
  files.set('docs/machines.md', [HEAD, ...MACHINES.map(sectionOf), eventsSection()].join('\n'));
  return files;
}
