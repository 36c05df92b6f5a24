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

/** What was proved of the file, and by how much of it. Never just "OK". */
function proofLine({ verified, crossCheckedBytes, bytes }: DownloadResult): string {
  switch (verified) {
    case 'checksum':
      return 'Verified: the checksum is the one you gave.';
    case 'pieces':
      return 'Verified: every piece has the hash you gave.';
    case 'cross-checked':
      return `Not verified by a checksum, but cross-checked ${smallPercent(crossCheckedBytes, bytes)}: there the servers have the same bytes.`;
    case 'none':
      return 'Unverified: no checksum was given, and the servers’ word was taken for the content.';
  }
}

/** What a finished download came to. */
export function summaryLines(result: DownloadResult, view: DownloadView): readonly string[] {
  const fetchedBytes = result.bytes - result.resumedBytes;
  const underLimit = view.limitBytesPerSec === null ? '' : `, under the limit of ${formatRate(view.limitBytesPerSec)}`;
  const costs = [
    ...(result.efficiency === null ? [] : [`${Math.round(result.efficiency * 100)} % of what the servers could give${underLimit}`]),
    `${formatBytes(result.wastedBytes)} fetched in vain (${percent(result.wastedBytes, fetchedBytes)})`,
    ...(result.resumedBytes > 0 ? [`${formatBytes(result.resumedBytes)} were there from an earlier run`] : []),
  ];
  return [
    `Saved ${result.path}: ${formatBytes(result.bytes)} in ${formatSeconds(result.seconds)}, ${formatRate(view.meanBytesPerSec)} on average.`,
    `${costs.join('; ')}.`,
    proofLine(result),
    ...view.servers.map((server) => `${serverTitle(server)}: ${formatBytes(server.bytes)}, ${percent(server.bytes, fetchedBytes)}${server.state === 'done' || server.state === 'ready' ? '' : `, ${server.state}`}`),
  ];
}

/** What had come of a download that did not end well: how far it was, and by whom. Nothing where nothing came. */
export function failureLines(view: DownloadView): readonly string[] {
  if (view.writtenBytes === 0) return [];
  const of = view.totalBytes === null ? '' : ` of ${formatBytes(view.totalBytes)} (${percent(view.writtenBytes, view.totalBytes)})`;
  const fetchedBytes = view.writtenBytes - view.recoveredBytes;
  return [
    `Received so far: ${formatBytes(view.writtenBytes)}${of}, in ${formatSeconds(view.elapsedMs / 1_000)}.`,
    ...view.servers.map((server) => `${serverTitle(server)}: ${formatBytes(server.bytes)}, ${percent(server.bytes, fetchedBytes)}`),
  ];
}
