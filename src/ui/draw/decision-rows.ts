/** Decisions as rows: when, and why, with each server in its colour. */
import type { Decision } from '../../machines/decisions.ts';
import { serverColour, themeFor } from './colours.ts';
import { PLAIN_STYLE, span } from './paint.ts';
import type { Span, Style } from './paint.ts';
import type { Terminal } from './terminal.ts';
import { cutTo } from './width.ts';
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

/** One sentence a row; the newest last, and brighter than those before. */
export function decisionRows(decisions: readonly Decision[], rows: number, width: number, beganAtMs: number, terminal: Terminal): readonly (readonly Span[])[] {
  const theme = themeFor(terminal.isLight);
  const shown = decisions.slice(Math.max(0, decisions.length - rows));
  return shown.map((decision, index) => {
    const time = width < 36 ? '' : `${clockWords(decision.atMs - beganAtMs)}  `;
    const style = index === shown.length - 1 ? PLAIN_STYLE : { fg: theme.faint };
    return [span(time, { fg: theme.faint }), ...namedSpans(cutTo(sentence(decision.why), width - time.length), style, terminal)];
  });
}
