/** The one view model: all that any screen, line or report shows of a download, immutable, made ten times a second. */
import type { ByteRange } from '../base/range.ts';
import { bytesIn, indexAfter } from '../base/range-set.ts';
import type { RangeSet } from '../base/range-set.ts';
import type { FaultCode } from '../base/faults.ts';
import type { CoordinatorContext, Proof, Refusal } from '../machines/coordinator-context.ts';
import { rowsOf } from '../machines/coordinator-context.ts';
import type { ServerState } from '../machines/server-rows.ts';
import { rateBytesPerSec } from '../machines/plan/rate-meter.ts';
import { sizeKnown, writtenBytes } from '../machines/plan/segment-map.ts';
import type { Run } from '../machines/plan/segment-map.ts';
import { writingOf } from '../machines/plan/writers.ts';
import type { CourseState } from './events.ts';
import { deliveredBytes } from './history.ts';
import type { History } from './history.ts';

/** How one server stands. */
export interface ServerLine {
  /** Counted from 1, in the order in which the mirrors were named. */
  readonly mirrorId: number;
  /** Redacted. */
  readonly url: string;
  /** Its port where all share a host, else its host: what tells it from the others. */
  readonly label: string;
  readonly state: ServerState;
  /** Put into the file in this run, by lanes at work, too. `ServerEvent.bytes` counts finished lanes alone. */
  readonly bytes: number;
  /** Of what stands in the file now, what came from it in this run: less than `bytes` where some was thrown away. */
  readonly keptBytes: number;
  /** Given it to do so far, finished or not. */
  readonly assignedBytes: number;
  /** Its mean over the last 2 s; 0 while it does not deliver. */
  readonly rateBytesPerSec: number;
  /** Connections that are at work for it now. */
  readonly lanes: number;
  /** …and how many it may have, as found out so far or as the user set it. */
  readonly laneCap: number;
  /** Failures in a row; each makes the pause before it is asked again longer. A lease that is delivered whole ends them. */
  readonly strikes: number;
  /** What it failed with last. */
  readonly lastFault: { readonly code: FaultCode; readonly detail: string } | null;
  /** Until it is asked again; null where it is not waiting. */
  readonly retryInMs: number | null;
  /** From its last request to the head of the answer; null before the first one. */
  readonly roundTripMs: number | null;
  /** Its rate at each `SPARK_CELL_MS` (200 ms) of the last minute, oldest first. */
  readonly spark: readonly number[];
  /** Its best mean over 2 s; over all it had while it has not had as much. */
  readonly bestBytesPerSec: number;
  /** How long it answered and could be used in this run. */
  readonly aliveMs: number;
}

/** A stretch of the file and how it stands. */
export interface MapStretch extends ByteRange {
  /** 0: from an earlier run, by a mirror that is not among today's. */
  readonly mirrorId: number;
  readonly state: 'written' | 'coming' | 'resting';
  /** Written in an earlier run. */
  readonly isRecovered: boolean;
}

/** A mirror that does not serve this file. */
export interface RefusedServer extends Refusal {
  readonly mirrorId: number;
  /** Redacted. */
  readonly url: string;
  /** Only the user's order decided between its bytes and others, and nothing has been proved of either. */
  readonly isDisputed: boolean;
}

export interface DownloadView {
  readonly course: CourseState;
  readonly path: string | null;
  readonly elapsedMs: number;
  /** Null while nobody has told the size. */
  readonly totalBytes: number | null;
  readonly writtenBytes: number;
  readonly recoveredBytes: number;
  /** Of those, what is still being read back after a restart of the machine. */
  readonly unreadBytes: number;
  readonly rateBytesPerSec: number;
  /** Over the whole run. */
  readonly meanBytesPerSec: number;
  readonly etaSeconds: number | null;
  /** The rate at each `SPARK_CELL_MS` of the last minute, oldest first. */
  readonly spark: readonly number[];
  /** How many samples `spark` and those of the servers would have, were all of them kept. */
  readonly sparksTaken: number;
  readonly servers: readonly ServerLine[];
  readonly refused: readonly RefusedServer[];
  /** Sorted by place; what is in none of them is free. */
  readonly stretches: readonly MapStretch[];
  readonly liveSegments: number;
  readonly limitBytesPerSec: number | null;
  readonly proof: Proof;
  /** Bytes in which at least two mirrors were seen to agree, so far. */
  readonly crossCheckedBytes: number;
  /** Mirrors that are let in: what was checked of each agrees with the others. */
  readonly admittedServers: number;
  readonly wastedBytes: number;
  /** Written ÷ Σ over servers of (best 2 s mean rate × seconds alive). */
  readonly efficiency: number | null;
}

/** What the view is made of. */
export interface ViewSource {
  readonly course: CourseState;
  readonly context: CoordinatorContext;
  readonly history: History;
  readonly path: string | null;
  /** Body bytes received from a mirror, kept or not. */
  readonly receivedBytes: (mirrorId: number) => number;
}

function labelsOf(urls: readonly string[]): readonly string[] {
  const parsed = urls.map((url) => new URL(url));
  const sharesHost = new Set(parsed.map((url) => url.hostname)).size <= 1;
  return parsed.map((url) => (sharesHost ? url.port || (url.protocol === 'https:' ? '443' : '80') : url.host));
}

/** What stands in the file of each mirror's bytes of this run. */
function keptOf(stretches: readonly MapStretch[]): ReadonlyMap<number, number> {
  const kept = new Map<number, number>();
  for (const { start, end, mirrorId, state, isRecovered } of stretches) {
    if (state === 'written' && !isRecovered) kept.set(mirrorId, (kept.get(mirrorId) ?? 0) + end - start);
  }
  return kept;
}

