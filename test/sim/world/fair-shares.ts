/**
 * How flows share what they run through: each flow has a cap of its own, each server one for all of its flows, and the
 * client's link one for all. The shares are max–min fair (Bertsekas and Gallager, Data Networks, §6.5.2): nobody could
 * have more without taking it from one who has less.
 */
export interface SharedServer {
  readonly capBytesPerSec: number;
  readonly flows: readonly SharedFlow[];
}

export interface SharedFlow {
  /** By its connection: the window over the round trip, or the server's cap for one connection. */
  capBytesPerSec: number;
  /** The result. */
  rateBytesPerSec: number;
}

/** The level at which flows with these caps, each cut to the level, fill `total`; Infinity where they cannot. */
export function fillLevel(caps: readonly number[], total: number): number {
  let left = total;
  let count = caps.length;
  for (const cap of caps.toSorted((a, b) => a - b)) {
    if (cap * count >= left) return left / count;
    left -= cap;
    count -= 1;
  }
  return Infinity;
}

/** Sets every flow's rate. */
export function shareOut(servers: readonly SharedServer[], linkBytesPerSec: number): void {
  let sum = 0;
  for (const { capBytesPerSec, flows } of servers) {
    if (flows.length === 0) continue;
    const level = fillLevel(flows.map((flow) => flow.capBytesPerSec), capBytesPerSec);
    for (const flow of flows) {
      flow.rateBytesPerSec = Math.min(flow.capBytesPerSec, level);
      sum += flow.rateBytesPerSec;
    }
  }
  if (sum <= linkBytesPerSec) return;
  const all = servers.flatMap(({ flows }) => flows);
  const level = fillLevel(all.map((flow) => flow.rateBytesPerSec), linkBytesPerSec);
  for (const flow of all) flow.rateBytesPerSec = Math.min(flow.rateBytesPerSec, level);
}
