/** Where a redirect leads (RFC 9110 §15.4), or why it is not followed. */
import { REDIRECTS_MAX } from '../base/bounds.ts';
import { redactUrl } from '../base/foreign-text.ts';

export type NextAddress =
  | { readonly kind: 'follow'; readonly url: URL }
  | { readonly kind: 'refuse'; readonly code: 'redirect-refused' | 'too-many-redirects'; readonly detail: string };

/** 300 offers a choice, 304 and 305 are no redirects for a ranged GET. */
export const isRedirect = (status: number): boolean =>
  status === 301 || status === 302 || status === 303 || status === 307 || status === 308;

const refuse = (detail: string): NextAddress => ({ kind: 'refuse', code: 'redirect-refused', detail });

/**
 * The next URL of a request, without the `user:password@` and fragment that a server may have put into it.
 * @param location the Location header, one byte a character.
 * @param followed how many redirects of this request were followed before.
 */
export function nextAddress(from: URL, location: string | null, followed: number): NextAddress {
  if (followed >= REDIRECTS_MAX) return { kind: 'refuse', code: 'too-many-redirects', detail: `${REDIRECTS_MAX} redirects` };
  if (location === null || location === '') return refuse('a redirect without a Location');
  // Servers that put raw UTF-8 there are many; the URL parser then writes it as percent codes.
  const text = Buffer.from(location, 'latin1').toString('utf8');
  if (!URL.canParse(text, from.href)) return refuse('a Location that is not a URL');
  const url = new URL(text, from.href);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse(`to ${url.protocol}`);
  if (from.protocol === 'https:' && url.protocol === 'http:') return refuse(`from https to ${redactUrl(url.href)}`);
  if (url.port === '0') return refuse('to port 0');
  url.username = '';
  url.password = '';
  url.hash = '';
  return { kind: 'follow', url };
}
