import type { Download } from '../download.ts';
import type { PlaitError } from '../base/errors.ts';
import type { DownloadResult } from '../metrics/events.ts';

/** Shows a download while it runs, and says how it ended. Every way of reporting is one of these. */
export interface Reporter {
  /** Begins to show it. */
  follow(download: Download): void;
  succeeded(download: Download, result: DownloadResult): void;
  failed(download: Download | null, error: PlaitError, exitStatus: number): void;
  /** Says a sentence beside the download, where it does not disturb the view. Absent: it goes to standard error. */
  note?(sentence: string): void;
  /** Gives the terminal back where it has taken it, saying nothing; settles when the process may end. */
  leave?(): Promise<void>;
}

/** Where a reporter writes. */
export interface ReportSink {
  out(line: string): void;
  err(line: string): void;
}
