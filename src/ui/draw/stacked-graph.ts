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

/** Without colours the layers cannot be told apart: they become one. */
function seenLayers(layers: readonly Layer[], columns: number, terminal: Terminal): readonly Layer[] {
  const first = layers[0];
  if (terminal.depth !== 'none' || first === undefined) return layers;
  return [{ ...first, means: Array.from({ length: columns }, (_, column) => layers.reduce((sum, { means }) => sum + (means[column] ?? 0), 0)) }];
}

/** The highest sum of all layers: what the top of the picture should stand for; 0 where there is nothing to show. */
export function stackedPeak(layers: readonly Layer[], columns: number): number {
  let peak = 0;
  for (let column = 0; column < columns; column += 1) peak = Math.max(peak, layers.reduce((sum, { means }) => sum + (means[column] ?? 0), 0));
  return peak;
}

/**
 * @param peak the rate at the top of the picture
 * @returns rows from the top
 */
export function stackedGraph(allLayers: readonly Layer[], columns: number, rows: number, peak: number, terminal: Terminal): readonly (readonly Span[])[] {
  const { rising } = glyphsFor(terminal.isUnicode);
  const layers = seenLayers(allLayers, columns, terminal);
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

/** How much of a cell each layer fills, from below; those that fill none of it are left out. */
function partsOf(boundaries: readonly number[], floor: number, levels: number): readonly { layer: number; height: number }[] {
  const parts: { layer: number; height: number }[] = [];
  let from = floor;
  for (const [layer, boundary] of boundaries.entries()) {
    const height = Math.min(boundary, floor + levels) - from;
    if (height <= 0) continue;
    parts.push({ layer, height });
    from += height;
  }
  return parts;
}

/** A cell shows two layers at most, the lower as its sign and the upper as its ground; of three or more, the largest alone. */
function cellOf(boundaries: readonly number[], layers: readonly Layer[], floor: number, levels: number, rising: readonly string[]): { text: string; style: Style } {
  const parts = partsOf(boundaries, floor, levels);
  const [lower, upper] = parts;
  if (lower === undefined) return { text: ' ', style: {} };
  const filled = parts.reduce((sum, { height }) => sum + height, 0);
  const largest = parts.reduce((best, part) => (part.height > best.height ? part : best), lower);
  const colourOf = ({ layer }: { layer: number }): Style => {
    const colour = layers[layer]?.colour;
    return colour === undefined ? {} : { fg: colour };
  };
  // A cell that is not full has its ground for what is empty, so it can show one layer only.
  if (upper === undefined || parts.length > 2 || filled < levels) return { text: rising[filled] ?? ' ', style: colourOf(largest) };
  const ground = layers[upper.layer]?.colour;
  return { text: rising[lower.height] ?? ' ', style: ground === undefined ? colourOf(lower) : { ...colourOf(lower), bg: ground } };
}
