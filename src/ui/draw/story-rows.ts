/** Stories as rows: what a server or a segment went through, with times, from its actor. */
import type { ServerEvent } from '../../metrics/events.ts';
import type { SegmentStory, ServerStory, Stories } from '../../metrics/stories.ts';
import type { Decision } from '../../machines/decisions.ts';
import type { ServerLine } from '../../metrics/view.ts';
import { namedSpans, sentence } from './decision-rows.ts';
import { themeFor } from './colours.ts';
import { PLAIN_STYLE, span } from './paint.ts';
import type { Span } from './paint.ts';
import { markSpan, troubleOf } from './server-row.ts';
import type { Terminal } from './terminal.ts';
import { cutTo, fitTo } from './width.ts';
import { bytesWords, lanesSaid, momentWords, percentWords, rateWords } from './words.ts';

export type Row = readonly Span[];

const TIME_COLUMNS = 9;
const STATE_COLUMNS = 13;

/** What is known of a server beyond its row, as pairs of words. */
function factsOf(server: ServerLine): readonly string[] {
  return [
    server.url,
    `${bytesWords(server.bytes)} given of ${bytesWords(server.assignedBytes)} asked, ${rateWords(server.rateBytesPerSec)} now, ${rateWords(server.bestBytesPerSec)} at best`,
    `${lanesSaid(server)} at work, round trip ${server.roundTripMs === null ? 'unknown' : `${Math.round(server.roundTripMs)} ms`}, ${server.strikes} ${server.strikes === 1 ? 'strike' : 'strikes'}`,
  ];
}

function storyRow(line: ServerEvent | Decision, width: number, beganAtMs: number, terminal: Terminal): Row {
  const faint = { fg: themeFor(terminal.isLight).faint };
  const time = span(fitTo(momentWords(line.atMs - beganAtMs), TIME_COLUMNS), faint);
  if (line.type === 'server') return [time, span(fitTo(line.state, STATE_COLUMNS)), span(cutTo(line.bytes > 0 ? `after ${bytesWords(line.bytes)}` : '', width - TIME_COLUMNS - STATE_COLUMNS), faint)];
  return [time, ...namedSpans(cutTo(sentence(line.why), width - TIME_COLUMNS), PLAIN_STYLE, terminal)];
}

/** One server: what it is, and what it went through, the newest at the foot. */
export function serverStoryRows(server: ServerLine, story: ServerStory, rows: number, width: number, beganAtMs: number, terminal: Terminal): readonly Row[] {
  const faint = { fg: themeFor(terminal.isLight).faint };
  const trouble = troubleOf(server);
  const head: Row[] = [
    [markSpan(server.mirrorId, terminal), span(` server ${server.mirrorId}  `, { isBold: true }), span(server.state), span(trouble === null ? '' : cutTo(`  ${trouble}`, Math.max(0, width - 30)), { fg: themeFor(terminal.isLight).bad })],
    ...factsOf(server).map((fact) => [span(cutTo(`  ${fact}`, width), faint)]),
    [],
  ];
  const room = Math.max(0, rows - head.length);
  return [...head, ...story.slice(Math.max(0, story.length - room)).map((line) => storyRow(line, width, beganAtMs, terminal))].slice(0, Math.max(0, rows));
}

export interface SegmentEntry {
  readonly segmentId: number;
  readonly story: SegmentStory;
}

/** Segments for the list: those at work by their place in the file, then those that are done, the latest first. */
export function listedSegments({ segments }: Stories): readonly SegmentEntry[] {
  const entries = [...segments].map(([segmentId, story]) => ({ segmentId, story }));
  const isDone = ({ story }: SegmentEntry): boolean => story.at(-1)?.state === 'done';
  const live = entries.filter((entry) => !isDone(entry)).sort((a, b) => (a.story.at(-1)?.start ?? 0) - (b.story.at(-1)?.start ?? 0));
  return [...live, ...entries.filter(isDone).toReversed()];
}

function segmentRow({ segmentId, story }: SegmentEntry, totalBytes: number | null, terminal: Terminal, isChosen: boolean): Row {
  const last = story.at(-1);
  const first = story[0];
  if (last === undefined || first === undefined) return [];
  const theme = themeFor(terminal.isLight);
  const style = last.state === 'done' ? { fg: theme.faint } : last.state === 'failed' || last.state === 'reassigned' ? { fg: theme.bad } : PLAIN_STYLE;
  const servers = new Set(story.map(({ mirrorId }) => mirrorId));
  const at = totalBytes === null ? '' : fitTo(`at ${percentWords(first.start, totalBytes)}`, 9);
  return [
    span(isChosen ? `${terminal.isUnicode ? '▸' : '>'} ` : '  ', { fg: theme.bright, isBold: true }),
    markSpan(last.mirrorId, terminal),
    span(fitTo(` segment ${segmentId}`, 14), isChosen ? { isBold: true } : style),
    span(fitTo(last.state, STATE_COLUMNS), style),
    span(at + fitTo(bytesWords(Math.max(0, last.end - first.start)), 10, 'right'), style),
    span(servers.size > 1 ? `  by ${servers.size} servers` : `  server ${last.mirrorId}`, { fg: theme.faint }),
  ];
}

/** The list of segments above, the chosen one's story below. */
export function segmentRows(stories: Stories, chosenAt: number, rows: number, totalBytes: number | null, terminal: Terminal): readonly Row[] {
  const entries = listedSegments(stories);
  const chosen = entries[Math.min(chosenAt, entries.length - 1)];
  if (chosen === undefined) return [[span('No segment has been handed out yet.', { fg: themeFor(terminal.isLight).faint })]];
  const beganAtMs = stories.beganAtMs ?? 0;
  const storyRoom = Math.min(chosen.story.length + 1, Math.max(0, Math.floor(rows / 2)));
  const listRoom = Math.max(1, rows - storyRoom);
  const from = Math.max(0, Math.min(entries.length - listRoom, chosenAt - Math.floor(listRoom / 2)));
  const list = entries.slice(from, from + listRoom).map((entry) => segmentRow(entry, totalBytes, terminal, entry === chosen));
  const faint = { fg: themeFor(terminal.isLight).faint };
  const lines = chosen.story.slice(Math.max(0, chosen.story.length - storyRoom + 1)).map((event): Row => [
    span(`  ${fitTo(momentWords(event.atMs - beganAtMs), TIME_COLUMNS)}`, faint),
    span(fitTo(event.state, STATE_COLUMNS)),
    ...namedSpans(`server ${event.mirrorId}  `, PLAIN_STYLE, terminal),
    span(`bytes ${event.start} to ${event.end}`, faint),
  ]);
  return storyRoom === 0 ? list : [...list, [], ...lines].slice(0, rows);
}
