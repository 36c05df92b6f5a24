/** A row of `plait serve`: one server of the farm, what it does and what it was told to do wrong. */
import { formatRate } from '../../base/units.ts';
import type { FarmServerView } from '../../farm/farm.ts';
import { mixed, serverColour, themeFor } from './colours.ts';
import { glyphsFor } from './glyphs.ts';
import { columnMeans, sparkText, spanMsAt, spanWords } from './history-columns.ts';
import type { Recording } from './history-columns.ts';
import { SPARK_CELL_MS } from '../../metrics/history.ts';
import { PLAIN_STYLE, span } from './paint.ts';
import type { Span } from './paint.ts';
import { markSpan } from './server-row.ts';
import type { Terminal } from './terminal.ts';
import { fitTo } from './width.ts';
import { bytesWords, rateWords } from './words.ts';

export interface FarmColumns {
  readonly port: number;
  readonly state: number;
  readonly connections: number;
  readonly requests: number;
  readonly sent: number;
  readonly rate: number;
  readonly spark: number;
  readonly faults: number;
}

const WIDE: FarmColumns = { port: 8, state: 10, connections: 7, requests: 10, sent: 11, rate: 13, spark: 22, faults: 20 };
const MIDDLE: FarmColumns = { port: 7, state: 9, connections: 6, requests: 8, sent: 10, rate: 12, spark: 0, faults: 15 };
const NARROW: FarmColumns = { port: 6, state: 6, connections: 0, requests: 0, sent: 0, rate: 11, spark: 0, faults: 8 };
const LEAD = 7;

export function farmColumns(width: number): FarmColumns {
  const sumOf = (columns: FarmColumns): number => LEAD + Object.values(columns).reduce((sum: number, value: number) => sum + value, 0);
  const fitting = [WIDE, MIDDLE, NARROW].find((columns) => sumOf(columns) <= width) ?? NARROW;
  const spare = width - sumOf(fitting);
  const forSpark = fitting.spark === 0 || spare < 0 ? 0 : Math.min(40, Math.floor(spare / 2));
  return { ...fitting, spark: fitting.spark + forSpark, faults: Math.max(0, fitting.faults + spare - forSpark) };
}

/** A fault's label with its bytes as people read them: `slow=300 KiB/s`, `corrupt=1.00 MiB`. */
export function faultWords(label: string): string {
  const [, name, amount] = /^(slow|corrupt|flip)=(\d+)$/u.exec(label) ?? [];
  if (name === undefined || amount === undefined) return label;
  return `${name}=${name === 'slow' ? formatRate(Number(amount)) : bytesWords(Number(amount))}`;
}

export interface FarmRowContext {
  readonly terminal: Terminal;
  readonly columns: FarmColumns;
  readonly chosenIndex: number | null;
  readonly sparksTaken: number;
}

export function farmHeading({ columns, terminal, sparksTaken }: FarmRowContext): readonly Span[] {
  const { port, state, connections, requests, sent, rate, spark, faults } = columns;
  const words = [
    fitTo(`${' '.repeat(LEAD)}port`, LEAD + port),
    fitTo('state', state),
    fitTo(connections < 7 ? 'conns' : 'sockets', connections, 'right'),
    fitTo(requests < 9 ? 'asked' : 'requests', requests, 'right'),
    fitTo('sent', sent, 'right'),
    fitTo('speed', rate, 'right'),
    fitTo(spark === 0 ? '' : `  ${spanWords(spanMsAt(sparksTaken * SPARK_CELL_MS))}`, spark),
    fitTo('  faults', faults),
  ];
  return [span(words.join(''), { fg: themeFor(terminal.isLight).faint })];
}

export function farmRow(server: FarmServerView, spark: Recording, { columns, terminal, chosenIndex }: FarmRowContext): readonly Span[] {
  const theme = themeFor(terminal.isLight);
  const isChosen = server.index === chosenIndex;
  const isDead = server.state === 'dead';
  const words = isDead ? { fg: theme.faint } : PLAIN_STYLE;
  const state = server.state === 'alive' ? { fg: theme.good } : isDead ? { fg: theme.bad } : { fg: theme.warn };
  const wrong = server.trouble ?? server.faults.map(faultWords).join(', ');
  const sparkWidth = Math.max(0, columns.spark - 2);
  return [
    span(isChosen ? `${glyphsFor(terminal.isUnicode).chosen} ` : '  ', { fg: theme.bright, isBold: true }),
    markSpan(server.index, terminal),
    span(` ${fitTo(String(server.index), 2, 'right')} `, isChosen ? { isBold: true } : words),
    span(fitTo(String(server.port), columns.port), isChosen ? { isBold: true } : words),
    span(fitTo(columns.state < MIDDLE.state && server.state === 'starting' ? 'starts' : server.state, columns.state), state),
    span(columns.connections === 0 ? '' : fitTo(String(server.connections), columns.connections, 'right') + fitTo(String(server.requests), columns.requests, 'right') + fitTo(bytesWords(server.sentBytes), columns.sent, 'right'), words),
    span(`${fitTo(rateWords(server.rateBytesPerSec), columns.rate, 'right')}${columns.spark === 0 ? '' : '  '}`, words),
    span(sparkWidth === 0 ? '' : sparkText(columnMeans(spark, sparkWidth), glyphsFor(terminal.isUnicode).rising), { fg: mixed(serverColour(server.index, terminal.isLight), theme.ground, 0.15) }),
    span(`  ${fitTo(wrong, Math.max(0, columns.faults - 2))}`, { fg: theme.warn }),
  ];
}

/** All servers in one row, where there is no room for a row each: `1 alive  2 dead  3 alive`. */
export function farmStrip(servers: readonly FarmServerView[], width: number, terminal: Terminal): readonly Span[] {
  const theme = themeFor(terminal.isLight);
  const spans: Span[] = [];
  let used = 0;
  for (const server of servers) {
    const words = ` ${server.index} ${server.state}   `;
    if (used + words.length + 1 > width) break;
    spans.push(markSpan(server.index, terminal), span(words, server.state === 'alive' ? PLAIN_STYLE : { fg: theme.bad }));
    used += words.length + 1;
  }
  return spans;
}
