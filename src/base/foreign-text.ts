import { FOREIGN_TEXT_MAX } from './bounds.ts';

// C0 and C1 controls (escape codes among them), soft hyphen, bidirectional and other invisible format characters,
// line and paragraph separators, tags, and lone surrogates.
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/**
 * Foreign text (a server's reason, a header, a name) made safe for a terminal: no control, bidirectional or invisible
 * character is left, and it is cut to `max` characters. Called once, where the text enters.
 */
export function cleanForeignText(text: string, max: number = FOREIGN_TEXT_MAX): string {
  const clean = text.replace(UNPRINTABLE, '\u{FFFD}').normalize('NFC').trim();
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
