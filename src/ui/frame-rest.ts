/** How often the view draws: as often as there is something new, as long as that is cheap. */
import { VIEW_REST_MAX_MS, VIEW_SHARE_MAX } from '../base/bounds.ts';

/** How long the view rests after a picture that took `drawnMs`, before it is shown what has come of the download. */
export const restAfterMs = (drawnMs: number): number => Math.min(VIEW_REST_MAX_MS, drawnMs * (1 / VIEW_SHARE_MAX - 1));
