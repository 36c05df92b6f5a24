/** The chosen actor's machine, drawn, with what it is in and how it came there. */
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { statesOf } from '../../chart.ts';
import type { Chart } from '../../chart.ts';
import { useChart } from '../charts.ts';
import type { DrawnChart } from '../charts.ts';
import { useSize } from '../size.ts';
import { arrowsTaken } from '../story/taken.ts';
import { sinceStart } from '../story/times.ts';
import { shownState } from '../story/tree.ts';
import type { ActorRow } from '../story/world.ts';
import { ChartDrawing } from './chart-drawing.tsx';
import { StateChip } from './state-chip.tsx';

/** Smaller, nobody can read it: then the drawing is larger than its panel and goes along with the lit state. */
const READABLE_SCALE = 0.8;
const SCALE_MAX = 1.6;

type Zoom = 'follow' | 'fit' | number;

function scaleFor(zoom: Zoom, fit: number): number {
  if (zoom === 'fit') return Math.min(fit, SCALE_MAX);
  return zoom === 'follow' ? Math.min(1, Math.max(fit, READABLE_SCALE)) : zoom;
}

function ChartView({ drawn, row }: { readonly drawn: DrawnChart; readonly row: ActorRow }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const [zoom, setZoom] = useState<Zoom>('follow');
  const { chart, layout } = drawn;
  const { change, states } = row;
  const taken = useMemo(() => arrowsTaken(chart, change.taken), [chart, change]);

  const fit = Math.min((size.width - 24) / layout.width, (size.height - 24) / layout.height);
  const scale = Math.max(0.1, scaleFor(zoom, fit));

  useLayoutEffect(() => {
    const element = box.current;
    const lit = layout.boxes.find(({ state }) => state.path === states[0]);
    if (element === null || lit === undefined || typeof zoom === 'number') return;
    const middle = { x: (lit.x + lit.width / 2) * scale + 12, y: (lit.y + lit.height / 2) * scale + 12 };
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    element.scrollTo({ left: middle.x - size.width / 2, top: middle.y - size.height / 2, behavior: calm ? 'instant' : 'smooth' });
  }, [layout, states, scale, size, zoom]);

  return (
    <>
      <div ref={box} className="chart-scroll" tabIndex={0} aria-label="The statechart; scroll with the arrow keys">
        <ChartDrawing layout={layout} scale={scale} active={states} taken={taken} flash={change.number} />
      </div>
      <div className="chart-tools" role="group" aria-label="Size of the drawing">
        <button type="button" aria-pressed={zoom === 'follow'} onClick={() => setZoom('follow')} title="Readable, and going along with the lit state">
          follow
        </button>
        <button type="button" aria-pressed={zoom === 'fit'} onClick={() => setZoom('fit')} title="The whole machine">
          fit
        </button>
        <button type="button" aria-label="Smaller" onClick={() => setZoom(Math.max(0.2, scale / 1.25))}>
          −
        </button>
        <button type="button" aria-label="Larger" onClick={() => setZoom(Math.min(3, scale * 1.25))}>
          +
        </button>
      </div>
    </>
  );
}

/** The sentence on the innermost state that has one. */
function sentenceOn(chart: Chart, states: readonly string[]): string {
  const described = new Map(statesOf(chart.root).map(({ path, description }) => [path, description]));
  const [path = ''] = states;
  return described.get(path) || described.get(path.slice(0, Math.max(0, path.lastIndexOf('.')))) || '';
}

interface ChartPanelProps {
  /** As it stands at the shown moment; null where it is not there then. */
  readonly row: ActorRow | null;
  /** The chosen actor where it comes later than the shown moment. */
  readonly later: ActorRow | null;
  /** When the present state began, in words. */
  readonly changedAt: string;
}

/** Why no chart is drawn. */
function whyNone(row: ActorRow | null, later: ActorRow | null, isDrawing: boolean): string {
  if (later !== null) return `It is not there yet: it begins at ${sinceStart(later.bornAtMs)}.`;
  if (row === null) return 'Choose an actor on the left.';
  return isDrawing ? 'Drawing…' : 'This actor is no machine: a promise or a callback, which has no chart.';
}

export function ChartPanel({ row, later, changedAt }: ChartPanelProps): ReactNode {
  const drawn = useChart(row?.definition ?? '');
  const answers = drawn?.chart.root.handles ?? [];
  return (
    <section className="panel machine" aria-label="Statechart">
      <header className="panel-head">
        <h2>{row?.name ?? later?.name ?? 'No actor'}</h2>
        {row === null ? null : <StateChip state={shownState(row)} />}
        <span className="quiet state-path">{row === null || row.states[0] === shownState(row) ? '' : row.states.join(' · ')}</span>
        {row === null ? null : (
          <span className="cause" title="What led to the present state">
            <span className="quiet">by</span> {row.change.eventType} <span className="quiet">{changedAt}</span>
          </span>
        )}
      </header>
      {drawn === undefined || drawn === null || row === null ? (
        <p className="nothing">{whyNone(row, later, drawn === undefined)}</p>
      ) : (
        <>
          <p className="sentence">{sentenceOn(drawn.chart, row.states)}</p>
          <div className="chart-box">
            <ChartView key={row.definition} drawn={drawn} row={row} />
          </div>
          {answers.length === 0 ? null : (
            <p className="answers">
              <span className="quiet">In any state it answers </span>
              {answers.map((event) => (
                <span key={row.lastEvent?.type === event ? `${event} ${row.lastEvent.number}` : event} className="answer" data-now={row.lastEvent?.type === event}>
                  {event}
                </span>
              ))}
            </p>
          )}
        </>
      )}
    </section>
  );
}
