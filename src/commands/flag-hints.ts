import { PlaitError } from '../base/errors.ts';
import type { PlaitErrorCode } from '../base/errors.ts';

/** The flags that do what an error's sentence advises. The library says the same sentence, and has other names for them. */
const FLAGS: Partial<Record<PlaitErrorCode, string>> = {
  'folder-missing': '--output',
  'target-exists': '--force, --output',
  'target-not-a-file': '--output',
  'target-in-use': '--output',
  'journal-foreign': '--no-resume',
};

/** The error with the flags at the end of its sentence: "Choose another name (--output)." */
export function withFlagHint(error: PlaitError): PlaitError {
  const flags = FLAGS[error.code];
  return flags === undefined ? error : new PlaitError(error.code, error.message.replace(/\.?$/u, ` (${flags}).`), { cause: error });
}
