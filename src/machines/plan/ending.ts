import type { PlaitErrorCode } from '../../base/errors.ts';

/** Why a download ends without its file, as a value that can ride in an event. */
export interface EndReason {
  readonly code: PlaitErrorCode;
  /** A whole sentence for the user. */
  readonly message: string;
}

/** A fault of the program's own, as a reason to end. */
export const bug = (error: unknown): EndReason => ({
  code: 'bug',
  message: `A fault of plait itself: ${error instanceof Error ? error.message : String(error)}. What was received is kept; please report it.`,
});
