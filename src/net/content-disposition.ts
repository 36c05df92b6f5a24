/** The file's name in a Content-Disposition header (RFC 6266, extended values by RFC 8187). */
import { safeFileName } from './file-name.ts';

// disposition-type, then parameters: token = token or quoted-string. Sticky, so that garbage between them ends it.
const TYPE = /^\s*[\w!#$%&'*+.^`|~-]+\s*/u;
const PARAMETER = /;\s*(?:([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*)))?\s*/uy;

function parametersOf(header: string): Map<string, string> {
  const found = new Map<string, string>();
  const type = TYPE.exec(header);
  PARAMETER.lastIndex = type?.[0].length ?? 0;
  for (let match = PARAMETER.exec(header); match !== null; match = PARAMETER.exec(header)) {
    const name = match[1]?.toLowerCase();
    const value = match[2]?.replace(/\\(.)/gu, '$1') ?? match[3];
    // The first of two holds; what follows it may be an attempt to have two readers see two names.
    if (name !== undefined && value !== undefined && !found.has(name)) found.set(name, value);
  }
  return found;
}

/** `bytes` as UTF-8, or null where they are not. */
function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** `charset'language'percent-encoded` (RFC 8187 §3.2): UTF-8 as the standard has it, and Latin-1 as some send it. */
function extendedValue(text: string): string | null {
  const match = /^(utf-8|iso-8859-1)'[^']*'([^']*)$/iu.exec(text);
  const encoded = match?.[2];
  if (encoded === undefined || /%(?![\da-f]{2})/iu.test(encoded)) return null;
  const bytes = Buffer.from(encoded.replace(/%([\da-f]{2})/giu, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))), 'latin1');
  return match?.[1]?.toLowerCase() === 'utf-8' ? utf8(bytes) : bytes.toString('latin1');
}

/**
 * The safe file name that a Content-Disposition gives, or null. `filename*` holds over `filename`.
 * @param header the header, one byte a character.
 */
export function dispositionFileName(header: string | null): string | null {
  if (header === null) return null;
  const parameters = parametersOf(header);
  const extended = extendedValue(parameters.get('filename*') ?? '');
  const fromExtended = extended === null ? null : safeFileName(extended);
  if (fromExtended !== null) return fromExtended;
  const plain = parameters.get('filename');
  if (plain === undefined) return null;
  // The standard says Latin-1, most servers send UTF-8: what reads as UTF-8 is meant as such.
  return safeFileName(utf8(Buffer.from(plain, 'latin1')) ?? plain);
}
