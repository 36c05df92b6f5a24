import { FOREIGN_TEXT_MAX } from './bounds.ts';

/**
 * One character that a reader does not see, or that a terminal may act upon: C0 and C1 controls (escape codes among
 * them), format characters (soft hyphen, bidirectional ones, tags), line and paragraph separators, lone surrogates, and
 * what else is drawn as nothing, unassigned or not (the Unicode Standard, section 5.21). Variation
 * selectors stay: they only choose the form of the character before them, a coloured heart for a black one.
 */
export const UNSEEN = /[[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]--\p{Variation_Selector}]/gv;
const UNSEEN_RUN = new RegExp(`${UNSEEN.source}+`, UNSEEN.flags);

/**
 * Foreign text (a server's reason, a header, a name) made safe for a terminal: no control, bidirectional or invisible
 * character is left, and it is cut to `max` characters. Called once, where the text enters.
 */
export function cleanForeignText(text: string, max: number = FOREIGN_TEXT_MAX): string {
  const clean = text.replace(UNSEEN_RUN, '\u{FFFD}').normalize('NFC').trim();
  const characters = [...clean];
  return characters.length <= max ? clean : `${characters.slice(0, max - 1).join('')}…`;
}

/** A URL for people and logs: without `user:password@`, query and fragment, cleaned. */
export function redactUrl(url: string): string {
  try {
    const parsed = new URL(url);
    return cleanForeignText(`${parsed.protocol}//${parsed.host}${parsed.pathname}`, 2_000);
  } catch {
    return cleanForeignText(url.replace(/\/\/[^/@]*@/u, '//').replace(/[?#].*$/su, ''));
  }
}
