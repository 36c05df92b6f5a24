import { READ_BUFFER_BYTES, STALL_TIMEOUT_MS } from '../../base/bounds.ts';
import type { Holding, SegmentMap } from './segment-map.ts';

/**
 * How long a lane may be without a byte. Under a limit the lanes wait for one another by our own will, each for the
 * others' reads, and that is no stall.
 */
export const stallTimeoutMs = (lanes: number, limitBytesPerSec: number | null): number =>
  STALL_TIMEOUT_MS + (limitBytesPerSec === null ? 0 : (1_000 * lanes * READ_BUFFER_BYTES) / limitBytesPerSec);

/** The slowest that a server may be while it sends what lies before the part that is wanted of a whole file. */
const SKIP_BYTES_PER_SEC = 16 * 1024;

/** How long a lane needs for what it has to let pass before its first byte: a server without ranges begins at the file's start. */
const skipMs = ({ manner, start, writtenEnd }: Holding): number => (manner === 'whole' && writtenEnd === start ? (start * 1_000) / SKIP_BYTES_PER_SEC : 0);

/** Every lane as if its last byte had come just now. */
export const forgivenSilence = (map: SegmentMap, nowMs: number): SegmentMap => ({
  ...map,
  held: new Map([...map.held].map(([segmentId, holding]) => [segmentId, { ...holding, movedAtMs: nowMs }])),
});

/** The segments whose server has answered and then stopped sending. */
export function stalledSegments(held: ReadonlyMap<number, Holding>, nowMs: number, limitBytesPerSec: number | null): readonly Holding[] {
  const atWork = [...held.values()].filter((holding) => holding.mirrorId !== null && holding.openedAtMs !== null);
  const timeoutMs = stallTimeoutMs(atWork.length, limitBytesPerSec);
  return atWork.filter((holding) => nowMs - holding.movedAtMs >= timeoutMs + skipMs(holding));
}
