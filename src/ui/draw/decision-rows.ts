/** Decisions as rows: when, and why, with each server in its colour. */
import type { Decision } from '../../machines/decisions.ts';
import { serverColour, themeFor } from './colours.ts';
import { PLAIN_STYLE, span } from './paint.ts';
import type { Span, Style } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { cutTo, inTwoLines } from './width.ts';
import { clockWords } from './words.ts';

export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const SERVER = /[Ss]erver (\d{1,5})/gu;

/** A sentence of ours with the servers it names in their colours. */
export function namedSpans(text: string, style: Style, terminal: Terminal): readonly Span[] {
  const spans: Span[] = [];
  let at = 0;
  for (const match of text.matchAll(SERVER)) {
    spans.push(span(text.slice(at, match.index), style), span(match[0], { ...style, fg: serverColour(Number(match[1]), terminal.isLight) }));
    at = match.index + match[0].length;
  }
  spans.push(span(text.slice(at), style));
  return spans;
}

/** What is told and when, as rows; the newest last, and brighter than those before. A long sentence takes two rows. */
export function sentenceRows(told: readonly { readonly atMs: number; readonly text: string }[], rows: number, width: number, terminal: Terminal): readonly (readonly Span[])[] {
  const faint = { fg: themeFor(terminal.isLight).faint };
  const lines: (readonly Span[])[] = [];
  for (let at = told.length - 1; at >= 0 && lines.length < rows; at -= 1) {
    const { atMs, text } = told[at] ?? { atMs: 0, text: '' };
    const time = width < 36 ? '' : `${clockWords(atMs)}  `;
    const style = at === told.length - 1 ? PLAIN_STYLE : faint;
    const broken = rows - lines.length > 1 ? inTwoLines(text, width - time.length) : [cutTo(text, width - time.length)];
    lines.unshift(...broken.map((line, part) => [span(part === 0 ? time : ' '.repeat(time.length), faint), ...namedSpans(line, style, terminal)]));
  }
  return lines;
}

/**
 * A server that stays away is told of once, with how often it was asked: its tries would push everything else out. Its
 * last try stands for all, until it is back or out.
 */
export function withoutRepeats(decisions: readonly Decision[]): readonly Decision[] {
  let kept: readonly Decision[] = [];
  const lost = new Map<number, { readonly told: Decision; readonly times: number }>();
  for (const decision of decisions) {
    const { kind, mirrorId, why } = decision;
    if (kind !== 'server-lost' || mirrorId === undefined) {
      if (mirrorId !== undefined && kind.startsWith('server-')) lost.delete(mirrorId);
      kept = [...kept, decision];
      continue;
    }
    const before = lost.get(mirrorId);
    const times = (before?.times ?? 0) + 1;
    const told = times === 1 ? decision : { ...decision, why: `${why.replace(/\.$/u, '')} (${times} times by now).` };
    kept = [...kept.filter((each) => each !== before?.told), told];
    lost.set(mirrorId, { told, times });
  }
  return kept;
}

export const decisionRows = (decisions: readonly Decision[], rows: number, width: number, beganAtMs: number, terminal: Terminal): readonly (readonly Span[])[] =>
  sentenceRows(withoutRepeats(decisions).slice(-rows).map(({ atMs, why }) => ({ atMs: atMs - beganAtMs, text: sentence(why) })), rows, width, terminal);
