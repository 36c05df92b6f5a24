/** The timeline's picture: lanes and bars on a canvas, since thousands of elements would be too many for a page. */
import type { Bar, LaneBars } from './story/bars.ts';
import { xAt } from './story/stretch.ts';
import type { Stretch } from './story/stretch.ts';
import { axisMarks } from './story/times.ts';
import { toneOf } from './story/tones.ts';
import type { Tone } from './story/tones.ts';

const LANE_GAP_PX = 8;
const STATE_PX = 4;
/** Between a server's own state and its segments. */
const STATE_GAP_PX = 3;
const LANE_MIN_PX = 24;
export const AXIS_PX = 18;

export interface TimelineLane {
  readonly id: string;
  readonly states: LaneBars | undefined;
  readonly segments: LaneBars | undefined;
  /** From the top of all lanes, in px. */
  readonly top: number;
  readonly height: number;
}

/** Lanes one under another, their bars as high as there is room for, within what can be seen and clicked. */
export function stacked(lanes: readonly Omit<TimelineLane, 'top' | 'height'>[], roomPx: number): { readonly lanes: readonly TimelineLane[]; readonly barPx: number } {
  const rowsOf = ({ segments }: Pick<TimelineLane, 'segments'>): number => Math.max(1, segments?.rows.length ?? 0);
  const rows = lanes.reduce((sum, lane) => sum + rowsOf(lane), 0);
  const around = lanes.length * (LANE_GAP_PX + STATE_PX + STATE_GAP_PX);
  const barPx = Math.min(12, Math.max(3, Math.floor((roomPx - AXIS_PX - around) / Math.max(1, rows)) - 1));
  let top = 0;
  const placed = lanes.map((lane) => {
    const height = Math.max(LANE_MIN_PX, LANE_GAP_PX + STATE_PX + STATE_GAP_PX + rowsOf(lane) * (barPx + 1));
    top += height;
    return { ...lane, top: top - height, height };
  });
  return { lanes: placed, barPx };
}

export interface TimelineSight extends Stretch {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scrollTop: number;
  /** Everything is shown as of this message and this time; what came later is faint. */
  readonly position: number;
  readonly atMs: number;
  /** The last time that is known. */
  readonly endMs: number;
  readonly chosenId: string | null;
  /** A segment is chosen: the others stand back. */
  readonly isSegmentChosen: boolean;
  /** Height of a segment's bar. */
  readonly barPx: number;
}

export interface Inks {
  readonly tones: Readonly<Record<Tone, string>>;
  readonly line: string;
  readonly quiet: string;
  readonly ink: string;
  readonly stripe: string;
}

const LATER_ALPHA = 0.16;

const xOf = (sight: TimelineSight, ms: number): number => xAt(sight, ms, sight.widthPx);

/** Where a bar stands; null where it is out of sight. */
function spanOf(sight: TimelineSight, bar: Bar): { readonly x: number; readonly width: number } | null {
  const end = bar.toMs ?? sight.endMs;
  if (end < sight.fromMs || bar.fromMs > sight.toMs) return null;
  const x = Math.max(-2, xOf(sight, bar.fromMs));
  return { x, width: Math.max(1.5, Math.min(sight.widthPx + 2, xOf(sight, end)) - x) };
}

const barTop = (lane: TimelineLane, bar: Bar, barPx: number): number => lane.top + LANE_GAP_PX / 2 + STATE_PX + STATE_GAP_PX + bar.row * (barPx + 1);

function drawBars(pen: CanvasRenderingContext2D, sight: TimelineSight, inks: Inks, bars: readonly Bar[], topOf: (bar: Bar) => number, height: number): void {
  const nowX = xOf(sight, sight.atMs);
  for (const bar of bars) {
    const span = spanOf(sight, bar);
    if (span === null) continue;
    const { x, width } = span;
    const y = topOf(bar) - sight.scrollTop + AXIS_PX;
    pen.fillStyle = inks.tones[toneOf(bar.state)];
    const isLater = bar.fromNumber > sight.position;
    const doneWidth = isLater ? 0 : Math.min(width, Math.max(1.5, nowX - x));
    const laterWidth = width - doneWidth;
    if (laterWidth > 0.5) {
      pen.globalAlpha = LATER_ALPHA;
      pen.fillRect(x + doneWidth, y, laterWidth, height);
    }
    const isChosen = bar.actorId === sight.chosenId;
    pen.globalAlpha = sight.isSegmentChosen && !isChosen ? 0.45 : 1;
    if (doneWidth > 0) pen.fillRect(x, y, doneWidth > 4 ? doneWidth - 1 : doneWidth, height);
    pen.globalAlpha = 1;
    if (isChosen && sight.isSegmentChosen) {
      pen.strokeStyle = inks.ink;
      pen.lineWidth = 1.5;
      pen.strokeRect(x - 0.5, y - 0.5, Math.max(3, width), height + 1);
    }
  }
}

