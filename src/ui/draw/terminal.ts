/** What the terminal can show. Found out once, from its environment, and handed to everything that draws. */

export type ColourDepth = 'none' | '16' | '256' | 'true';

export interface Terminal {
  readonly depth: ColourDepth;
  /** Block elements, braille and box lines; otherwise ASCII alone. */
  readonly isUnicode: boolean;
  /** Dark text on a light ground. */
  readonly isLight: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Terminals that cannot place the cursor: nothing but lines can be shown on them. */
export const canShowScreens = (env: Env): boolean => env.TERM !== 'dumb' && env.TERM !== '';

/** Whether the user's locale, as POSIX orders its variables, writes UTF-8. One that is not set at all says nothing. */
function localeIsUnicode(env: Env): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  return locale === undefined || /utf-?8/iu.test(locale);
}

// The Linux console has a font of 256 or 512 glyphs, without braille and most blocks.
const speaksUnicode = (env: Env): boolean => env.TERM !== 'linux' && env.TERM !== 'dumb' && localeIsUnicode(env);

/** COLORFGBG ("15;0": text;ground) is what rxvt, Konsole and others say of their colours; 7 and 15 are light grounds. */
const isLightGround = (env: Env): boolean => /;(?:7|15)$/u.test(env.COLORFGBG ?? '');

/** @param depthBits what the stream says: 1, 4, 8 or 24, as Node's `getColorDepth` gives it */
export function terminalOf(env: Env, depthBits: number): Terminal {
  const depth = depthBits >= 24 ? 'true' : depthBits >= 8 ? '256' : depthBits >= 4 ? '16' : 'none';
  const isColourless = (env.NO_COLOR !== undefined && env.NO_COLOR !== '') || env.TERM === 'dumb';
  return { depth: isColourless ? 'none' : depth, isUnicode: speaksUnicode(env), isLight: isLightGround(env) };
}
