/** Mirror URLs as the user writes them. */
import { PlaitError } from '../base/errors.ts';
import { redactUrl } from '../base/foreign-text.ts';

// The URL standard strips tabs and line ends without a word; a URL that holds any was not meant as it reads.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/u;
const PERCENT_PAIR = /%([0-9a-f]{2})/giu;
const UNRESERVED = /^[\w.~-]$/u;

/**
 * The URL of a mirror, of scheme http or https and without control characters.
 * @throws PlaitError `usage`, with a sentence that names the URL (without its password) and what to do.
 */
export function parseMirrorUrl(text: string): URL {
  // A program that no compiler has seen may give anything.
  if (typeof text !== 'string') throw new PlaitError('usage', `A URL has to be text, such as https://example.org/file.iso, and not of type ${typeof text}.`);
  const shown = redactUrl(text.trim());
  if (CONTROL.test(text)) {
    throw new PlaitError('usage', `The URL ${shown} holds a control character: write it on one line, without tabs or escape codes.`);
  }
  if (!URL.canParse(text)) {
    throw new PlaitError('usage', `"${shown}" is not a URL: give a whole one such as https://example.org/file.iso.`);
  }
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new PlaitError('usage', `The URL ${shown} has the scheme ${url.protocol.slice(0, -1)}: only http and https are served.`);
  }
  if (url.port === '0') {
    throw new PlaitError('usage', `The URL ${shown} names port 0: give the port on which the server listens.`);
  }
  return url;
}

/**
 * What two spellings of one mirror have in common: case and default port and dot segments are the URL parser's
 * doing, a host's final dot, needless percent codes (RFC 3986 §6.2.2), password and fragment are taken off here.
 */
export function sameMirrorKey(url: URL): string {
  const plain = (text: string): string =>
    text.replace(PERCENT_PAIR, (pair, hex: string) => {
      const character = String.fromCharCode(Number.parseInt(hex, 16));
      return UNRESERVED.test(character) ? character : pair.toUpperCase();
    });
  const host = url.hostname.replace(/\.$/u, '');
  return `${url.protocol}//${host}:${url.port}${plain(url.pathname)}${plain(url.search)}`;
}
