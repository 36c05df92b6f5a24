/** The honest answer to a request: what a good HTTP/1.1 server says (RFC 9110). Pure. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ByteRange } from '../base/range.ts';
import { lengthOf } from '../base/range.ts';
import { contentDisposition, contentTypeOf } from './file-headers.ts';
import { ifRangeHolds, preconditionStatus } from './preconditions.ts';
import { askedRange, contentRange } from './range-header.ts';
import type { Representation } from './representation.ts';

export interface AskedFor {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export type AnswerBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  /** Bytes of the file, from `shift` later in it than the head says, between two texts. */
  | { readonly kind: 'file'; readonly range: ByteRange; readonly shift: 0 | 1; readonly before: string; readonly after: string };

/** How the head and the framing go out: everything but `plain` and `chunked` is written past Node's own HTTP. */
export type WireManner = 'plain' | 'chunked' | 'no-length' | 'two-lengths' | 'length-and-te' | 'garbage' | 'slow-head' | 'endless-1xx';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AnswerBody;
  readonly manner: WireManner;
}

/** The answer to `asked` out of `representation`. `nowEpochMs` is for what dates are compared with. */
export function answerTo(asked: AskedFor, representation: Representation, nowEpochMs: number): Answer {
  if (asked.method !== 'GET' && asked.method !== 'HEAD') return methodRefused();
  const headers = fileHeaders(asked.headers, representation);
  const refused = preconditionStatus(asked.headers, representation);
  if (refused !== null) return { status: refused, headers, body: { kind: 'none' }, manner: 'plain' };
  // Range means something for GET only (§14.2).
  const isRangeWanted = asked.method === 'GET' && ifRangeHolds(onlyOne(asked.headers['if-range']), representation, nowEpochMs);
  const range = isRangeWanted ? askedRange(asked.headers.range, representation.sizeBytes) : null;
  if (range === 'unsatisfiable') return rangeNotSatisfiable(headers, representation.sizeBytes);
  if (range === null) return fileAnswer(200, headers, { start: 0, end: representation.sizeBytes });
  return fileAnswer(206, { ...headers, 'Content-Range': contentRange(range, representation.sizeBytes) }, range);
}

export function fileAnswer(status: number, headers: Answer['headers'], range: ByteRange): Answer {
  const body = { kind: 'file', range, shift: 0, before: '', after: '' } as const;
  return { status, headers: { ...headers, 'Content-Length': String(lengthOf(range)) }, body, manner: 'plain' };
}

export function textAnswer(status: number, headers: Answer['headers'], text: string, contentType = 'text/plain; charset=utf-8'): Answer {
  const length = String(Buffer.byteLength(text));
  return { status, headers: { ...headers, 'Content-Type': contentType, 'Content-Length': length }, body: { kind: 'text', text }, manner: 'plain' };
}

export function rangeNotSatisfiable(headers: Answer['headers'], sizeBytes: number): Answer {
  return textAnswer(416, { ...headers, 'Content-Range': `bytes */${sizeBytes}` }, 'The file does not reach this range.\n');
}

export const methodRefused = (): Answer => textAnswer(405, { Allow: 'GET, HEAD', Connection: 'close' }, 'Only GET and HEAD are served here.\n');

function fileHeaders(asked: IncomingHttpHeaders, { name, entityTag, lastModifiedMs, sha256 }: Representation): Record<string, string> {
  return {
    'Accept-Ranges': 'bytes',
    'Content-Type': contentTypeOf(name),
    'Content-Disposition': contentDisposition(name),
    'Last-Modified': new Date(lastModifiedMs).toUTCString(),
    ...(entityTag === null ? {} : { ETag: entityTag }),
    ...(sha256 !== null && wantsSha256(asked['want-repr-digest']) ? { 'Repr-Digest': `sha-256=:${sha256}:` } : {}),
  };
}

/** Node's types allow a list for any header it does not know; on the wire If-Range comes once. */
const onlyOne = (header: string | string[] | undefined): string | undefined => (Array.isArray(header) ? header[0] : header);

/** RFC 9530 §4: a preference of 1 to 10 wants the digest, 0 does not. */
function wantsSha256(header: string | string[] | undefined): boolean {
  return /(?:^|,)\s*sha-256\s*=\s*(?:10|[1-9])\s*(?:;[^,]*)?(?:,|$)/iu.test([header].flat().join(','));
}
