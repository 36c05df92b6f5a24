/**
 * A strict, small, bounded parser of HTTP/1.1 response heads (RFC 9112). Whatever it accepts, Node's own parser reads
 * alike (a fuzz test holds that); whatever is doubtful, it refuses.
 */
import { HEAD_LINES_MAX, HEAD_MAX_BYTES, INTERIM_RESPONSES_MAX } from '../base/bounds.ts';
import { withoutTrailing } from '../base/without-trailing.ts';

/** Field values by lower-case name, in order, one byte a character. */
export type Headers = ReadonlyMap<string, readonly string[]>;

export interface ResponseHead {
  readonly status: number;
  /** 1 for HTTP/1.1, 0 for HTTP/1.0. */
  readonly minorVersion: 0 | 1;
  /** Foreign text: clean it before it is shown. */
  readonly reason: string;
  readonly headers: Headers;
  /** The Content-Length, or null where there is none. */
  readonly contentLength: number | null;
}

/** All values of a header as one, joined by commas as lists are (RFC 9110 §5.3); null where it is absent. */
export function headerValue(headers: Headers, name: string): string | null {
  const values = headers.get(name);
  return values === undefined ? null : values.join(', ');
}

export type HeadFault = { readonly kind: 'bad'; readonly code: 'bad-head' | 'head-too-large'; readonly detail: string };

const bad = (detail: string, code: HeadFault['code'] = 'bad-head'): HeadFault => ({ kind: 'bad', code, detail });

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: ([\t\u0020-\u007e\u0080-\u00ff]*))?$/u;
// A value begins with no blank: two repetitions that share a character would be tried in every division of a run of them.
const FIELD_LINE = /^([\w!#$%&'*+.^`|~-]+):[\t ]*((?:[\u0021-\u007e\u0080-\u00ff][\t\u0020-\u007e\u0080-\u00ff]*)?)$/u;
const BLANK = /[\t ]/u;

/** The rules about a body's framing that hold for any head (RFC 9112 §6.3): a doubt there is how answers get mixed up. */
export function checkedHead(status: number, minorVersion: 0 | 1, reason: string, headers: Headers): ResponseHead | HeadFault {
  const lengths = headers.get('content-length') ?? [];
  const coded = headers.has('transfer-encoding');
  if (lengths.length > 1) return bad('two Content-Lengths');
  if (lengths.length > 0 && coded) return bad('both Content-Length and Transfer-Encoding');
  const text = lengths[0];
  if (text === undefined) return { status, minorVersion, reason, headers, contentLength: null };
  const contentLength = Number(text);
  if (!/^\d+$/u.test(text) || !Number.isSafeInteger(contentLength)) return bad('a Content-Length that is no length');
  return { status, minorVersion, reason, headers, contentLength };
}

/** Reads one head: its lines without the empty one that ends it, each ended by CR LF. */
export function parseHead(text: string): ResponseHead | HeadFault {
  const lines = text.split('\r\n');
  if (lines.length - 1 > HEAD_LINES_MAX) return bad(`more than ${HEAD_LINES_MAX} lines`, 'head-too-large');
  const status = STATUS_LINE.exec(lines[0] ?? '');
  if (status === null) return bad('a malformed status line');
  const headers = new Map<string, string[]>();
  for (const line of lines.slice(1)) {
    // A folded line begins with a blank and a bare CR or LF is inside one: neither matches.
    const field = FIELD_LINE.exec(line);
    if (field?.[1] === undefined) return bad('a malformed header line');
    const name = field[1].toLowerCase();
    const value = withoutTrailing(field[2] ?? '', BLANK);
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return checkedHead(Number(status[2]), status[1] === '1' ? 1 : 0, status[3] ?? '', headers);
}

export type HeadStep =
  | { readonly kind: 'more' }
  /** `bodyAt`: where in the bytes just pushed the body begins. */
  | { readonly kind: 'head'; readonly head: ResponseHead; readonly bodyAt: number }
  | HeadFault;

const MORE: HeadStep = { kind: 'more' };
const END_OF_HEAD = '\r\n\r\n';

/** Takes the bytes of one response as they come, up to the end of its final head; interim (1xx) heads are skipped. */
export class HeadReader {
  /** The head so far, beginning at its status line; never over `HEAD_MAX_BYTES`. */
  #text = '';
  #interim = 0;

  push(bytes: Uint8Array): HeadStep {
    // Only what may still belong to a head is decoded: the rest of a 1 MiB read is body.
    const room = HEAD_MAX_BYTES + 1 - this.#text.length;
    let at = Math.min(bytes.length, room);
    this.#text += Buffer.from(bytes.buffer, bytes.byteOffset, at).toString('latin1');
    for (;;) {
      const end = this.#text.indexOf(END_OF_HEAD);
      if (end < 0 || end + END_OF_HEAD.length > HEAD_MAX_BYTES) {
        return this.#text.length > HEAD_MAX_BYTES ? bad(`over ${HEAD_MAX_BYTES} bytes`, 'head-too-large') : this.#looksWrong();
      }
      const head = parseHead(this.#text.slice(0, end));
      if ('kind' in head) return head;
      this.#text = this.#text.slice(end + END_OF_HEAD.length);
      if (head.status >= 200) return { kind: 'head', head, bodyAt: at - this.#text.length };
      const refusal = this.#refuseInterim(head);
      if (refusal !== null) return refusal;
      // What follows the interim head is looked at again, and more of this read may now fit.
      const next = Math.min(bytes.length, at + HEAD_MAX_BYTES + 1 - this.#text.length);
      this.#text += Buffer.from(bytes.buffer, bytes.byteOffset + at, next - at).toString('latin1');
      at = next;
    }
  }

  /** A first line that cannot become a status line is told at once: waiting for its end would be waiting for ever. */
  #looksWrong(): HeadStep {
    const line = this.#text.split('\r\n', 1)[0] ?? '';
    const prefix = 'HTTP/1.'.slice(0, line.length);
    return line.startsWith(prefix) && !line.includes('\n') ? MORE : bad('a malformed status line');
  }

  #refuseInterim(head: ResponseHead): HeadFault | null {
    this.#interim += 1;
    if (head.status === 101) return bad('a switch of protocols that nobody asked for');
    if (head.contentLength !== null || head.headers.has('transfer-encoding')) return bad('an interim response with a body');
    return this.#interim > INTERIM_RESPONSES_MAX ? bad(`more than ${INTERIM_RESPONSES_MAX} interim responses`) : null;
  }
}
