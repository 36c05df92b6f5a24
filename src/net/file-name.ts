/** A name from elsewhere (a header, a URL's path) made safe as the name of one file in one folder, on any system. */
import { FILE_NAME_MAX_BYTES } from '../base/bounds.ts';
import { UNSEEN } from '../base/foreign-text.ts';
import { withoutTrailing } from '../base/without-trailing.ts';

const REPLACED = /\u{FFFD}/gu;
const FORBIDDEN_ON_WINDOWS = /[<>:"|?*]/gu;
const BLANK_OR_DOT = /[\s.]/u;
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[\d\u00b9\u00b2\u00b3])(?:\.|$)/iu;

/** `name` cut to `maxBytes` of UTF-8 between characters, its extension kept where there is room for it. */
function shorten(name: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && name.length - dot <= 16 ? name.slice(dot) : '';
  let room = maxBytes - Buffer.byteLength(extension);
  let stem = '';
  for (const character of name.slice(0, name.length - extension.length)) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    stem += character;
  }
  return stem.trimEnd() + extension;
}

/**
 * The last component of `text` as a safe file name: no controls, bidirectional or invisible characters, separators,
 * leading dots, trailing dots or blanks, Windows' reserved names; NFC; at most `FILE_NAME_MAX_BYTES` bytes. Null
 * where nothing is left.
 */
export function safeFileName(text: string): string | null {
  const component = text.split(/[/\\]/u).at(-1) ?? '';
  // Composed only now: what stood between a letter and its accent may just have gone.
  const visible = component.replace(UNSEEN, '').replace(REPLACED, '').normalize('NFC').replace(FORBIDDEN_ON_WINDOWS, '_');
  const bare = withoutTrailing(visible.replace(/^[\s.]+/u, ''), BLANK_OR_DOT);
  if (bare === '') return null;
  return withoutTrailing(shorten(DEVICE.test(bare) ? `_${bare}` : bare, FILE_NAME_MAX_BYTES), BLANK_OR_DOT);
}
