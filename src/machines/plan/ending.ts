import type { PlaitErrorCode } from '../../base/errors.ts';

/** Why a download ends without its file, as a value that can ride in an event. */
export interface EndReason {
  readonly code: PlaitErrorCode;
  /** A whole sentence for the user. */
  readonly message: string;
}
