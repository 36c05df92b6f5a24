/** The library: what the package's root exports. */
import type { Inspector, InspectorOptions } from './inspect/inspector.ts';

export { download } from './download.ts';
export type { Download } from './download.ts';
export type { DownloadOptions, HeaderField } from './wiring/options.ts';
export type {
  CourseEvent,
  CourseState,
  DownloadEvent,
  DownloadResult,
  SegmentEvent,
  SegmentState,
  ServerEvent,
  ServerResult,
} from './metrics/events.ts';
export type { DownloadView, MapStretch, RefusedServer, ServerLine } from './metrics/view.ts';
export type { Decision, DecisionKind } from './machines/decisions.ts';
export type { Proof } from './machines/coordinator-context.ts';
export type { ServerState } from './machines/server-rows.ts';
export { EXIT, PlaitError } from './base/errors.ts';
export type { ExitStatus, PlaitErrorCode } from './base/errors.ts';
export { FAULTS } from './base/faults.ts';
export type { FaultCode } from './base/faults.ts';
export type { Inspector, InspectorOptions } from './inspect/inspector.ts';

/**
 * Shows the machines of a download while it runs, on a page, to the Stately inspector or in a recording. Give its
 * `inspect` to `download`, and `close` it at the end.
 * @throws PlaitError where a port cannot be had, or the recording cannot be made.
 */
export const openInspector = async (options: InspectorOptions): Promise<Inspector> => (await import('./inspect/inspector.ts')).openInspector(options);
