import { setTimeout as after } from 'node:timers/promises';

/** Waits so long, or until the signal; never rejects. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms <= 0 || signal.aborted) return;
  try {
    await after(ms, undefined, { signal });
  } catch {
    // The wait was cut short, which whoever waited sees from the signal.
  }
}
