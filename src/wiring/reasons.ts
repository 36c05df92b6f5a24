import { PlaitError } from '../base/errors.ts';
import type { EndReason } from '../machines/plan/ending.ts';

/** What went wrong, as a value; anything that is no error of ours is a bug and says so. */
export function reasonFor(error: unknown): EndReason {
  if (error instanceof PlaitError) return { code: error.code, message: error.message };
  return { code: 'bug', message: `A fault of plait itself: ${error instanceof Error ? error.message : String(error)}. What was received is kept; please report it.` };
}
