/**
 * What the best of all clients could reach in a world: it knows when a server comes back, has all its lanes open from
 * the first moment, loses no byte and asks for none twice. Nothing but the fluid limits it: first-byte round trips,
 * slow start, rates, caps and the client's link. What it takes is the ideal that a download is measured by.
 */
import { SimFarm } from './farm.ts';
import type { Scenario } from './scenario.ts';
import type { Asker } from './sim-net.ts';
import type { SimServer } from './sim-server.ts';
import { VirtualClock } from './virtual-clock.ts';

const NEVER_MS = 24 * 3_600_000;

/** @param only the one server that is used, by index; all where it is left out */
export function clairvoyantMs(scenario: Scenario, lanes: number = scenario.maxLanes, only?: number): number {
  const clock = new VirtualClock();
  const farm = new SimFarm(scenario, clock);
  const { net } = farm;
  const used = farm.servers.filter(({ index }) => only === undefined || index === only);
  const open = (server: SimServer): void => {
    const asker: Asker = {
      onHead: () => ({ bodyBytes: Number.MAX_SAFE_INTEGER, wantedBytes: Number.MAX_SAFE_INTEGER }),
      onWanted: () => undefined,
      onFailed: () => {
        // It knows when asking is of use again.
        if (server.isUp && server.gate === null) net.ask(server, asker);
      },
    };
    net.ask(server, asker);
  };
  const openAll = (server: SimServer): void => {
    for (let lane = server.exchanges.size; lane < Math.min(lanes, server.spec.lanesMax); lane += 1) open(server);
  };
  for (const fault of scenario.faults) {
    clock.at(fault.atMs, () => {
      farm.befall(fault);
      if ('server' in fault && (fault.kind === 'revive' || fault.kind === 'ungate')) for (const server of used) if (server.index === fault.server) openAll(server);
    });
  }
  if (scenario.healAtMs < Infinity) {
    clock.at(scenario.healAtMs, () => {
      farm.heal();
      for (const server of used) openAll(server);
    });
  }
  for (const server of used) openAll(server);
  for (;;) {
    net.settle();
    const before = used.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
    const rate = used.reduce((sum, { flows }) => sum + flows.reduce((all, flow) => all + flow.rateBytesPerSec, 0), 0);
    const fromMs = clock.nowMs;
    if (!clock.step()) {
      // Nothing changes any more: the rates of now hold for ever.
      return rate > 0 ? fromMs + ((scenario.totalBytes - before) * 1_000) / rate : Infinity;
    }
    net.advance();
    if (before + (rate * (clock.nowMs - fromMs)) / 1_000 >= scenario.totalBytes) return fromMs + ((scenario.totalBytes - before) * 1_000) / rate;
    if (clock.nowMs > NEVER_MS) return Infinity;
  }
}
