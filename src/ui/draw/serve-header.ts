/** The head of the view of a farm, and the way to fetch from it. */
import type { FarmView } from '../../farm/farm.ts';
import { serverColour, themeFor } from './colours.ts';
import type { Colour } from './colours.ts';
import { span } from './paint.ts';
import type { Span } from './paint.ts';
import type { Layer } from './stacked-graph.ts';
import type { Terminal } from './terminal.ts';
import { columnsOf, cutTo } from './width.ts';
import { bytesWords, rateWords } from './words.ts';

export const totalRate = (view: FarmView): number => view.servers.reduce((sum, { rateBytesPerSec }) => sum + rateBytesPerSec, 0);

/** `plait serve  demo.bin  80.0 MiB        4 of 5 alive  15.2 MiB/s` */
export function serveTitle(view: FarmView, width: number, terminal: Terminal): readonly Span[] {
  const theme = themeFor(terminal.isLight);
  const alive = view.servers.filter(({ state }) => state === 'alive').length;
  const brand = width < 50 ? '' : 'plait serve  ';
  const right = `${alive} of ${view.servers.length} alive${width < 60 ? '' : `  ${rateWords(totalRate(view)).padStart(11)}`}`;
  const size = width < 60 ? '' : `  ${bytesWords(view.sizeBytes)}`;
  const name = cutTo(view.fileName, Math.max(0, width - brand.length - size.length - columnsOf(right) - 2));
  const space = Math.max(0, width - columnsOf(brand + name + size + right));
  const colour: Colour = alive === view.servers.length ? theme.good : alive === 0 ? theme.bad : theme.warn;
  const at = right.indexOf('alive') + 'alive'.length;
  return [
    span(brand, { fg: theme.faint }),
    span(name, { isBold: true, fg: theme.bright }),
    span(size, { fg: theme.faint }),
    span(' '.repeat(space)),
    span(cutTo(right.slice(0, at), width), { fg: colour }),
    span(right.slice(at)),
  ];
}

/** The commands to copy, as many as there are whole. Nothing else stands in their rows, so that a terminal selects them whole. */
export function fetchRows(commands: readonly (readonly string[])[], rows: number, width: number, terminal: Terminal): readonly (readonly Span[])[] {
  let shown: readonly string[] = [];
  for (const lines of commands) {
    if (shown.length + lines.length > rows) break;
    shown = [...shown, ...lines];
  }
  return shown.map((line) => [span(cutTo(line, width), { fg: themeFor(terminal.isLight).faint })]);
}

export const farmLayers = (means: readonly (readonly (number | null)[])[], terminal: Terminal): readonly Layer[] =>
  means.map((each, at) => ({ means: each, colour: serverColour(at + 1, terminal.isLight) }));
