/** The words at the end of a download: plain lines that any screen and any log can show. */
import { formatBytes, formatRate, formatSeconds } from '../base/units.ts';
import type { DownloadResult } from '../metrics/events.ts';
import type { DownloadView, ServerLine } from '../metrics/view.ts';

const percent = (part: number, whole: number): string => {
  if (whole <= 0) return '0 %';
  const value = (100 * part) / whole;
  return `${value > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} %`;
};

/** `Server 1 (12000)`: how plain lines name a server. */
export const serverTitle = ({ mirrorId, label }: Pick<ServerLine, 'mirrorId' | 'label'>): string => `Server ${mirrorId} (${label})`;

/** A small share still shows that it is not nothing. */
const smallPercent = (part: number, whole: number): string => (part > 0 && part < 0.0005 * whole ? `${Number(((100 * part) / whole).toPrecision(1))} %` : percent(part, whole));

/** Refused servers that one sentence names. */
const NAMED_MAX = 3;

/** Why the file may be the wrong one: only the order of the servers decided between unlike bytes. Null where it did not. */
export function doubtOf({ refused }: Pick<DownloadResult, 'refused'>): string | null {
  const disputed = refused.filter(({ isDisputed }) => isDisputed);
  if (disputed.length === 0) return null;
  const reasons = disputed.slice(0, NAMED_MAX).map(({ mirrorId, url, why }) => `server ${mirrorId} (${url}) was refused because ${why}`);
  const more = disputed.length > NAMED_MAX ? `; and ${disputed.length - NAMED_MAX} more` : '';
  return `${reasons.join('; ')}${more}. Nobody can tell which bytes are right; a checksum (-c) would.`;
}

/** What was proved of the file, and by how much of it. Never just "OK". */
function proofLine({ verified, crossCheckedBytes, bytes, refused }: DownloadResult): string {
  const doubt = doubtOf({ refused });
  switch (verified) {
    case 'checksum':
      return 'Verified: the checksum is the one you gave.';
    case 'pieces':
      return 'Verified: every piece has the hash you gave.';
    case 'cross-checked':
      return `Not verified by a checksum, but cross-checked ${smallPercent(crossCheckedBytes, bytes)}: there the servers have the same bytes.${doubt === null ? '' : ` In doubt all the same: ${doubt}`}`;
    case 'none':
      return doubt === null ? 'Unverified: no checksum was given, and the servers’ word was taken for the content.' : `Unverified and in doubt: ${doubt}`;
  }
}

/** A server's part: what is kept of what it gave, as a share of the whole. */
function partOf({ bytes, keptBytes }: ServerLine, wholeBytes: number): string {
  if (bytes > 0 && keptBytes === 0) return `${formatBytes(bytes)}, none of it kept`;
  const share = `${formatBytes(keptBytes)}, ${percent(keptBytes, wholeBytes)}`;
  return bytes > keptBytes ? `${share}, and ${formatBytes(bytes - keptBytes)} that were not kept` : share;
}

/** Every part of what is there: each server's, and an earlier run's. */
function partLines({ servers, recoveredBytes }: DownloadView, wholeBytes: number, endOf: (server: ServerLine) => string): readonly string[] {
  const earlier = recoveredBytes > 0 ? [`From an earlier run: ${formatBytes(recoveredBytes)}, ${percent(recoveredBytes, wholeBytes)}`] : [];
  return [...earlier, ...servers.map((server) => `${serverTitle(server)}: ${partOf(server, wholeBytes)}${endOf(server)}`)];
}

/** What a finished download came to. */
export function summaryLines(result: DownloadResult, view: DownloadView): readonly string[] {
  const underLimit = view.limitBytesPerSec === null ? '' : `, under the limit of ${formatRate(view.limitBytesPerSec)}`;
  const costs = [
    ...(result.efficiency === null ? [] : [`${Math.round(result.efficiency * 100)} % of what the servers could give${underLimit}`]),
    `${formatBytes(result.wastedBytes)} fetched in vain (${percent(result.wastedBytes, result.bytes - result.resumedBytes)})`,
  ];
  const endOf = ({ mirrorId, state }: ServerLine): string => {
    const refusal = result.refused.find((each) => each.mirrorId === mirrorId);
    if (refusal !== undefined) return `, refused: ${refusal.why}`;
    return state === 'done' || state === 'ready' ? '' : `, ${state}`;
  };
  return [
    `Saved ${result.path}: ${formatBytes(result.bytes)} in ${formatSeconds(result.seconds)}, ${formatRate(view.meanBytesPerSec)} on average.`,
    `${costs.join('; ')}.`,
    proofLine(result),
    ...partLines(view, result.bytes, endOf),
  ];
}

/** What had come of a download that did not end well: how far it was, and by whom. Nothing where nothing came. */
export function failureLines(view: DownloadView): readonly string[] {
  if (view.writtenBytes === 0) return [];
  const of = view.totalBytes === null ? '' : ` of ${formatBytes(view.totalBytes)} (${percent(view.writtenBytes, view.totalBytes)})`;
  return [
    `Received so far: ${formatBytes(view.writtenBytes)}${of}, in ${formatSeconds(view.elapsedMs / 1_000)}.`,
    ...partLines(view, view.writtenBytes, () => ''),
  ];
}
