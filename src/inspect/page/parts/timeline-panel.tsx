/** The timeline: a lane for each server, its segments as bars, decisions as marks; zoomed, moved, clicked. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, ReactNode } from 'react';
import type { Bar } from '../story/bars.ts';
import type { Story } from '../story/story.ts';
import { howLong } from '../story/times.ts';
import { toneOf } from '../story/tones.ts';
import { shownState } from '../story/tree.ts';
import { isServer } from '../story/world.ts';
import type { ActorRow, World } from '../story/world.ts';
import { AXIS_PX, barAt, drawTimeline, stacked } from '../timeline-canvas.ts';
import type { TimelineLane, TimelineSight } from '../timeline-canvas.ts';
import { useInks } from '../inks.ts';
import { shownWords, TimelineMarks } from './timeline-marks.tsx';

interface Window {
  readonly fromMs: number;
  readonly toMs: number;
}

interface TimelinePanelProps {
  readonly story: Story;
  readonly world: World;
  readonly position: number;
  readonly chosenId: string | null;
  readonly onChoose: (actorId: string) => void;
  readonly onGoTo: (number: number) => void;
}

const SHORTEST_MS = 20;
/** A press that moves less than this is a click. */
const CLICK_PX = 4;

/** The number by which segments name a server; a farm's servers have none. */
function mirrorIdOf({ name, machineId }: ActorRow): number | null {
  const digits = machineId === 'server' ? /-(\d+)$/u.exec(name)?.[1] : undefined;
  return digits === undefined ? null : Number(digits);
}

const barsOf = (story: Story, row: ActorRow): Pick<TimelineLane, 'id' | 'states' | 'segments'> => {
  const mirrorId = mirrorIdOf(row);
  return { id: row.id, states: story.bars.servers.get(row.id), segments: mirrorId === null ? undefined : story.bars.mirrors.get(mirrorId) };
};

/** A stretch of time that was zoomed or moved, kept within what there is. */
function within(wanted: Window, endMs: number): Window | null {
  const lengthMs = Math.max(SHORTEST_MS, wanted.toMs - wanted.fromMs);
  if (lengthMs >= endMs) return null;
  const fromMs = Math.min(Math.max(0, wanted.fromMs), endMs - lengthMs);
  return { fromMs, toMs: fromMs + lengthMs };
}

const zoomed = ({ fromMs, toMs }: Window, aboutMs: number, factor: number): Window => ({ fromMs: aboutMs - (aboutMs - fromMs) * factor, toMs: aboutMs + (toMs - aboutMs) * factor });
const moved = ({ fromMs, toMs }: Window, byMs: number): Window => ({ fromMs: fromMs + byMs, toMs: toMs + byMs });

function wordsOn(bar: Bar, endMs: number): string {
  const range = bar.start === null || bar.end === null ? '' : `, bytes ${bar.start.toLocaleString('en')} to ${bar.end.toLocaleString('en')}`;
  return `${bar.name} ${bar.state} for ${howLong((bar.toMs ?? endMs) - bar.fromMs)}${range}`;
}

