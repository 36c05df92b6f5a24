/**
 * The palette. Servers get colours of one lightness around the colour circle, red left out: red says trouble. A colour
 * knows its nearest of the 16 itself, because the nearest by distance would give half the servers the same one.
 */

export interface Colour {
  /** Red, green and blue, 0 to 255. */
  readonly rgb: readonly [number, number, number];
  /** Its stand-in among the 16 colours. */
  readonly ansi: number;
}

const GAMMA_BEND = 0.003_130_8;

function channel(linear: number): number {
  const clipped = Math.min(1, Math.max(0, linear));
  const bent = clipped <= GAMMA_BEND ? 12.92 * clipped : 1.055 * clipped ** (1 / 2.4) - 0.055;
  return Math.round(bent * 255);
}

/** A colour of the OKLCH space (Björn Ottosson, 2020): equal `lightness` looks equally light whatever the hue (in degrees). */
function oklch(lightness: number, chroma: number, hue: number, ansi: number): Colour {
  const a = chroma * Math.cos((hue * Math.PI) / 180);
  const b = chroma * Math.sin((hue * Math.PI) / 180);
  const l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b) ** 3;
  const m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b) ** 3;
  const s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b) ** 3;
  const red = 4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s;
  const green = -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s;
  const blue = -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s;
  return { rgb: [channel(red), channel(green), channel(blue)], ansi };
}

/** Hues that are told apart best come first, each with its stand-in among the 16. */
const HUES: readonly (readonly [hue: number, ansi: number])[] = [
  [185, 6], [78, 3], [300, 5], [142, 2], [350, 13], [250, 4], [112, 11], [52, 10], [222, 14], [325, 12],
];
const GOLDEN_ANGLE = 137.508;
/** Red lies here; what falls into it moves out at its end. */
const RED_FROM = 5;
const RED_TO = 45;

/** The colour of a server, by its number from 1, for a dark or a light ground. */
export function serverColour(number: number, isLight: boolean): Colour {
  const known = HUES[number - 1];
  const turned = (number * GOLDEN_ANGLE) % 360;
  const hue = known?.[0] ?? (turned > RED_FROM && turned < RED_TO ? turned + RED_TO : turned);
  const ansi = known?.[1] ?? HUES[number % HUES.length]?.[1] ?? 7;
  return oklch(isLight ? 0.62 : 0.765, known === undefined ? 0.09 : 0.118, hue, ansi);
}

/** `a` mixed with `b`: 0 is all `a`, 1 all `b`. Its stand-in among the 16 is that of `a`. */
export function mixed(a: Colour, b: Colour, share: number): Colour {
  const part = (at: 0 | 1 | 2): number => Math.round(a.rgb[at] + (b.rgb[at] - a.rgb[at]) * share);
  return { rgb: [part(0), part(1), part(2)], ansi: a.ansi };
}

/** The nearest of the 240 fixed colours of a 256-colour terminal: the 6×6×6 cube, or the greys. */
export function nearest256({ rgb: [red, green, blue] }: Colour): number {
  const level = (value: number): number => (value < 48 ? 0 : value < 115 ? 1 : Math.min(5, Math.floor((value - 35) / 40)));
  const ofLevel = (at: number): number => (at === 0 ? 0 : 55 + at * 40);
  const cube = [level(red), level(green), level(blue)] as const;
  const grey = Math.min(23, Math.max(0, Math.round(((red + green + blue) / 3 - 8) / 10)));
  const distance = (r: number, g: number, b: number): number => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2;
  const greyValue = 8 + grey * 10;
  const cubeIsNearer = distance(ofLevel(cube[0]), ofLevel(cube[1]), ofLevel(cube[2])) <= distance(greyValue, greyValue, greyValue);
  return cubeIsNearer ? 16 + 36 * cube[0] + 6 * cube[1] + cube[2] : 232 + grey;
}

/** What is not a server's: words, rules, grounds and alarms. */
export interface Theme {
  readonly faint: Colour;
  readonly rule: Colour;
  /** What nobody has asked for yet. */
  readonly free: Colour;
  readonly ground: Colour;
  readonly bright: Colour;
  readonly accent: Colour;
  readonly good: Colour;
  readonly warn: Colour;
  readonly bad: Colour;
}

const DARK: Theme = {
  faint: { rgb: [125, 133, 144], ansi: 8 },
  rule: { rgb: [52, 58, 66], ansi: 8 },
  free: { rgb: [32, 37, 44], ansi: 8 },
  ground: { rgb: [24, 27, 32], ansi: 0 },
  bright: { rgb: [255, 255, 255], ansi: 15 },
  accent: { rgb: [201, 209, 217], ansi: 7 },
  good: { rgb: [126, 200, 130], ansi: 2 },
  warn: { rgb: [230, 180, 90], ansi: 3 },
  bad: { rgb: [240, 98, 92], ansi: 1 },
};

const LIGHT: Theme = {
  faint: { rgb: [110, 119, 129], ansi: 8 },
  rule: { rgb: [208, 215, 222], ansi: 7 },
  free: { rgb: [226, 230, 234], ansi: 7 },
  ground: { rgb: [246, 248, 250], ansi: 15 },
  bright: { rgb: [20, 24, 30], ansi: 0 },
  accent: { rgb: [60, 68, 78], ansi: 0 },
  good: { rgb: [26, 127, 55], ansi: 2 },
  warn: { rgb: [154, 103, 0], ansi: 3 },
  bad: { rgb: [207, 34, 46], ansi: 1 },
};

export const themeFor = (isLight: boolean): Theme => (isLight ? LIGHT : DARK);
