import { PlaitError } from '../base/errors.ts';
import { bug } from '../machines/plan/ending.ts';
import type { EndReason } from '../machines/plan/ending.ts';

/** What went wrong, as a value; anything that is no error of ours is a bug and says so. */
export const reasonFor = (error: unknown): EndReason => (error instanceof PlaitError ? { code: error.code, message: error.message } : bug(error));
