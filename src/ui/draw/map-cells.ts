/** The file as a row of cells: each a stretch of equal length, and what stands in it. Pure, and the same at any width. */
import type { MapStretch } from '../../metrics/view.ts';

export interface MapCell {
  readonly state: 'free' | 'coming' | 'written' | 'failed';
  /** The server that gave most of it, or is to; 0 for a mirror of an earlier run, null where it is free. */
  readonly mirrorId: number | null;
  /** How much of it is written, 0 to 1. */
  readonly writtenShare: number;
  /** Somebody is writing here now. */
  readonly isHead: boolean;
  /** Most of what is written here came in an earlier run. */
  readonly isRecovered: boolean;
}

export const FREE_CELL: MapCell = { state: 'free', mirrorId: null, writtenShare: 0, isHead: false, isRecovered: false };

/** What one cell has gathered while the stretches are walked through. */
interface Tally {
  written: number;
  recovered: number;
  failed: number;
  isHead: boolean;
  bytesOf: Map<number, number>;
}

const newTally = (): Tally => ({ written: 0, recovered: 0, failed: 0, isHead: false, bytesOf: new Map() });

function cellOf(tally: Tally, cellBytes: number): MapCell {
  let mirrorId: number | null = null;
  let most = 0;
  for (const [candidate, bytes] of tally.bytesOf) {
    if (bytes <= most) continue;
    most = bytes;
    mirrorId = candidate;
  }
  if (mirrorId === null) return FREE_CELL;
  const writtenShare = Math.min(1, tally.written / cellBytes);
  // Trouble is shown however little of the cell it takes: it is short-lived, and what one looks for.
  const state = tally.failed > 0 ? 'failed' : writtenShare > 0.999 ? 'written' : 'coming';
  return { state, mirrorId, writtenShare, isHead: tally.isHead, isRecovered: tally.recovered * 2 > tally.written };
}

/**
 * @param stretches sorted by place, disjoint
 * @param totalBytes the file's size; no cell of an empty file holds anything
 */
export function mapCells(stretches: readonly MapStretch[], totalBytes: number, count: number): readonly MapCell[] {
  const cells: MapCell[] = Array.from({ length: count }, () => FREE_CELL);
  if (totalBytes <= 0 || count <= 0) return cells;
  const cellBytes = totalBytes / count;
  let at = -1;
  let tally = newTally();
  const close = (): void => {
    if (at >= 0 && at < count) cells[at] = cellOf(tally, cellBytes);
  };
  for (const stretch of stretches) {
    const first = Math.min(count - 1, Math.floor(stretch.start / cellBytes));
    const last = Math.min(count - 1, Math.max(first, Math.ceil(stretch.end / cellBytes) - 1));
    for (let index = first; index <= last; index += 1) {
      if (index !== at) {
        close();
        at = index;
        tally = newTally();
      }
      const bytes = Math.min(stretch.end, (index + 1) * cellBytes) - Math.max(stretch.start, index * cellBytes);
      if (bytes <= 0) continue;
      tally.bytesOf.set(stretch.mirrorId, (tally.bytesOf.get(stretch.mirrorId) ?? 0) + bytes);
      if (stretch.state === 'written') tally.written += bytes;
      if (stretch.state === 'written' && stretch.isRecovered) tally.recovered += bytes;
      if (stretch.state === 'resting') tally.failed += bytes;
      if (stretch.state === 'coming' && index === first) tally.isHead = true;
    }
  }
  close();
  return cells;
}
