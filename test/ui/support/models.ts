/** Views as the metrics make them, for screens to draw. */
import type { FarmServerView, FarmView } from '../../../src/farm/farm.ts';
import type { DownloadEvent } from '../../../src/metrics/events.ts';
import { NO_STORIES, told } from '../../../src/metrics/stories.ts';
import type { Stories } from '../../../src/metrics/stories.ts';
import type { DownloadView, MapStretch, ServerLine } from '../../../src/metrics/view.ts';
import type { GetModel } from '../../../src/ui/get-screen.tsx';
import type { Terminal } from '../../../src/ui/draw/terminal.ts';

const MIB = 1024 * 1024;

export const COLOURFUL: Terminal = { depth: 'true', isUnicode: true, isLight: false };
export const COLOURLESS: Terminal = { depth: 'none', isUnicode: true, isLight: false };
export const OLD: Terminal = { depth: 'none', isUnicode: false, isLight: false };

/** Every kind of terminal. */
export const TERMINALS: readonly Terminal[] = (['none', '16', '256', 'true'] as const).flatMap((depth) =>
  [true, false].flatMap((isUnicode) => [true, false].map((isLight) => ({ depth, isUnicode, isLight }))),
);

export function serverLine(mirrorId: number, changes: Partial<ServerLine> = {}): ServerLine {
  return {
    mirrorId,
    url: `http://127.0.0.1:${12_000 + mirrorId}/`,
    label: String(12_000 + mirrorId),
    state: 'downloading',
    bytes: mirrorId * MIB,
    keptBytes: mirrorId * MIB,
    assignedBytes: 2 * mirrorId * MIB,
    rateBytesPerSec: mirrorId * 100_000,
    lanes: 2,
    laneCap: 6,
    strikes: 0,
    lastFault: null,
    retryInMs: null,
    roundTripMs: 20,
    spark: [1, 2, 3, 2, 1],
    bestBytesPerSec: 400_000,
    aliveMs: 4_000,
    ...changes,
  };
}

export const stretch = (start: number, end: number, mirrorId: number, state: MapStretch['state'] = 'written', isRecovered = false): MapStretch => ({ start, end, mirrorId, state, isRecovered });

export function downloadView(changes: Partial<DownloadView> = {}): DownloadView {
  return {
    course: 'transferring',
    path: '/home/ada/ubuntu.iso',
    elapsedMs: 4_000,
    totalBytes: 80 * MIB,
    writtenBytes: 40 * MIB,
    recoveredBytes: 0,
    unreadBytes: 0,
    rateBytesPerSec: 8 * MIB,
    meanBytesPerSec: 10 * MIB,
    etaSeconds: 5,
    spark: [1, 2, 3],
    sparksTaken: 20,
    servers: [1, 2, 3].map((mirrorId) => serverLine(mirrorId)),
    stretches: [stretch(0, 40 * MIB, 1), stretch(40 * MIB, 60 * MIB, 2, 'coming')],
    refused: [],
    liveSegments: 1,
    limitBytesPerSec: null,
    proof: 'none',
    crossCheckedBytes: 0,
    admittedServers: 3,
    wastedBytes: 0,
    efficiency: 0.96,
    ...changes,
  };
}

export const storiesOf = (events: readonly DownloadEvent[]): Stories => events.reduce(told, NO_STORIES);

export const decision = (why: string, atMs = 1_000): DownloadEvent => ({ type: 'decision', kind: 'segment-moved', why, atMs, mirrorId: 1 });

export const getModel = (view: DownloadView = downloadView(), events: readonly DownloadEvent[] = []): GetModel => ({ view, stories: storiesOf(events), farm: null, checksum: null });

export const farmServer = (index: number, changes: Partial<FarmServerView> = {}): FarmServerView => ({
  index,
  port: 12_000 + index,
  url: `http://127.0.0.1:${12_000 + index}/`,
  state: 'alive',
  connections: 2,
  requests: 14,
  sentBytes: 24 * MIB,
  rateBytesPerSec: 8 * MIB,
  faults: [],
  trouble: null,
  filePath: '/srv/demo.bin',
  ...changes,
});

export const farmView = (servers: readonly FarmServerView[] = [1, 2, 3].map((index) => farmServer(index))): FarmView => ({ state: 'serving', fileName: 'demo.bin', sizeBytes: 80 * MIB, servers });
