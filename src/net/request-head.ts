/** The request for a range (RFC 9110 §14.2), as header fields and as the bytes of a lane. */
import { VERSION } from '../base/version.ts';
import type { HeaderField } from './credentials.ts';
import { isEntityTag } from './validator.ts';

const USER_AGENT = `plait/${VERSION}`;

export interface RangeRequest {
  readonly url: URL;
  /** `[start, end)`, or null for the whole file. */
  readonly range: { readonly start: number; readonly end: number } | null;
  /** Only this version will do. */
  readonly validator: string | null;
  readonly asksDigest: boolean;
  /** The user's own fields for this origin; they stand in for ours of the same name. */
  readonly userFields: readonly HeaderField[];
}

/** All header fields but Host and Connection, which belong to the transport. */
export function requestFields(request: RangeRequest): HeaderField[] {
  const { range, validator } = request;
  const own: HeaderField[] = [
    { name: 'User-Agent', value: USER_AGENT },
    { name: 'Accept', value: '*/*' },
    { name: 'Accept-Encoding', value: 'identity' },
  ];
  // The header's last byte is inclusive.
  if (range !== null) own.push({ name: 'Range', value: `bytes=${range.start}-${range.end - 1}` });
  // A precondition costs one 412 where If-Range would cost a whole 200.
  if (validator !== null) own.push({ name: isEntityTag(validator) ? 'If-Match' : 'If-Unmodified-Since', value: validator });
  if (request.asksDigest) own.push({ name: 'Want-Repr-Digest', value: 'sha-256=1' });
  const users = new Set(request.userFields.map((field) => field.name.toLowerCase()));
  return [...own.filter((field) => !users.has(field.name.toLowerCase())), ...request.userFields];
}

/** The request as it goes over a lane, one byte a character. The URL parser has left no control character in it. */
export function requestText(request: RangeRequest): string {
  const { url } = request;
  const lines = requestFields(request).map((field) => `${field.name}: ${field.value}\r\n`);
  return `GET ${url.pathname}${url.search} HTTP/1.1\r\nHost: ${url.host}\r\n${lines.join('')}Connection: keep-alive\r\n\r\n`;
}
