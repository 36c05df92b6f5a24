/** The library: what the package's root exports. */
export { download } from './download.ts';
export type { Download } from './download.ts';
export type { DownloadOptions } from './wiring/options.ts';
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
export type { DownloadView, MapStretch, ServerLine } from './metrics/view.ts';
export type { Decision, DecisionKind } from './machines/decisions.ts';
export type { Proof, ServerState } from './machines/coordinator-context.ts';
export { EXIT, PlaitError } from './base/errors.ts';
export type { ExitStatus, PlaitErrorCode } from './base/errors.ts';
export { FAULTS } from './base/faults.ts';
export type { FaultCode } from './base/faults.ts';
