/** One JSON object a line, for programs: each with `type` and `t`, the ms since the start. */
import { auditTime } from 'rxjs';
import type { PlaitError } from '../base/errors.ts';
import type { DownloadEvent } from '../metrics/events.ts';
import type { DownloadView } from '../metrics/view.ts';
import type { Reporter, ReportSink } from './reporter.ts';

/** An event in the words of the command line's contract. */
export function eventLine(event: DownloadEvent): Record<string, unknown> {
  switch (event.type) {
    case 'server':
      return { type: 'server', server: event.mirrorId, url: event.url, state: event.state, bytes: event.bytes, rate: Math.round(event.rateBytesPerSec) };
    case 'segment':
      return { type: 'segment', id: event.segmentId, start: event.start, end: event.end, server: event.mirrorId, state: event.state };
    case 'decision':
      return {
        type: 'decision',
        kind: event.kind,
        why: event.why,
        ...(event.mirrorId === undefined ? {} : { server: event.mirrorId }),
        ...(event.segmentId === undefined ? {} : { segment: event.segmentId }),
      };
    case 'course':
      return { type: 'course', state: event.state };
  }
}

const round = (value: number | null, digits: number): number | null => (value === null ? null : Number(value.toFixed(digits)));

function progressLine(view: DownloadView): Record<string, unknown> {
  return {
    type: 'progress',
    bytes: view.writtenBytes,
    total: view.totalBytes,
    rate: Math.round(view.rateBytesPerSec),
    etaSeconds: round(view.etaSeconds, 1),
    ...(view.unreadBytes === 0 ? {} : { unreadBytes: view.unreadBytes }),
  };
}

/**
 * @param intervalMs how often `progress` and the servers' rates come
 * @param isQuiet only the last line is written
 */
export function jsonReporter(sink: ReportSink, intervalMs: number, isQuiet: boolean, nowMs: () => number): Reporter {
  const startedAtMs = nowMs();
  const write = (line: Record<string, unknown>, atMs = nowMs()): void => {
    const { type, ...rest } = line;
    sink.out(JSON.stringify({ type, t: Math.max(0, Math.round(atMs - startedAtMs)), ...rest }));
  };
  return {
    follow(download) {
      if (isQuiet) return;
      download.events.subscribe((event) => write(eventLine(event), event.atMs));
      download.views.pipe(auditTime(intervalMs)).subscribe((view) => {
        for (const server of view.servers) {
          if (server.state !== 'downloading') continue;
          write({ type: 'server', server: server.mirrorId, url: server.url, state: server.state, bytes: server.bytes, rate: Math.round(server.rateBytesPerSec) });
        }
        write(progressLine(view));
      });
    },
    succeeded(_download, result) {
      write({
        type: 'done',
        path: result.path,
        bytes: result.bytes,
        seconds: round(result.seconds, 3),
        verified: result.verified,
        crossCheckedBytes: result.crossCheckedBytes,
        wastedBytes: result.wastedBytes,
        resumedBytes: result.resumedBytes,
        efficiency: round(result.efficiency, 3),
        servers: result.servers.map(({ url, bytes, discardedBytes, state }) => ({ url, bytes, discardedBytes, state })),
        refused: result.refused.map(({ mirrorId, url, code, why, isDisputed }) => ({ server: mirrorId, url, code, why, disputed: isDisputed })),
      });
    },
    failed(_download, error: PlaitError, exitCode) {
      write({ type: 'error', code: error.code, message: error.message, exitCode });
    },
  };
}
