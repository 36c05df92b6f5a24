/**
 * What the user gave for certain servers alone: `user:password@` in a URL and the headers of -H. They are kept by
 * origin (scheme, host and port) and handed out for requests to that origin only, so that no redirect and no other
 * mirror ever gets them.
 */
import { PlaitError } from '../base/errors.ts';
import { redactUrl } from '../base/foreign-text.ts';

/** One header field of a request. */
export interface HeaderField {
  /** A token (RFC 9110 §5.1), in any case. */
  readonly name: string;
  /** One byte a character. */
  readonly value: string;
}

const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/u;
const FIELD_VALUE = /^[\t\u0020-\u007e\u0080-\u00ff]*$/u;
const CONTROL = /[\u0000-\u001f\u007f]/u;

/** What the transfer itself is made of: with another value there the bytes would not be what was asked for. */
const OWN_HEADERS = new Set([
  'accept-encoding', 'connection', 'content-length', 'expect', 'host', 'if-match', 'if-modified-since', 'if-none-match', 'if-range',
  'if-unmodified-since', 'keep-alive', 'proxy-authorization', 'range', 'te', 'trailer', 'transfer-encoding', 'upgrade',
]);

/** Refuses a header of -H that cannot be sent or must not be. @throws PlaitError `usage` */
export function checkUserHeader(field: HeaderField): void {
  // The value may be a password: only the name is ever shown.
  const shown = JSON.stringify(field.name.slice(0, 60));
  if (!TOKEN.test(field.name)) throw new PlaitError('usage', `${shown} is not a header's name: write -H 'Name: value'.`);
  if (!FIELD_VALUE.test(field.value)) {
    throw new PlaitError('usage', `The value of the header ${shown} holds a control character or one outside Latin-1: remove it.`);
  }
  if (OWN_HEADERS.has(field.name.toLowerCase())) {
    throw new PlaitError('usage', `The header ${shown} belongs to the transfer itself and cannot be set: leave it out.`);
  }
}

function decodeUserinfo(text: string, url: URL): string {
  let decoded: string;
  try {
    decoded = decodeURIComponent(text);
  } catch {
    throw new PlaitError('usage', `The user or password in the URL ${redactUrl(url.href)} has a broken percent code: write % as %25.`);
  }
  if (CONTROL.test(decoded)) {
    throw new PlaitError('usage', `The user or password in the URL ${redactUrl(url.href)} holds a control character: remove it.`);
  }
  return decoded;
}

/** `Basic …` (RFC 7617) for the userinfo of a URL, or null where it has none. @throws PlaitError `usage` */
export function basicAuthorization(url: URL): string | null {
  if (url.username === '' && url.password === '') return null;
  const user = decodeUserinfo(url.username, url);
  if (user.includes(':')) {
    throw new PlaitError('usage', `The user in the URL ${redactUrl(url.href)} holds a colon, which cannot be sent: use -H 'Authorization: …'.`);
  }
  return `Basic ${Buffer.from(`${user}:${decodeUserinfo(url.password, url)}`, 'utf8').toString('base64')}`;
}

export interface Credentials {
  /** Learns a mirror's own URL and gives it back without its userinfo. @throws PlaitError `usage` */
  learn(url: URL): URL;
  /** The user's header fields for a request to `url`; none where its origin is not a mirror's own. */
  fieldsFor(url: URL): readonly HeaderField[];
}

/** @throws PlaitError `usage` for a header that cannot be sent. */
export function createCredentials(userHeaders: readonly HeaderField[]): Credentials {
  for (const field of userHeaders) checkUserHeader(field);
  const saysAuthorization = userHeaders.some((field) => field.name.toLowerCase() === 'authorization');
  const fieldsByOrigin = new Map<string, readonly HeaderField[]>();
  return {
    learn(url) {
      const authorization = basicAuthorization(url);
      const known = fieldsByOrigin.get(url.origin) ?? userHeaders;
      const isNews = authorization !== null && !saysAuthorization && !known.some((field) => field.name === 'Authorization');
      fieldsByOrigin.set(url.origin, isNews ? [...known, { name: 'Authorization', value: authorization }] : known);
      const bare = new URL(url);
      bare.username = '';
      bare.password = '';
      bare.hash = '';
      return bare;
    },
    fieldsFor: (url) => fieldsByOrigin.get(url.origin) ?? [],
  };
}
