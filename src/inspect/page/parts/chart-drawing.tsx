/** A statechart as SVG: states as boxes in boxes, the present ones lit, the arrows just taken flashing. */
import { memo } from 'react';
import type { ReactNode } from 'react';
import { CHART_TYPE } from '../../chart-layout.ts';
import type { ChartLayout, DrawnArrow, Mark, Point, StateBox } from '../../chart-layout.ts';
import { arrowText } from '../../chart.ts';
import type { ChartArrow } from '../../chart.ts';
import { isWithin } from '../story/state-paths.ts';
import { toneOf } from '../story/tones.ts';

const CORNER_PX = 7;

/** A line through these points, its corners rounded. */
function roundedPath(points: readonly Point[]): string {
  const [start, ...rest] = points;
  if (start === undefined) return '';
  let path = `M${start.x} ${start.y}`;
  for (const [index, corner] of rest.entries()) {
    const before = points[index] ?? start;
    const after = rest[index + 1];
    if (after === undefined) {
      path += `L${corner.x} ${corner.y}`;
      continue;
    }
    const into = towards(corner, before);
    const out = towards(corner, after);
    path += `L${into.x} ${into.y}Q${corner.x} ${corner.y} ${out.x} ${out.y}`;
  }
  return path;
}

/** The point a corner's radius away from it, or half-way where that is nearer. */
function towards(from: Point, to: Point): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y);
  if (length === 0) return from;
  const share = Math.min(CORNER_PX, length / 2) / length;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

type Lit = 'here' | 'around' | 'no';

const Box = memo(function Box({ box, lit }: { readonly box: StateBox; readonly lit: Lit }): ReactNode {
  const { state, x, y, width, height, lines } = box;
  const { titleHeight, lineHeight } = CHART_TYPE;
  return (
    <g className="state" data-lit={lit} data-kind={state.kind} data-tone={toneOf(state.key)} data-state={state.path}>
      <title>{state.description === '' ? state.key : `${state.key}: ${state.description}`}</title>
      <rect x={x} y={y} width={width} height={height} rx={9} />
      {state.kind === 'final' ? <rect className="inner" x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx={6.5} /> : null}
      <text className="state-name" x={x + 12} y={y + titleHeight - 6}>
        {state.key}
      </text>
      {lines.map((line, index) => (
        <text key={line} className="state-line" x={x + 12} y={y + titleHeight + (index + 1) * lineHeight - 3}>
          {line}
        </text>
      ))}
    </g>
  );
});

const MarkShape = memo(function MarkShape({ mark }: { readonly mark: Mark }): ReactNode {
  const { x, y, width, height } = mark;
  if (mark.kind === 'initial') return <circle className="initial" cx={x + width / 2} cy={y + height / 2} r={width / 2} />;
  return (
    <g className="any">
      <title>From any of the states in here</title>
      <rect x={x} y={y} width={width} height={height} rx={height / 2} />
      <text x={x + width / 2} y={y + height / 2 + 4}>
        any state
      </text>
    </g>
  );
});

const Arrow = memo(function Arrow({ arrow, taken }: { readonly arrow: DrawnArrow; readonly taken: boolean }): ReactNode {
  return <path className="arrow" data-taken={taken} d={roundedPath(arrow.points)} markerEnd={taken ? 'url(#head-taken)' : 'url(#head)'} />;
});

const Label = memo(function Label({ arrow, taken }: { readonly arrow: DrawnArrow; readonly taken: readonly ChartArrow[] }): ReactNode {
  const { label, lines } = arrow;
  if (label === null) return null;
  const isTaken = (transition: ChartArrow): boolean => taken.some((one) => arrowText(one) === arrowText(transition));
  return (
    <g className="label" data-taken={taken.length > 0}>
      <rect x={label.x} y={label.y} width={label.width} height={label.height} rx={4} />
      {lines.map(({ text, transition }, index) => (
        <text key={`${arrowText(transition)} ${text}`} data-taken={isTaken(transition)} x={label.x + label.width / 2} y={label.y + (index + 1) * CHART_TYPE.lineHeight - 3}>
          {text}
        </text>
      ))}
    </g>
  );
});

interface ChartDrawingProps {
  readonly layout: ChartLayout;
  readonly scale: number;
  readonly active: readonly string[];
  readonly taken: readonly ChartArrow[];
  /** Another one for each change of state, so that the same arrow flashes again. */
  readonly flash: number;
}

const NONE: readonly ChartArrow[] = [];

export function ChartDrawing({ layout, scale, active, taken, flash }: ChartDrawingProps): ReactNode {
  const litOf = (path: string): Lit => (active.includes(path) ? 'here' : active.some((leaf) => isWithin(leaf, path)) ? 'around' : 'no');
  const takenIn = ({ transitions }: DrawnArrow): readonly ChartArrow[] => {
    const those = transitions.filter((transition) => taken.includes(transition));
    return those.length === 0 ? NONE : those;
  };
  // What was taken is drawn last, over the others.
  const arrows = layout.arrows.map((arrow) => ({ arrow, took: takenIn(arrow) })).toSorted((a, b) => a.took.length - b.took.length);
  return (
    <svg className="chart" role="img" aria-label={`State: ${active.join(', ')}`} width={layout.width * scale} height={layout.height * scale} viewBox={`0 0 ${layout.width} ${layout.height}`}>
      <defs>
        {['head', 'head-taken'].map((id) => (
          <marker key={id} id={id} className={id} viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto-start-reverse">
            <path d="M0 0.5L8 4L0 7.5Z" />
          </marker>
        ))}
      </defs>
      {layout.boxes.map((box) => (
        <Box key={box.state.path} box={box} lit={litOf(box.state.path)} />
      ))}
      {layout.marks.map((mark) => (
        <MarkShape key={`${mark.kind} ${mark.path}`} mark={mark} />
      ))}
      {arrows.map(({ arrow, took }) => (
        <Arrow key={arrow.id} arrow={arrow} taken={took.length > 0} />
      ))}
      {arrows.map(({ arrow, took }) => (took.length === 0 ? null : <path key={`${arrow.id} ${flash}`} className="flash" d={roundedPath(arrow.points)} />))}
      {arrows.map(({ arrow, took }) => (
        <Label key={arrow.id} arrow={arrow} taken={took} />
      ))}
    </svg>
  );
}
