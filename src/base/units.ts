/** Sizes, rates and times as people write and read them: powers of 1024, and seconds where no unit stands. */

const SIZE = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?(?:\/s)?$/iu;
const FACTOR: Record<string, number> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };
const TIME = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/iu;
const MS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Bytes of `8M`, `1.5G`, `500`, `20KiB/s`; null where it is no size. */
export function parseBytes(text: string): number | null {
  const match = SIZE.exec(text.trim());
  const factor = FACTOR[match?.[2]?.toLowerCase() ?? ''];
  if (match?.[1] === undefined || factor === undefined) return null;
  const bytes = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(bytes) ? bytes : null;
}

/** Milliseconds of `500ms`, `3s`, `2m`, `1h` or `30` (seconds); null where it is no time. */
export function parseMs(text: string): number | null {
  const match = TIME.exec(text.trim());
  const factor = MS[match?.[2]?.toLowerCase() ?? 's'];
  if (match?.[1] === undefined || factor === undefined) return null;
  const ms = Math.round(Number(match[1]) * factor);
  return Number.isSafeInteger(ms) ? ms : null;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** `7.10 MiB`, `512 B`: three significant digits, powers of 1024. */
export function shortBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // 999.5 and up would read "1000 KiB": such a value belongs to the next unit.
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? 'PiB'}`;
}

/** Every single one of them: `1 byte`, `1048577 bytes`. */
export const countedBytes = (bytes: number): string => `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`;

/** The same for sentences, where a few bytes are spelt out: `7.10 MiB`, `512 bytes`, `1 byte`. */
export const formatBytes = (bytes: number): string => shortBytes(bytes).replace(/^(\d+) B$/u, (_, count: string) => countedBytes(Number(count)));

/** `7.10 MiB/s`. */
export const formatRate = (bytesPerSec: number): string => `${shortBytes(bytesPerSec)}/s`;

/** `0.4 s`, `12 s`, `3 m 05 s`, `2 h 07 m`. */
export function formatSeconds(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const pad = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3_600) return `${Math.floor(whole / 60)} m ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3_600)} h ${pad(Math.floor((whole % 3_600) / 60))} m`;
}

/** `in 1.2 s`, or `at once` where it is so soon that nobody could tell the difference. */
export const formatSoon = (ms: number): string => (ms < 50 ? 'at once' : `in ${formatSeconds(ms / 1_000)}`);
