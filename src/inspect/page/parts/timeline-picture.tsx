/** The timeline's picture and what the mouse and the keys do in it: zoom, move, choose a bar, go to a moment. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { KeyboardEvent, PointerEvent, ReactNode, RefObject } from 'react';
import { useInks } from '../inks.ts';
import type { Bar } from '../story/bars.ts';
import { moved, msAt, zoomed } from '../story/stretch.ts';
import type { Stretch } from '../story/stretch.ts';
import { howLong } from '../story/times.ts';
import { AXIS_PX, barAt, drawTimeline } from '../timeline-canvas.ts';
import type { TimelineLane, TimelineSight } from '../timeline-canvas.ts';

/** A press that moves less than this is a click. */
const CLICK_PX = 4;
const TIP_PX = 280;

interface TimelinePictureProps {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly lanes: readonly TimelineLane[];
  readonly sight: TimelineSight;
  /** Null for all there is. */
  readonly onStretch: (wanted: Stretch | null) => void;
  readonly onScroll: (scrollTop: number) => void;
  readonly onChoose: (actorId: string) => void;
  readonly onGoToMs: (atMs: number) => void;
}

function wordsOn(bar: Bar, endMs: number): string {
  const range = bar.start === null || bar.end === null ? '' : `, bytes ${bar.start.toLocaleString('en')} to ${bar.end.toLocaleString('en')}`;
  return `${bar.name} ${bar.state} for ${howLong((bar.toMs ?? endMs) - bar.fromMs)}${range}`;
}

/** Where a key brings the stretch; undefined for a key that is none of these. */
function stretchAfter(key: string, sight: TimelineSight): Stretch | null | undefined {
  const aboutMs = Math.min(Math.max(sight.atMs, sight.fromMs), sight.toMs);
  const stepMs = (sight.toMs - sight.fromMs) / 10;
  if (key === '+' || key === '=') return zoomed(sight, aboutMs, 0.7);
  if (key === '-') return zoomed(sight, aboutMs, 1 / 0.7);
  if (key === 'ArrowLeft') return moved(sight, -stepMs);
  if (key === 'ArrowRight') return moved(sight, stepMs);
  return key === '0' ? null : undefined;
}

function Canvas({ lanes, sight }: Pick<TimelinePictureProps, 'lanes' | 'sight'>): ReactNode {
  const canvas = useRef<HTMLCanvasElement>(null);
  const inks = useInks();
  useLayoutEffect(() => {
    const pen = canvas.current?.getContext('2d');
    if (pen === undefined || pen === null) return;
    const width = Math.round(sight.widthPx * devicePixelRatio);
    const height = Math.round(sight.heightPx * devicePixelRatio);
    // To set a size, even the same, empties a canvas and costs.
    if (pen.canvas.width !== width || pen.canvas.height !== height) Object.assign(pen.canvas, { width, height });
    pen.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    drawTimeline(pen, lanes, sight, inks);
  });
  return <canvas ref={canvas} className="timeline-canvas" style={{ width: sight.widthPx, height: sight.heightPx }} />;
}

export function TimelinePicture({ box, lanes, sight, onStretch, onScroll, onChoose, onGoToMs }: TimelinePictureProps): ReactNode {
  const press = useRef<{ readonly x: number; readonly stretch: Stretch; isDrag: boolean } | null>(null);
  const [tip, setTip] = useState<{ readonly x: number; readonly y: number; readonly text: string } | null>(null);
  const { widthPx, endMs } = sight;
  const turn = (event: WheelEvent): void => {
    if (event.ctrlKey || event.metaKey) onStretch(zoomed(sight, msAt(sight, event.offsetX, widthPx), event.deltaY > 0 ? 1.25 : 0.8));
    else if (event.deltaX !== 0 || event.shiftKey) onStretch(moved(sight, msAt(sight, event.deltaX === 0 ? event.deltaY : event.deltaX, widthPx) - sight.fromMs));
    else return;
    event.preventDefault();
  };
  // React listens to wheels passively, so that a zoom would scroll as well.
  useEffect(() => {
    const element = box.current;
    element?.addEventListener('wheel', turn, { passive: false });
    return () => element?.removeEventListener('wheel', turn);
  });
  const hover = ({ nativeEvent: { offsetX: x, offsetY: y } }: PointerEvent): void => {
    const pressed = press.current;
    if (pressed !== null && (pressed.isDrag || Math.abs(x - pressed.x) > CLICK_PX)) {
      pressed.isDrag = true;
      onStretch(moved(pressed.stretch, msAt(pressed.stretch, pressed.x - x, widthPx) - pressed.stretch.fromMs));
      setTip(null);
      return;
    }
    const bar = barAt(lanes, sight, x, y);
    setTip(bar === null ? null : { x, y, text: wordsOn(bar, endMs) });
  };
  const release = ({ nativeEvent: { offsetX: x, offsetY: y } }: PointerEvent): void => {
    const wasClick = press.current?.isDrag === false;
    press.current = null;
    const bar = wasClick ? barAt(lanes, sight, x, y) : null;
    if (bar !== null) onChoose(bar.actorId);
    else if (wasClick && y < AXIS_PX) onGoToMs(msAt(sight, x, widthPx));
  };
  const onKey = (event: KeyboardEvent): void => {
    const wanted = stretchAfter(event.key, sight);
    if (wanted === undefined) return;
    onStretch(wanted);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <div
        ref={box}
        className="timeline-scroll"
        role="group"
        aria-label="Segments at each server over time: plus and minus zoom, arrows move, 0 shows all. The tree holds the same actors."
        tabIndex={0}
        onKeyDown={onKey}
        onScroll={({ currentTarget }) => onScroll(currentTarget.scrollTop)}
        onPointerDown={(event) => {
          press.current = { x: event.nativeEvent.offsetX, stretch: sight, isDrag: false };
        }}
        onPointerMove={hover}
        onPointerUp={release}
        onPointerLeave={() => {
          press.current = null;
          setTip(null);
        }}
      >
        <div style={{ height: lanes.reduce((sum, { height }) => sum + height, AXIS_PX) }}>
          <Canvas lanes={lanes} sight={sight} />
        </div>
      </div>
      {tip === null ? null : (
        <div className="tip" style={{ left: Math.min(tip.x + 12, widthPx - TIP_PX), top: tip.y + 30 }}>
          {tip.text}
        </div>
      )}
    </>
  );
}
