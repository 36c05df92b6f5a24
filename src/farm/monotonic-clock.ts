/**
 * Milliseconds on the machine's monotonic clock, which all processes read alike; `performance.now()` counts from the
 * start of each process, so its readings cannot be compared between them.
 */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
