/** The stretch of time that the timeline shows, zoomed and moved. */

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Less than this holds nothing that could be told apart. */
const SHORTEST_MS = 20;

/** A wanted stretch, kept within what there is, which ends at `endMs`; null for all of it. */
export function within(wanted: Stretch, endMs: number): Stretch | null {
  const lengthMs = Math.max(SHORTEST_MS, wanted.toMs - wanted.fromMs);
  if (lengthMs >= endMs) return null;
  const fromMs = Math.min(Math.max(0, wanted.fromMs), endMs - lengthMs);
  return { fromMs, toMs: fromMs + lengthMs };
}

/** `factor` times as long; what happened at `aboutMs` stays where it is seen. */
export const zoomed = ({ fromMs, toMs }: Stretch, aboutMs: number, factor: number): Stretch => ({ fromMs: aboutMs - (aboutMs - fromMs) * factor, toMs: aboutMs + (toMs - aboutMs) * factor });

export const moved = ({ fromMs, toMs }: Stretch, byMs: number): Stretch => ({ fromMs: fromMs + byMs, toMs: toMs + byMs });

/** The time shown at a place of a picture so wide. */
export const msAt = ({ fromMs, toMs }: Stretch, x: number, widthPx: number): number => fromMs + (x / Math.max(1, widthPx)) * (toMs - fromMs);

/** Where in a picture so wide a time is shown. */
export const xAt = ({ fromMs, toMs }: Stretch, ms: number, widthPx: number): number => ((ms - fromMs) / Math.max(1, toMs - fromMs)) * widthPx;
