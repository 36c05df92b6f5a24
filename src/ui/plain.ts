/** Plain lines, for pipes, logs and people who like them: a line a server and a total each interval, and every decision. */
import { auditTime, filter } from 'rxjs';
import { formatBytes, formatRate, formatSeconds } from '../base/units.ts';
import type { DecisionKind } from '../machines/decisions.ts';
import type { DownloadView } from '../metrics/view.ts';
import { LossLines } from './loss-lines.ts';
import type { Reporter, ReportSink } from './reporter.ts';
import { serverTitle, summaryLines } from './summary.ts';

/** Decisions too frequent or too small for a log line. */
const UNSAID: ReadonlySet<DecisionKind> = new Set<DecisionKind>(['segment-split', 'mirror-admitted', 'verifying', 'publishing', 'stopping']);

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

/** The lines of one interval. */
export function progressLines(view: DownloadView): readonly string[] {
  const servers = view.servers.map(
    (server) =>
      `${serverTitle(server)}: ${server.bytes}/${server.assignedBytes} bytes, ` +
      (server.state === 'downloading' || server.state === 'connecting' ? formatRate(server.rateBytesPerSec) : server.state),
  );
  const of = view.totalBytes === null ? '' : ` of ${formatBytes(view.totalBytes)} (${Math.floor((100 * view.writtenBytes) / Math.max(1, view.totalBytes))} %)`;
  const left = view.etaSeconds === null ? '' : `, ${formatSeconds(view.etaSeconds)} left`;
  const unread = view.unreadBytes === 0 ? '' : `, ${formatBytes(view.unreadBytes)} to be read back`;
  return [...servers, `Total: ${formatBytes(view.writtenBytes)}${of}, ${formatRate(view.rateBytesPerSec)}${left}${unread}`];
}

/** @param intervalMs how often the servers' lines come */
export function plainReporter(sink: ReportSink, intervalMs: number, isQuiet: boolean): Reporter {
  return {
    follow(download) {
      if (isQuiet) return;
      const losses = new LossLines();
      download.events.subscribe((event) => {
        if (event.type !== 'decision') return;
        const said = losses.said(event);
        if (said !== null && !UNSAID.has(event.kind)) sink.out(sentence(said));
      });
      download.views
        .pipe(
          auditTime(intervalMs),
          filter((view) => view.course === 'transferring'),
        )
        .subscribe((view) => progressLines(view).forEach((line) => sink.out(line)));
    },
    succeeded(download, result) {
      if (!isQuiet) summaryLines(result, download.view()).forEach((line) => sink.out(line));
    },
    failed(_download, error) {
      sink.err(`plait: ${error.message}`);
    },
  };
}
