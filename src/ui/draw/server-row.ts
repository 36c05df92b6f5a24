/** A server's row: what stands in which column at a width, and what of it is left out first when there is little room. */
import { faultSays } from '../../base/faults.ts';
import { formatSoon } from '../../base/units.ts';
import type { ServerLine } from '../../metrics/view.ts';
import { mixed, serverColour, themeFor } from './colours.ts';
import type { Colour } from './colours.ts';
import { glyphsFor, markOf } from './glyphs.ts';
import { columnMeans, sparkText, spanMsAt, spanWords } from './history-columns.ts';
import { SPARK_CELL_MS } from '../../metrics/history.ts';
import { PLAIN_STYLE, span } from './paint.ts';
import type { Span } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { fitTo } from './width.ts';
import { bytesWords, lanesWords, percentWords, rateWords } from './words.ts';

/** Columns of each part; 0 where it is left out. */
export interface ServerColumns {
  readonly label: number;
  readonly state: number;
  readonly share: number;
  readonly bytes: number;
  readonly rate: number;
  readonly spark: number;
  readonly lanes: number;
  readonly strikes: number;
}

const WIDE: ServerColumns = { label: 16, state: 12, share: 6, bytes: 11, rate: 13, spark: 26, lanes: 7, strikes: 9 };
const MIDDLE: ServerColumns = { label: 9, state: 12, share: 6, bytes: 10, rate: 12, spark: 14, lanes: 5, strikes: 0 };
const NARROW: ServerColumns = { label: 6, state: 8, share: 0, bytes: 0, rate: 11, spark: 0, lanes: 0, strikes: 0 };
/** On a screen of twenty columns what a server does goes before how fast. */
const TINY: ServerColumns = { ...NARROW, state: 7, rate: 0 };
/** The sign of the chosen one, the server's colour and its number, with the spaces between. */
const LEAD = 7;

const sumOf = (columns: ServerColumns): number => LEAD + Object.values(columns).reduce((sum: number, value: number) => sum + value, 0);

/** The heading, and a space. */
const LABEL_MIN = 8;
const SPARK_MAX = 80;

/** What fits into `width`; what is over goes to the labels, as far as they need it (`labelColumns`), and to the sparkline. */
export function serverColumns(width: number, labelColumns: number): ServerColumns {
  const fitting = [WIDE, MIDDLE, NARROW].find((columns) => sumOf(columns) <= width) ?? TINY;
  const spare = width - sumOf(fitting);
  if (spare < 0) return { ...fitting, spark: Math.max(0, fitting.spark + spare) };
  const label = Math.min(fitting.label + Math.floor(spare / 2), Math.max(Math.min(LABEL_MIN, fitting.label), labelColumns + 2));
  return { ...fitting, label, spark: Math.min(SPARK_MAX, fitting.spark + fitting.label + spare - label) };
}

/** What takes the room of a word of seven letters still says what the long word says. */
const SHORT_STATES: Readonly<Record<ServerLine['state'], string>> = {
  connecting: 'calling',
  ready: 'ready',
  downloading: 'loading',
  failed: 'failed',
  quarantined: 'barred',
  retired: 'out',
  done: 'done',
};

export interface RowContext {
  readonly terminal: Terminal;
  readonly columns: ServerColumns;
  /** Bytes of this run: what shares are of. */
  readonly fetchedBytes: number;
  readonly sparksTaken: number;
  readonly chosenId: number | null;
}

/** The square in the server's colour, or its mark where there is no colour. */
export const markSpan = (number: number, { depth, isLight }: Terminal): Span =>
  depth === 'none' ? span(markOf(number)) : span(' ', { bg: serverColour(number, isLight) });

/** Why it does not deliver, and when it is asked again; null where it does. */
export function troubleOf({ state, lastFault, retryInMs }: ServerLine): string | null {
  if (state !== 'failed' && state !== 'quarantined' && state !== 'retired') return null;
  const why = lastFault === null ? 'is not needed' : lastFault.code === 'cancelled' && lastFault.detail !== '' ? lastFault.detail : faultSays(lastFault.code);
  const detail = lastFault === null || lastFault.code === 'cancelled' || lastFault.detail === '' ? '' : ` (${lastFault.detail})`;
  return retryInMs === null ? `${why}${detail}` : `again ${formatSoon(Math.ceil(retryInMs / 100) * 100)}: ${why}${detail}`;
}