function refusedServers(context: CoordinatorContext): readonly RefusedServer[] {
  const { doubted, proof, refusals, trust } = context;
  if (refusals.size === 0) return [];
  const rows = rowsOf(context);
  const isProved = proof === 'checksum' || proof === 'pieces';
  return [...refusals]
    .filter(([mirrorId]) => doubted.get(mirrorId) === 'refused')
    .map(([mirrorId, refusal]) => ({ mirrorId, url: rows.get(mirrorId)?.record.url ?? '', ...refusal, isDisputed: !isProved && trust.disputed.has(mirrorId) }));
}

function serverLines({ context, history }: ViewSource, kept: ReadonlyMap<number, number>): readonly ServerLine[] {
  const rows = [...rowsOf(context)];
  const labels = labelsOf(rows.map(([, { record }]) => record.url));
  return rows.map(([mirrorId, { state, record }], index) => {
    const past = history.servers.get(mirrorId);
    const { lanes, heldBytes } = writingOf(context.map, mirrorId);
    const keptBytes = kept.get(mirrorId) ?? 0;
    const isAtWork = state === 'downloading' || state === 'connecting';
    return {
      mirrorId,
      url: record.url,
      label: labels[index] ?? record.url,
      state,
      // The record of one that was dropped ends before its lanes have drained.
      bytes: Math.max(keptBytes, deliveredBytes(context, mirrorId, record.settledBytes)),
      keptBytes,
      assignedBytes: record.settledBytes + heldBytes,
      rateBytesPerSec: isAtWork ? (rateBytesPerSec(past?.meter ?? []) ?? 0) : 0,
      lanes,
      laneCap: record.lanes.cap,
      strikes: record.strikes,
      lastFault: record.lastFault,
      retryInMs: state === 'failed' ? Math.max(0, record.retryAtMs - context.nowMs) : null,
      roundTripMs: record.head?.roundTripMs ?? null,
      spark: past?.spark ?? [],
      bestBytesPerSec: past?.bestBytesPerSec ?? 0,
      aliveMs: past?.aliveMs ?? 0,
    };
  });
}

/** A written run, cut where what came in an earlier run meets what came in this one. */
function writtenStretches({ start, end, mirrorId }: Run, recovered: RangeSet): readonly MapStretch[] {
  const stretches: MapStretch[] = [];
  let at = start;
  for (let index = indexAfter(recovered, start); at < end; index += 1) {
    const earlier = recovered[index];
    const from = Math.min(end, Math.max(at, earlier?.start ?? end));
    if (from > at) stretches.push({ start: at, end: from, mirrorId, state: 'written', isRecovered: false });
    at = Math.min(end, earlier?.end ?? end);
    if (at > from) stretches.push({ start: from, end: at, mirrorId, state: 'written', isRecovered: true });
  }
  return stretches;
}

function stretchesOf({ map }: CoordinatorContext): readonly MapStretch[] {
  const stretches = map.written.flatMap((run) => writtenStretches(run, map.recovered));
  for (const held of map.held.values()) {
    const mirrorId = held.mirrorId ?? held.failedMirrorId ?? 0;
    const state = held.mirrorId === null ? 'resting' : 'coming';
    if (held.writtenEnd > held.start) stretches.push({ start: held.start, end: held.writtenEnd, mirrorId, state: 'written', isRecovered: false });
    if (held.end > held.writtenEnd) stretches.push({ start: held.writtenEnd, end: held.end, mirrorId, state, isRecovered: false });
  }
  return stretches.sort((a, b) => a.start - b.start);
}

/** The view of a download at one moment. */
export function viewOf(source: ViewSource): DownloadView {
  const { context, history, course } = source;
  const { map } = context;
  const written = writtenBytes(map);
  const stretches = stretchesOf(context);
  const servers = serverLines(source, keptOf(stretches));
  const recoveredBytes = bytesIn(map.recovered);
  const elapsedMs = Math.max(0, history.atMs - context.settings.atMs);
  const fetchedBytes = written - recoveredBytes;
  const rate = course === 'transferring' || course === 'discovering' ? (rateBytesPerSec(history.meter) ?? 0) : 0;
  const totalBytes = sizeKnown(map) ? map.totalBytes : null;
  // No server could give less than it gave: in a run shorter than a measuring window that is all that is known of it.
  const couldBytes = servers.reduce((sum, server) => sum + Math.max(server.bytes, (server.bestBytesPerSec * server.aliveMs) / 1_000), 0);
  const received = servers.reduce((sum, server) => sum + source.receivedBytes(server.mirrorId), 0);
  return {
    course,
    path: context.path ?? source.path,
    elapsedMs,
    totalBytes,
    writtenBytes: written,
    recoveredBytes,
    unreadBytes: bytesIn(context.trust.unread),
    rateBytesPerSec: rate,
    meanBytesPerSec: elapsedMs > 0 ? (fetchedBytes * 1_000) / elapsedMs : 0,
    etaSeconds: totalBytes !== null && rate > 0 ? (totalBytes - written) / rate : null,
    spark: history.spark,
    sparksTaken: history.sparksTaken,
    servers,
    refused: refusedServers(context),
    stretches,
    liveSegments: map.held.size,
    limitBytesPerSec: context.limitBytesPerSec,
    proof: context.proof,
    crossCheckedBytes: context.trust.crossCheckedBytes,
    admittedServers: context.admitted.size,
    wastedBytes: Math.max(0, received - fetchedBytes),
    efficiency: couldBytes > 0 && fetchedBytes > 0 ? fetchedBytes / couldBytes : null,
  };
}