function drawAxis(pen: CanvasRenderingContext2D, sight: TimelineSight, inks: Inks): void {
  pen.font = '10.5px system-ui, sans-serif';
  pen.textBaseline = 'middle';
  const marks = axisMarks(sight.fromMs, sight.toMs, sight.widthPx, 90);
  const step = (marks[1] ?? 0) - (marks[0] ?? 0);
  const digits = step >= 1_000 || step <= 0 ? 0 : step >= 100 ? 1 : step >= 10 ? 2 : 3;
  for (const mark of marks) {
    const x = Math.round(xOf(sight, mark)) + 0.5;
    pen.strokeStyle = inks.line;
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(x, AXIS_PX - 4);
    pen.lineTo(x, sight.heightPx);
    pen.stroke();
    pen.fillStyle = inks.quiet;
    pen.textAlign = x < 14 ? 'left' : x > sight.widthPx - 20 ? 'right' : 'center';
    pen.fillText(`${(mark / 1_000).toFixed(digits)} s`, x, AXIS_PX / 2 - 1);
  }
}

/** Draws everything that is in sight. */
export function drawTimeline(pen: CanvasRenderingContext2D, lanes: readonly TimelineLane[], sight: TimelineSight, inks: Inks): void {
  pen.clearRect(0, 0, sight.widthPx, sight.heightPx);
  const inSight = lanes.filter(({ top, height }) => top + height >= sight.scrollTop && top <= sight.scrollTop + sight.heightPx);
  for (const lane of inSight) {
    if (lanes.indexOf(lane) % 2 === 1) continue;
    pen.fillStyle = inks.stripe;
    pen.fillRect(0, lane.top - sight.scrollTop + AXIS_PX, sight.widthPx, lane.height);
  }
  drawAxis(pen, sight, inks);
  pen.save();
  pen.beginPath();
  pen.rect(0, AXIS_PX, sight.widthPx, sight.heightPx - AXIS_PX);
  pen.clip();
  for (const lane of inSight) {
    drawBars(pen, sight, inks, lane.states?.bars ?? [], () => lane.top + LANE_GAP_PX / 2, STATE_PX);
    drawBars(pen, sight, inks, lane.segments?.bars ?? [], (bar) => barTop(lane, bar, sight.barPx), sight.barPx);
  }
  pen.restore();
  const nowX = xOf(sight, sight.atMs);
  if (nowX < 0 || nowX > sight.widthPx) return;
  pen.fillStyle = inks.ink;
  pen.fillRect(Math.min(sight.widthPx - 1.5, nowX), AXIS_PX - 6, 1.5, sight.heightPx);
}

/** The bar at a place of the picture; a narrow one is met beside itself, too. */
export function barAt(lanes: readonly TimelineLane[], sight: TimelineSight, x: number, y: number): Bar | null {
  const down = y - AXIS_PX + sight.scrollTop;
  const lane = lanes.find(({ top, height }) => down >= top && down < top + height);
  if (lane === undefined || y < AXIS_PX) return null;
  const meets = (bar: Bar): boolean => {
    const span = spanOf(sight, bar);
    return span !== null && x >= span.x - 3 && x <= span.x + span.width + 3;
  };
  const row = Math.floor((down - lane.top - LANE_GAP_PX / 2 - STATE_PX - STATE_GAP_PX) / (sight.barPx + 1));
  if (row < 0) return lane.states?.bars.findLast(meets) ?? null;
  const last = Math.max(0, (lane.segments?.rows.length ?? 1) - 1);
  return lane.segments?.bars.findLast((bar) => bar.row === Math.min(row, last) && meets(bar)) ?? null;
}