function stateColour(state: ServerLine['state'], terminal: Terminal): Colour | undefined {
  const theme = themeFor(terminal.isLight);
  if (state === 'failed' || state === 'quarantined') return theme.bad;
  if (state === 'connecting') return theme.warn;
  return state === 'downloading' ? undefined : theme.faint;
}

/** The headings over the columns. */
export function serverHeading({ columns, terminal, sparksTaken }: RowContext): readonly Span[] {
  const { label, state, share, bytes, rate, spark, lanes, strikes } = columns;
  const words = [
    fitTo(`${' '.repeat(LEAD)}server`, LEAD + label),
    fitTo('state', state),
    fitTo('share', share, 'right'),
    fitTo('given', bytes, 'right'),
    fitTo('speed', rate, 'right'),
    fitTo(spark < 12 ? '' : `  ${spanWords(spanMsAt(sparksTaken * SPARK_CELL_MS))}`, spark),
    fitTo('lanes', lanes, 'right'),
    fitTo('strikes', strikes, 'right'),
  ];
  return [span(words.join(''), { fg: themeFor(terminal.isLight).faint })];
}

export function serverRow(server: ServerLine, context: RowContext): readonly Span[] {
  const { columns, terminal, chosenId } = context;
  const theme = themeFor(terminal.isLight);
  const isChosen = server.mirrorId === chosenId;
  const isOut = server.state === 'quarantined' || server.state === 'retired' || server.state === 'done';
  const words = isOut ? { fg: theme.faint } : PLAIN_STYLE;
  const stateStyle = stateColour(server.state, terminal);
  const state = columns.state < WIDE.state ? SHORT_STATES[server.state] : server.state;
  return [
    span(isChosen ? `${glyphsFor(terminal.isUnicode).chosen} ` : '  ', { fg: theme.bright, isBold: true }),
    markSpan(server.mirrorId, terminal),
    span(` ${fitTo(String(server.mirrorId), 2, 'right')} `, isChosen ? { isBold: true } : words),
    span(`${fitTo(server.label, columns.label - 1)} `, isChosen ? { isBold: true } : words),
    span(fitTo(state, columns.state), stateStyle === undefined ? PLAIN_STYLE : { fg: stateStyle }),
    ...figures(server, context),
  ];
}

const isWide = ({ strikes }: ServerColumns): boolean => strikes > 0;

/** Why a server does not deliver stands where its speed would, and in narrower tables also where its bytes would. */
const troubleColumns = ({ share, bytes, rate, spark, lanes, strikes }: ServerColumns): number => rate + spark + lanes + strikes + (strikes > 0 ? -2 : share + bytes);

function figures(server: ServerLine, { columns, terminal, fetchedBytes, sparksTaken }: RowContext): readonly Span[] {
  const theme = themeFor(terminal.isLight);
  const trouble = troubleOf(server);
  const share = fitTo(server.keptBytes === 0 ? '' : percentWords(server.keptBytes, fetchedBytes), columns.share, 'right');
  const bytes = fitTo(bytesWords(server.bytes), columns.bytes, 'right');
  const given = span(columns.bytes === 0 ? '' : share + bytes, trouble === null ? PLAIN_STYLE : { fg: theme.faint });
  if (trouble !== null) return [...(isWide(columns) ? [given, span('  ')] : []), span(fitTo(trouble, troubleColumns(columns)), { fg: server.state === 'retired' ? theme.faint : theme.bad })];
  const sparkWidth = Math.max(0, columns.spark - 2);
  const spark = sparkWidth === 0 ? '' : sparkText(columnMeans({ rates: server.spark, taken: sparksTaken }, sparkWidth), glyphsFor(terminal.isUnicode).rising);
  const colour = serverColour(server.mirrorId, terminal.isLight);
  return [
    given,
    span(`${fitTo(rateWords(server.rateBytesPerSec), columns.rate, 'right')}${columns.spark === 0 ? '' : '  '}`),
    span(spark, { fg: mixed(colour, theme.ground, 0.15) }),
    span(columns.lanes === 0 ? '' : fitTo(server.lanes === 0 && server.state !== 'downloading' ? '' : lanesWords(server), columns.lanes, 'right')),
    span(columns.strikes === 0 ? '' : fitTo(server.strikes === 0 ? '' : String(server.strikes), columns.strikes, 'right'), { fg: theme.bad }),
  ];
}
