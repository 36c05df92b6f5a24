/** The live tree of actors: who there is, in which state, and since when. */
import type { Stories } from '../../metrics/stories.ts';
import type { DownloadView } from '../../metrics/view.ts';
import { themeFor } from './colours.ts';
import { glyphsFor } from './glyphs.ts';
import { PLAIN_STYLE, span } from './paint.ts';
import type { Span } from './paint.ts';
import { markSpan, troubleOf } from './server-row.ts';
import type { Terminal } from './terminal.ts';
import { cutTo, fitTo } from './width.ts';
import { bytesWords, clockWords, lanesSaid, rateWords } from './words.ts';

interface Actor {
  readonly name: string;
  readonly state: string;
  readonly sinceMs: number | null;
  readonly note: string;
  /** Whose colour it has. */
  readonly mirrorId: number | null;
  readonly isTrouble: boolean;
}

function serverActors(view: DownloadView, stories: Stories): readonly Actor[] {
  return view.servers.map((server) => ({
    name: `server-${server.mirrorId}`,
    state: server.state,
    sinceMs: stories.servers.get(server.mirrorId)?.findLast(({ type }) => type === 'server')?.atMs ?? null,
    note: troubleOf(server) ?? (server.state === 'downloading' ? `${lanesSaid(server)}, ${rateWords(server.rateBytesPerSec)}` : ''),
    mirrorId: server.mirrorId,
    isTrouble: server.state === 'failed' || server.state === 'quarantined',
  }));
}

function segmentActors(stories: Stories): readonly Actor[] {
  const actors: Actor[] = [];
  for (const [segmentId, story] of stories.segments) {
    const last = story.at(-1);
    if (last === undefined || last.state === 'done') continue;
    actors.push({
      name: `segment-${segmentId}`,
      state: last.state,
      sinceMs: story.findLast(({ state }, index) => story[index - 1]?.state !== state)?.atMs ?? null,
      note: `${bytesWords(Math.max(0, last.end - last.start))}, ${last.state === 'reassigned' ? 'resting' : `transfer at server ${last.mirrorId}`}`,
      mirrorId: last.mirrorId,
      isTrouble: last.state === 'failed' || last.state === 'reassigned',
    });
  }
  return actors;
}

/** As many rows as there is room for; what is left out is counted in the last one. */
export function machineRows(view: DownloadView, stories: Stories, rows: number, width: number, terminal: Terminal): readonly (readonly Span[])[] {
  const theme = themeFor(terminal.isLight);
  const glyphs = glyphsFor(terminal.isUnicode);
  const nowMs = (stories.beganAtMs ?? 0) + view.elapsedMs;
  const faint = { fg: theme.faint };
  const children = [...serverActors(view, stories), ...segmentActors(stories)];
  const room = Math.max(0, rows - 1);
  const shown = children.length <= room ? children : children.slice(0, Math.max(0, room - 1));
  const since = (sinceMs: number | null): string => fitTo(sinceMs === null ? '' : clockWords(nowMs - sinceMs), 7, 'right');
  const root = [span(fitTo('coordinator', 17), { isBold: true }), span(fitTo(view.course, 13)), span(`${since(stories.course.at(-1)?.atMs ?? null)}  `, faint), span(cutTo(`${view.liveSegments} segments at work`, Math.max(0, width - 39)), faint)];
  const lines = shown.map((actor, index) => {
    const isLast = index === shown.length - 1 && shown.length === children.length;
    return [
      span(isLast ? glyphs.lastBranch : glyphs.branch, { fg: theme.rule }),
      actor.mirrorId === null ? span(' ') : markSpan(actor.mirrorId, terminal),
      span(fitTo(` ${actor.name}`, 13)),
      span(fitTo(actor.state, 13), actor.isTrouble ? { fg: theme.bad } : PLAIN_STYLE),
      span(`${since(actor.sinceMs)}  `, faint),
      span(cutTo(actor.note, Math.max(0, width - 39)), faint),
    ];
  });
  const left = children.length - shown.length;
  const more = left === 0 ? [] : [[span(`${glyphs.lastBranch}and ${left} more`, faint)]];
  return [root, ...lines, ...more].slice(0, Math.max(0, rows));
}
