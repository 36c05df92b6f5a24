import { extname } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.avi': 'video/x-msvideo',
  '.css': 'text/css; charset=utf-8',
  '.gif': 'image/gif',
  '.gz': 'application/gzip',
  '.html': 'text/html; charset=utf-8',
  '.jpg': 'image/jpeg',
  '.json': 'application/json',
  '.mkv': 'video/matroska',
  '.mp3': 'audio/mpeg',
  '.mp4': 'video/mp4',
  '.pdf': 'application/pdf',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.tar': 'application/x-tar',
  '.txt': 'text/plain; charset=utf-8',
  '.zip': 'application/zip',
  '.zst': 'application/zstd',
};

/** The media type of a file name; `application/octet-stream` for whatever is not well known. */
export const contentTypeOf = (name: string): string => TYPES[extname(name).toLowerCase()] ?? 'application/octet-stream';

/** The name for whoever saves the file (RFC 6266, with RFC 8187's `filename*` where ASCII does not do). */
export function contentDisposition(name: string): string {
  // Quotes and backslashes could be escaped, but readers differ there: a plain underscore is read alike by all.
  const ascii = name.replace(/[^\u0020-\u007E]|["\\%]/gu, '_');
  if (ascii === name) return `attachment; filename="${ascii}"`;
  return `attachment; filename="${ascii}"; filename*=UTF-8''${percentEncoded(name)}`;
}

/** RFC 8187 §3.2.1: everything but `attr-char` is percent-encoded; encodeURIComponent leaves four too many. */
function percentEncoded(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/['()*]/gu, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
