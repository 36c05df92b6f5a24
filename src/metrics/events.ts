/** The typed events of a download: what the screen's stories, `--json`, recordings and library users hear. */
import type { Proof } from '../machines/coordinator-context.ts';
import type { ServerState } from '../machines/server-rows.ts';
import type { RefusedServer } from './view.ts';
import type { Decision } from '../machines/decisions.ts';

/** A server's actor has changed its state. */
export interface ServerEvent {
  readonly type: 'server';
  /** When, in ms on this process's `performance.now()`. */
  readonly atMs: number;
  readonly mirrorId: number;
  /** Redacted. */
  readonly url: string;
  readonly state: ServerState;
  /** What its finished lanes have put into the file in this run. `ServerLine.bytes` counts what is in flight, too. */
  readonly bytes: number;
  /** Of late; 0 before it has been measured. */
  readonly rateBytesPerSec: number;
}

export type SegmentState = 'connecting' | 'downloading' | 'draining' | 'failed' | 'reassigned' | 'done';

/** A segment's actor has changed its state, its server or its end. */
export interface SegmentEvent {
  readonly type: 'segment';
  /** When, in ms on this process's `performance.now()`. */
  readonly atMs: number;
  readonly segmentId: number;
  readonly start: number;
  readonly end: number;
  readonly mirrorId: number;
  readonly state: SegmentState;
}

/** The download as a whole has changed its state. */
export interface CourseEvent {
  readonly type: 'course';
  /** When, in ms on this process's `performance.now()`. */
  readonly atMs: number;
  readonly state: CourseState;
}

export type CourseState = 'discovering' | 'planning' | 'transferring' | 'paused' | 'verifying' | 'searching' | 'publishing' | 'stopping' | 'done' | 'failed';

export type DownloadEvent = ServerEvent | SegmentEvent | CourseEvent | Decision;

/** A server's part in a finished download. */
export interface ServerResult {
  /** Counted from 1, in the order in which the mirrors were named. */
  readonly mirrorId: number;
  /** Redacted. */
  readonly url: string;
  /** What of the finished file came from it in this run. */
  readonly bytes: number;
  /** What it gave besides that was thrown away again. */
  readonly discardedBytes: number;
  /** How it stood at the end. */
  readonly state: ServerState;
}

/** What a download came to. */
export interface DownloadResult {
  readonly path: string;
  readonly bytes: number;
  readonly seconds: number;
  /** What was proved of the file. */
  readonly verified: Proof;
  /** Bytes in which at least two mirrors were seen to agree. */
  readonly crossCheckedBytes: number;
  /** Received in vain: fetched twice, cut off or thrown away. */
  readonly wastedBytes: number;
  /** What of the finished file an earlier run left. With the servers' `bytes` it adds up to the file. */
  readonly resumedBytes: number;
  /** Bytes ÷ Σ over servers of (best 2 s mean rate × seconds alive); 1 is the ideal; null where nothing was fetched. */
  readonly efficiency: number | null;
  readonly servers: readonly ServerResult[];
  /** Mirrors that do not serve this file, or, where that is disputed, may be the only ones that do. */
  readonly refused: readonly RefusedServer[];
}
