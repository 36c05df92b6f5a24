/**
 * Lays a chart out: nested states as boxes, transitions as arrows that meet them at right angles, their labels where
 * nothing else is. Pure: the same chart gives the same drawing. The layout is layered (Sugiyama, Tagawa, Toda 1981:
 * "Methods for Visual Understanding of Hierarchical System Structures"), as the Eclipse Layout Kernel does it.
 */
import type { ELK, ElkEdgeSection, ElkExtendedEdge, ElkLabel, ElkNode } from 'elkjs/lib/elk-api.js';
import { arrowText, statesOf } from './chart.ts';
import type { Chart, ChartArrow, ChartState } from './chart.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Area extends Point {
  readonly width: number;
  readonly height: number;
}

/** All places are in CSS pixels from the drawing's upper left corner. */
export interface StateBox extends Area {
  readonly state: ChartState;
  /** How many states it lies in: the machine itself is 0. */
  readonly depth: number;
  /** Small lines under its name: what it invokes and what it answers without being left. */
  readonly lines: readonly string[];
}

/** A line of an arrow's label, and the transition that it names. */
export interface LabelLine {
  readonly text: string;
  readonly transition: ChartArrow;
}

/** Transitions that lead from one place to the same state: one arrow, a line of text for each. */
export interface DrawnArrow {
  readonly id: string;
  readonly transitions: readonly ChartArrow[];
  readonly points: readonly Point[];
  readonly label: Area | null;
  readonly lines: readonly LabelLine[];
}

/** Where a compound state begins, or what stands for "any of the states in here". */
export interface Mark extends Area {
  readonly kind: 'initial' | 'any';
  readonly path: string;
}

export interface ChartLayout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly StateBox[];
  readonly arrows: readonly DrawnArrow[];
  readonly marks: readonly Mark[];
}

/** Type sizes of the drawing; whoever draws uses the same, so that what is written fits its box. */
export const CHART_TYPE = { titlePx: 13, linePx: 11, titleHeight: 24, lineHeight: 15, labelPadX: 6 } as const;

/** Lines of what a state answers; a box is no list. */
const HANDLES_MAX = 4;
const NARROW = new Set('fijlrtI.,:;|!\'()[] ');
const WIDE = new Set('mwMW@%');

/** Width of a text in a common sans-serif face: estimated, since a layout is made where there may be no screen. */
export function textWidth(text: string, fontPx: number): number {
  let ems = 0;
  for (const letter of text) ems += NARROW.has(letter) ? 0.34 : WIDE.has(letter) ? 0.86 : letter >= 'A' && letter <= 'Z' ? 0.68 : 0.575;
  return Math.ceil(ems * fontPx);
}

function linesOf(state: ChartState): readonly string[] {
  const shown = state.handles.length > HANDLES_MAX ? [...state.handles.slice(0, HANDLES_MAX - 1), `… ${state.handles.length - HANDLES_MAX + 1} more`] : state.handles;
  // What the machine answers anywhere is told beside the drawing: it would be a list as long as the chart is high.
  return [...state.invokes.map((name) => `runs ${name}`), ...(state.path === '' ? [] : shown)];
}

const idOf = (path: string): string => `state:${path}`;
const anyIdOf = (path: string): string => `any:${path}`;
const initialIdOf = (path: string): string => `initial:${path}`;
const isWithin = (path: string, outer: string): boolean => outer === '' || path === outer || path.startsWith(`${outer}.`);

/** Paths of the states that hold others and are led into from themselves: such an arrow starts at a mark inside, "from any of these". */
const anyPathsOf = ({ root, arrows }: Chart): ReadonlySet<string> => {
  const holders = new Set(statesOf(root).flatMap(({ path, children }) => (children.length > 0 ? [path] : [])));
  return new Set(arrows.flatMap(({ from, to }) => (isWithin(to, from) && holders.has(from) ? [from] : [])));
};
const sourceIdOf = ({ from, to }: ChartArrow, anyPaths: ReadonlySet<string>): string => (isWithin(to, from) && anyPaths.has(from) ? anyIdOf(from) : idOf(from));

/**
 * Chosen by trying: of the engine's ways through these machines, the one with the shortest arrows. Every state that
 * holds others is told, since a state inherits none of them.
 */
const LAYOUT_OPTIONS: Readonly<Record<string, string>> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.spacing.nodeNode': '20',
  'elk.spacing.edgeNode': '12',
  'elk.spacing.edgeEdge': '10',
  'elk.spacing.edgeLabel': '3',
  'elk.layered.spacing.nodeNodeBetweenLayers': '16',
  'elk.layered.spacing.edgeNodeBetweenLayers': '10',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.randomSeed': '1',
};

function nodeOf(state: ChartState, anyPaths: ReadonlySet<string>): ElkNode {
  const lines = linesOf(state);
  const { titlePx, linePx, titleHeight, lineHeight } = CHART_TYPE;
  const textHeight = titleHeight + lines.length * lineHeight;
  const width = Math.max(76, 28 + textWidth(state.key, titlePx) * 1.14, ...lines.map((line) => 22 + textWidth(line, linePx)));
  if (state.children.length === 0) return { id: idOf(state.path), width, height: textHeight + (lines.length > 0 ? 10 : 8) };
  const marks: ElkNode[] = state.initial === null ? [] : [{ id: initialIdOf(state.path), width: 10, height: 10 }];
  if (anyPaths.has(state.path)) marks.push({ id: anyIdOf(state.path), width: 62, height: 22 });
  return {
    id: idOf(state.path),
    layoutOptions: {
      ...LAYOUT_OPTIONS,
      'elk.padding': `[top=${textHeight + 16},left=16,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${width},${textHeight})`,
    },
    children: [...marks, ...state.children.map((child) => nodeOf(child, anyPaths))],
  };
}

