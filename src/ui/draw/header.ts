/** The head of the screen: what it is, how far it is, how fast, and what is proved of it so far. */
import { formatRate } from '../../base/units.ts';
import type { CourseState } from '../../metrics/events.ts';
import type { DownloadView } from '../../metrics/view.ts';
import { themeFor } from './colours.ts';
import type { Colour, Theme } from './colours.ts';
import { glyphsFor } from './glyphs.ts';
import { PLAIN_STYLE, span } from './paint.ts';
import type { Span } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { columnsOf, cutTo, fitTo } from './width.ts';
import { bytesWords, clockWords, leftWords, nameOf, percentWords, rateWords } from './words.ts';

const courseColour = (course: CourseState, theme: Theme): Colour => {
  if (course === 'paused' || course === 'stopping' || course === 'discovering') return theme.warn;
  if (course === 'failed') return theme.bad;
  return course === 'done' ? theme.good : theme.faint;
};

/** `plait  ubuntu.iso                transferring  0:07` */
export function titleSpans(view: DownloadView, width: number, terminal: Terminal): readonly Span[] {
  const theme = themeFor(terminal.isLight);
  const size = view.totalBytes === null ? 'size unknown' : bytesWords(view.totalBytes);
  const clock = clockWords(view.elapsedMs);
  const right = width < 34 ? view.course : `${view.course}  ${clock}`;
  const brand = width < 50 ? '' : 'plait  ';
  const room = width - columnsOf(brand) - columnsOf(right) - 2;
  const name = cutTo(nameOf(view), Math.max(0, width >= 60 ? room - size.length - 2 : room));
  const sizeShown = width >= 60 ? `  ${size}` : '';
  const space = Math.max(0, room - columnsOf(name) - sizeShown.length + 2);
  return [
    span(brand, { fg: theme.faint }),
    span(name, { isBold: true, fg: theme.bright }),
    span(sizeShown, { fg: theme.faint }),
    span(' '.repeat(space)),
    span(cutTo(view.course, width), { fg: courseColour(view.course, theme) }),
    span(right.slice(view.course.length), { fg: theme.faint }),
  ];
}

/** ` 63 % ━━━━━━━━╸·····` */
export function barSpans(view: DownloadView, width: number, terminal: Terminal): readonly Span[] {
  const theme = themeFor(terminal.isLight);
  const glyphs = glyphsFor(terminal.isUnicode);
  const whole = view.totalBytes ?? 0;
  const percent = fitTo(view.totalBytes === null ? '? %' : percentWords(view.writtenBytes, whole), Math.min(5, width), 'right');
  const room = Math.max(0, width - 7);
  const halves = Math.round((whole === 0 ? 0 : Math.min(1, view.writtenBytes / whole)) * room * 2);
  const full = Math.floor(halves / 2);
  const half = halves % 2 === 1 && glyphs.barHalf !== null ? glyphs.barHalf : '';
  const rest = glyphs.barRest.repeat(Math.max(0, room - full - half.length));
  const colour = view.course === 'paused' ? theme.warn : theme.accent;
  return [span(percent, { isBold: true }), span(room === 0 ? '' : '  '), span(glyphs.barFull.repeat(full) + half, { fg: colour }), span(rest, { fg: theme.rule })];
}

interface Figure {
  readonly value: string;
  readonly words: string;
  /** Columns of the value, so that nothing after it moves. */
  readonly columns: number;
  readonly colour?: Colour;
}

function figuresOf(view: DownloadView, theme: Theme): readonly Figure[] {
  const of = view.totalBytes === null ? 'so far' : `of ${bytesWords(view.totalBytes)}`;
  const efficiency = view.efficiency === null ? '–' : `${Math.round(Math.min(1, view.efficiency) * 100)} %`;
  const figures: Figure[] = [
    { value: bytesWords(view.writtenBytes), words: of, columns: 8 },
    { value: rateWords(view.rateBytesPerSec), words: 'now', columns: 10 },
    { value: view.etaSeconds === null ? '–' : leftWords(view.etaSeconds), words: 'left', columns: 8 },
    { value: rateWords(view.meanBytesPerSec), words: 'mean', columns: 10 },
  ];
  if (view.limitBytesPerSec !== null) figures.push({ value: formatRate(view.limitBytesPerSec), words: 'limit', columns: 10, colour: theme.warn });
  if (view.recoveredBytes > 0) figures.push({ value: bytesWords(view.recoveredBytes), words: 'resumed', columns: 8 });
  figures.push({ value: bytesWords(view.wastedBytes), words: 'in vain', columns: 8 }, { value: efficiency, words: 'of ideal', columns: 5 });
  return figures;
}

/** `50.4 MiB of 80 MiB   15.2 MiB/s now   2 s left …`: as many as fit, the first ones first. */
export function numberSpans(view: DownloadView, width: number, terminal: Terminal): readonly Span[] {
  const theme = themeFor(terminal.isLight);
  const spans: Span[] = [];
  let used = 0;
  for (const { value, words, columns, colour } of figuresOf(view, theme)) {
    const gap = used === 0 ? '' : '   ';
    // On a screen this narrow every column counts, and the figures may move.
    const shown = width < 60 ? value : fitTo(value, columns, 'right');
    const needed = gap.length + columnsOf(shown) + 1 + words.length;
    if (used + needed > width) break;
    spans.push(span(gap + shown, colour === undefined ? PLAIN_STYLE : { fg: colour }), span(` ${words}`, { fg: theme.faint }));
    used += needed;
  }
  return spans;
}

/** What is proved so far, and what will be. `checksum` names the algorithm the user gave a digest of. */
export function proofWords(view: DownloadView, checksum: string | null): string {
  const mirrors = view.admittedServers;
  const size = mirrors === 0 ? 'nothing yet' : mirrors === 1 ? 'the size, by one server' : `the size, by ${mirrors} servers`;
  const agreed = view.crossCheckedBytes === 0 ? size : `${size}, and ${bytesWords(view.crossCheckedBytes)} of content that they have alike`;
  if (view.proof === 'checksum') return `Proved: the content is the one of your ${checksum ?? 'checksum'}.`;
  if (view.proof === 'pieces') return 'Proved: every piece has the hash you gave.';
  if (view.course === 'verifying') return `Proved so far: ${agreed}; ${checksum ?? 'the content'} is being checked.`;
  return `Proved so far: ${agreed}; ${checksum === null ? 'no checksum given' : `${checksum} when it is whole`}.`;
}

export const proofSpans = (view: DownloadView, checksum: string | null, width: number, terminal: Terminal): readonly Span[] => [
  span(cutTo(proofWords(view, checksum), width), { fg: themeFor(terminal.isLight).faint }),
];
