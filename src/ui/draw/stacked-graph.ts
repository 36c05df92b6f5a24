/** The speed of the whole over time, as a hill whose layers are the servers: what each gave can be seen, and when it stopped. */
import type { Colour } from './colours.ts';
import { span } from './paint.ts';
import type { Span, Style } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { glyphsFor } from './glyphs.ts';

/** One layer: what a server gave in each column, and its colour. */
export interface Layer {
  readonly colour: Colour;
  readonly means: readonly (number | null)[];
}

/** The boundaries between the layers of one column, from below, in eighths (or what a cell has) of a cell. */
function boundariesOf(layers: readonly Layer[], column: number, perUnit: number): number[] {
  let sum = 0;
  return layers.map(({ means }) => {
    sum += means[column] ?? 0;
    return Math.round(sum * perUnit);
  });
}

/** The highest sum of all layers: what the top of the picture should stand for. */
export function stackedPeak(layers: readonly Layer[], columns: number): number {
  let peak = 1;
  for (let column = 0; column < columns; column += 1) peak = Math.max(peak, layers.reduce((sum, { means }) => sum + (means[column] ?? 0), 0));
  return peak;
}

/** The first layer that reaches above a height; -1 above them all. */
const layerAt = (boundaries: readonly number[], height: number): number => boundaries.findIndex((boundary) => boundary > height);

/**
 * @param peak the rate at the top of the picture
 * @returns rows from the top
 */
export function stackedGraph(layers: readonly Layer[], columns: number, rows: number, peak: number, terminal: Terminal): readonly (readonly Span[])[] {
  const { rising } = glyphsFor(terminal.isUnicode);
  const levels = rising.length - 1;
  const heights = Array.from({ length: columns }, (_, column) => boundariesOf(layers, column, (rows * levels) / Math.max(1, peak)));
  return Array.from({ length: rows }, (_, fromTop) => {
    const floor = (rows - 1 - fromTop) * levels;
    const spans: Span[] = [];
    for (const boundaries of heights) {
      const { text, style } = cellOf(boundaries, layers, floor, levels, rising);
      const last = spans.at(-1);
      if (last !== undefined && last.style.fg === style.fg && last.style.bg === style.bg) spans[spans.length - 1] = span(last.text + text, last.style);
      else spans.push(span(text, style));
    }
    return spans;
  });
}

/** One cell shows two layers at most: the lower as its sign, the next above it as its ground. */
function cellOf(boundaries: readonly number[], layers: readonly Layer[], floor: number, levels: number, rising: readonly string[]): { text: string; style: Style } {
  const lower = layerAt(boundaries, floor);
  const lowerColour = layers[lower]?.colour;
  if (lower === -1 || lowerColour === undefined) return { text: ' ', style: {} };
  const top = boundaries.at(-1) ?? 0;
  const height = Math.min(levels, (boundaries[lower] ?? 0) - floor);
  if (height >= levels) return { text: rising[levels] ?? ' ', style: { fg: lowerColour } };
  const upper = layerAt(boundaries, floor + height);
  const upperColour = layers[upper]?.colour;
  // Above the last layer there is nothing; a layer thinner than what is empty above it is rounded away with it.
  if (upper === -1 || upperColour === undefined || top < floor + levels) {
    const whole = Math.min(levels, top - floor);
    return { text: rising[Math.max(1, whole)] ?? ' ', style: { fg: lowerColour } };
  }
  return { text: rising[Math.max(1, height)] ?? ' ', style: { fg: lowerColour, bg: upperColour } };
}