/** Arrows between the same two places, as one. */
function bundlesOf(arrows: readonly ChartArrow[], anyPaths: ReadonlySet<string>): ReadonlyMap<string, readonly ChartArrow[]> {
  const bundles = new Map<string, ChartArrow[]>();
  for (const arrow of arrows) {
    const id = `${sourceIdOf(arrow, anyPaths)}→${arrow.to}`;
    const bundle = bundles.get(id);
    if (bundle === undefined) bundles.set(id, [arrow]);
    else bundle.push(arrow);
  }
  return bundles;
}

/** Longer labels than this are written in two lines: what is wide pushes everything else apart. */
const LABEL_WIDE_PX = 110;

/** The lines at an arrow; those of one transition lie together. */
const linesAt = (arrow: ChartArrow): readonly string[] =>
  arrow.guard === null || textWidth(arrowText(arrow), CHART_TYPE.linePx) <= LABEL_WIDE_PX ? [arrowText(arrow)] : [arrow.event, `[${arrow.guard}]`];

function labelLines(bundle: readonly ChartArrow[]): readonly LabelLine[] {
  const texts = new Set<string>();
  return bundle.flatMap((transition) => {
    // Several transitions may read the same, since a guard's parameters are not written.
    if (texts.has(arrowText(transition))) return [];
    texts.add(arrowText(transition));
    return linesAt(transition).map((text) => ({ text, transition }));
  });
}

function labelOf(lines: readonly LabelLine[]): ElkLabel {
  const { linePx, lineHeight, labelPadX } = CHART_TYPE;
  return {
    text: lines.map(({ text }) => text).join('\n'),
    width: Math.max(...lines.map(({ text }) => textWidth(text, linePx))) + 2 * labelPadX,
    height: lines.length * lineHeight + 2,
    layoutOptions: { 'elk.edgeLabels.placement': 'CENTER', 'elk.edgeLabels.inline': 'true' },
  };
}

function graphOf(chart: Chart, bundles: ReadonlyMap<string, readonly ChartArrow[]>, anyPaths: ReadonlySet<string>): ElkNode {
  const begins = statesOf(chart.root).flatMap((state) =>
    state.initial === null ? [] : [{ id: `begin:${state.path}`, sources: [initialIdOf(state.path)], targets: [idOf(state.initial)] }],
  );
  const edges = [...bundles].flatMap(([id, bundle]): ElkExtendedEdge[] => {
    const [first] = bundle;
    return first === undefined ? [] : [{ id, sources: [sourceIdOf(first, anyPaths)], targets: [idOf(first.to)], labels: [labelOf(labelLines(bundle))] }];
  });
  return { id: 'drawing', layoutOptions: { ...LAYOUT_OPTIONS, 'elk.padding': '[top=4,left=4,bottom=4,right=4]' }, children: [nodeOf(chart.root, anyPaths)], edges: [...begins, ...edges] };
}

const areaOf = ({ x = 0, y = 0, width = 0, height = 0 }: { x?: number; y?: number; width?: number; height?: number }): Area => ({ x, y, width, height });

function pointsOf(sections: readonly ElkEdgeSection[] | undefined): readonly Point[] {
  return (sections ?? []).flatMap(({ startPoint, bendPoints, endPoint }) => [startPoint, ...(bendPoints ?? []), endPoint]).map(({ x, y }) => ({ x, y }));
}

/** Every node of a laid out graph by its id. */
function placesOf(node: ElkNode, places = new Map<string, Area>()): ReadonlyMap<string, Area> {
  places.set(node.id, areaOf(node));
  for (const child of node.children ?? []) placesOf(child, places);
  return places;
}

/** Lays a chart out with the given engine. Takes some hundred milliseconds the first time: lay out once and keep it. */
export async function layoutChart(elk: ELK, chart: Chart): Promise<ChartLayout> {
  const anyPaths = anyPathsOf(chart);
  const bundles = bundlesOf(chart.arrows, anyPaths);
  const drawn = await elk.layout(graphOf(chart, bundles, anyPaths));
  const places = placesOf(drawn);
  const boxes = statesOf(chart.root).map((state): StateBox => {
    const depth = state.path === '' ? 0 : state.path.split('.').length;
    return { ...(places.get(idOf(state.path)) ?? areaOf({})), state, depth, lines: linesOf(state) };
  });
  const marks = [...places].flatMap(([id, area]): Mark[] => {
    const kind = id.startsWith('initial:') ? 'initial' : id.startsWith('any:') ? 'any' : null;
    return kind === null ? [] : [{ ...area, kind, path: id.slice(kind.length + 1) }];
  });
  const arrows = (drawn.edges ?? []).map(({ id, sections, labels }): DrawnArrow => {
    const bundle = bundles.get(id) ?? [];
    const [label] = labels ?? [];
    return { id, transitions: bundle, points: pointsOf(sections), label: label === undefined ? null : areaOf(label), lines: labelLines(bundle) };
  });
  return { width: drawn.width ?? 0, height: drawn.height ?? 0, boxes, arrows, marks };
}
