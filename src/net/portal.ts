/** Whether an answer is a web page in the place of a file: what a captive portal or a login wall sends, with status 200. */
import { headerValue } from './response-head.ts';
import type { ResponseHead } from './response-head.ts';

/** Ends of names that pages have themselves. */
const PAGES = /^(?:x?html?|shtml|mhtml|php\d?|aspx?|jspx?|cgi|do|xml|svg)$/iu;
/** A name with an end that tells its kind: letters and digits, at least one letter. */
const KIND = /\.(?=\d*[a-z])([a-z\d]{1,8})$/iu;

/**
 * True where the mirror's own URL ends in the name of a file that is no page, and the whole answer is HTML. Where the
 * URL has no such name, a page may well be what was asked for.
 * @param url as the user named the mirror: a portal's redirect leads to a page's address.
 */
export function isPageInsteadOfFile(url: URL, head: ResponseHead): boolean {
  if (head.status !== 200) return false;
  const type = (headerValue(head.headers, 'content-type') ?? '').toLowerCase();
  if (!/^\s*(?:text\/html|application\/xhtml\+xml)\s*(?:;|$)/u.test(type)) return false;
  const kind = KIND.exec(url.pathname)?.[1];
  return kind !== undefined && !PAGES.test(kind);
}
