/** Numbers and times in words of a fixed width, so that nothing moves when they change. */
import { formatRate, formatSeconds, shortBytes } from '../../base/units.ts';
import type { DownloadView, ServerLine } from '../../metrics/view.ts';

/** `0:07`, `12:34`, `1:02:03`. */
export function clockWords(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const pad = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}:${pad(seconds % 60)}` : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(seconds % 60)}`;
}

/** `0:07.3`: a moment of a story. */
export const momentWords = (ms: number): string => `${clockWords(ms)}.${Math.floor((Math.max(0, ms) % 1_000) / 100)}`;

/** ` 7 %`, `42 %`, `100 %`: never 100 before it is all there. */
export const percentWords = (part: number, whole: number): string => `${whole <= 0 ? 0 : Math.floor((100 * part) / whole)} %`;

/** At most nine columns: `1023 KiB`, `7.10 MiB`. */
export const bytesWords = shortBytes;

/** At most eleven columns: `15.2 MiB/s`; nothing where nothing comes. */
export const rateWords = (bytesPerSec: number): string => (bytesPerSec < 0.5 ? '–' : formatRate(bytesPerSec));

/** What is left, without tenths that nobody can read in time. */
export const leftWords = (etaSeconds: number): string => formatSeconds(etaSeconds >= 3 ? Math.round(etaSeconds) : etaSeconds).replace(/^(\d)\.0 s$/u, '$1 s');

type Lanes = Pick<ServerLine, 'lanes' | 'laneCap'>;

/** `2/6`: at work, of those it may have. `6→3`: it has been given fewer, and the others end with what they fetch. */
export const lanesWords = ({ lanes, laneCap }: Lanes): string => (lanes > laneCap ? `${lanes}→${laneCap}` : `${lanes}/${laneCap}`);

/** The same in words. */
export const lanesSaid = ({ lanes, laneCap }: Lanes): string => (lanes > laneCap ? `${lanes} lanes, ${laneCap} soon` : `${lanes} of ${laneCap} lanes`);

/** The file's name, as far as it is known. */
export function nameOf(view: DownloadView): string {
  const path = view.path ?? '';
  const name = path.split(/[/\\]/u).at(-1) ?? '';
  if (name !== '') return name;
  const url = view.servers[0]?.url;
  return url === undefined ? '' : new URL(url).host;
}