export function TimelinePanel({ story, world, position, chosenId, onChoose, onGoTo }: TimelinePanelProps): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const press = useRef<{ readonly x: number; readonly window: Window; isDrag: boolean } | null>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [scrollTop, setScrollTop] = useState(0);
  const [chosenWindow, setWindow] = useState<Window | null>(null);
  const [tip, setTip] = useState<{ readonly x: number; readonly y: number; readonly text: string } | null>(null);
  const inks = useInks();
  const servers = [...world.actors.values()].filter(isServer);
  const { lanes, barPx } = stacked(servers.map((row) => barsOf(story, row)), size.height);
  const endMs = Math.max(1, story.now.atMs);
  const window = chosenWindow ?? { fromMs: 0, toMs: endMs };
  const sight: TimelineSight = { ...window, widthPx: size.width, heightPx: size.height, scrollTop, position, atMs: world.atMs, endMs, chosenId, isSegmentChosen: world.actors.get(chosenId ?? '')?.machineId === 'segment', barPx };
  const msAt = (x: number): number => window.fromMs + (x / Math.max(1, size.width)) * (window.toMs - window.fromMs);
  const show = (wanted: Window): void => setWindow(within(wanted, endMs));

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  useLayoutEffect(() => {
    const pen = canvas.current?.getContext('2d');
    if (pen === undefined || pen === null || canvas.current === null) return;
    const { width, height } = canvas.current;
    const ratio = devicePixelRatio;
    if (width !== Math.round(size.width * ratio) || height !== Math.round(size.height * ratio)) {
      canvas.current.width = Math.round(size.width * ratio);
      canvas.current.height = Math.round(size.height * ratio);
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawTimeline(pen, lanes, sight, inks);
  });

  const turn = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey) show(zoomed(window, msAt(event.offsetX), event.deltaY > 0 ? 1.25 : 0.8));
    else if (event.deltaX !== 0 || event.shiftKey) show(moved(window, msAt(event.deltaX === 0 ? event.deltaY : event.deltaX) - msAt(0)));
    else return;
    event.preventDefault();
  };
  // React listens to wheels passively, so that a zoom would scroll as well.
  useEffect(() => {
    const element = box.current;
    element?.addEventListener('wheel', turn, { passive: false });
    return () => element?.removeEventListener('wheel', turn);
  });

  const point = (event: PointerEvent): { readonly x: number; readonly y: number } => {
    const { left, top } = event.currentTarget.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  };
  const hover = (event: PointerEvent): void => {
    const { x, y } = point(event);
    const pressed = press.current;
    if (pressed !== null && (pressed.isDrag || Math.abs(x - pressed.x) > CLICK_PX)) {
      pressed.isDrag = true;
      show(moved(pressed.window, ((pressed.x - x) / Math.max(1, size.width)) * (pressed.window.toMs - pressed.window.fromMs)));
      setTip(null);
      return;
    }
    const bar = barAt(lanes, sight, x, y);
    setTip(bar === null ? null : { x, y, text: wordsOn(bar, endMs) });
  };
  const release = (event: PointerEvent): void => {
    const { x, y } = point(event);
    const wasDrag = press.current?.isDrag ?? true;
    press.current = null;
    if (wasDrag) return;
    const bar = barAt(lanes, sight, x, y);
    if (bar !== null) onChoose(bar.actorId);
    else if (y < AXIS_PX) onGoTo(story.numberAt(msAt(x)));
  };
  const onKey = (event: KeyboardEvent): void => {
    const aboutMs = Math.min(Math.max(world.atMs, window.fromMs), window.toMs);
    const stepMs = (window.toMs - window.fromMs) / 10;
    if (event.key === '+' || event.key === '=') show(zoomed(window, aboutMs, 0.7));
    else if (event.key === '-') show(zoomed(window, aboutMs, 1 / 0.7));
    else if (event.key === '0') setWindow(null);
    else if (event.key === 'ArrowLeft') show(moved(window, -stepMs));
    else if (event.key === 'ArrowRight') show(moved(window, stepMs));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const marks = shownWords(story.words, (atMs) => ((atMs - window.fromMs) / (window.toMs - window.fromMs)) * size.width, size.width);
  const allHeight = lanes.reduce((sum, { height }) => sum + height, 0) + AXIS_PX;
  return (
    <section className="panel timeline" aria-label="Timeline">
      <header className="panel-head">
        <h2>Timeline</h2>
        <span className="legend" aria-hidden="true">
          {['connecting', 'downloading', 'draining', 'failed'].map((state) => (
            <span key={state} data-tone={toneOf(state)}>
              {state}
            </span>
          ))}
        </span>
        <span className="spring" />
        <div className="tools" role="group" aria-label="Zoom">
          <button type="button" aria-label="Zoom out" onClick={() => show(zoomed(window, world.atMs, 1.5))}>
            −
          </button>
          <button type="button" aria-label="Zoom in" onClick={() => show(zoomed(window, world.atMs, 1 / 1.5))}>
            +
          </button>
          <button type="button" aria-pressed={chosenWindow === null} onClick={() => setWindow(null)}>
            all
          </button>
        </div>
      </header>
      <div className="timeline-body">
        <div className="lane-names" onWheel={({ deltaY }) => box.current?.scrollBy(0, deltaY)}>
          <span className="marks-name">decisions</span>
          <div className="lane-list" style={{ top: AXIS_PX - scrollTop }}>
            {servers.map((row, index) => (
              <button key={row.id} type="button" className="lane-name" data-chosen={row.id === chosenId} style={{ height: lanes[index]?.height }} onClick={() => onChoose(row.id)}>
                <span className="dot" data-tone={toneOf(shownState(row))} title={shownState(row)} />
                <span>{row.name}</span>
                <span className="quiet">{row.address}</span>
              </button>
            ))}
          </div>
        </div>
        <div className="timeline-right">
          <TimelineMarks marks={marks} position={position} onGoTo={onGoTo} />
          <div
            ref={box}
            className="timeline-scroll"
            role="group"
            aria-label="Segments at each server over time: plus and minus zoom, arrows move, 0 shows all. The tree holds the same actors."
            tabIndex={0}
            onKeyDown={onKey}
            onScroll={({ currentTarget }) => setScrollTop(currentTarget.scrollTop)}
          >
            <div style={{ height: allHeight }}>
              <canvas
                ref={canvas}
                className="timeline-canvas"
                style={{ width: size.width, height: size.height }}
                onPointerDown={(event) => {
                  press.current = { x: point(event).x, window, isDrag: false };
                  event.currentTarget.setPointerCapture(event.pointerId);
                }}
                onPointerMove={hover}
                onPointerUp={release}
                onPointerLeave={() => setTip(null)}
              />
            </div>
          </div>
          {tip === null ? null : (
            <div className="tip" style={{ left: Math.min(tip.x + 12, size.width - 280), top: tip.y + 30 }}>
              {tip.text}
            </div>
          )}
          {lanes.length === 0 ? <p className="nothing">No server so far.</p> : null}
        </div>
      </div>
    </section>
  );
}
