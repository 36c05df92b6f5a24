/** The servers of a scenario and what befalls them: the same for a download and for the clairvoyant. */
import type { Fault, Scenario } from './scenario.ts';
import { SimNet } from './sim-net.ts';
import { SimServer } from './sim-server.ts';
import type { VirtualClock } from './virtual-clock.ts';

export class SimFarm {
  readonly net: SimNet;
  readonly servers: readonly SimServer[];

  constructor(scenario: Scenario, clock: VirtualClock) {
    this.net = new SimNet(clock, scenario.linkBytesPerSec);
    const file = { version: 1, totalBytes: scenario.totalBytes };
    this.servers = scenario.servers.map((spec, index) => new SimServer(index, spec, file));
    this.net.servers.push(...this.servers);
  }

  /** Does to a server what the fault says; faults of the client are none of its business. */
  befall(fault: Fault): void {
    if (!('server' in fault)) return;
    const server = this.servers[fault.server];
    if (server === undefined) return;
    const { net } = this;
    net.changed();
    switch (fault.kind) {
      case 'die':
        server.isUp = false;
        server.isSilentWhenDown = fault.isSilent;
        net.cut(server, 'reset', false);
        break;
      case 'revive':
        server.isUp = true;
        break;
      case 'stall':
        server.isStalled = true;
        break;
      case 'unstall':
        server.isStalled = false;
        net.releaseHeld(server);
        break;
      case 'slow':
        server.rateFactor = fault.factor;
        break;
      case 'reset':
        net.cut(server, fault.code, true);
        break;
      case 'gate':
        server.gate = { code: fault.code, retryAfterMs: fault.retryAfterMs };
        break;
      case 'ungate':
        server.gate = null;
        break;
      case 'lie':
        server.lie = fault.code;
        break;
      case 'honest':
        server.lie = null;
        break;
      case 'corrupt':
        server.corrupts = true;
        break;
      case 'sound':
        server.corrupts = false;
        break;
      case 'change':
        server.file = { version: fault.version, totalBytes: fault.totalBytes };
        break;
      case 'add':
      case 'drop':
        break;
    }
    net.changed();
  }

  /** Every server works as it did at first; a file that has changed stays changed. */
  heal(): void {
    for (const { index: server } of this.servers) {
      const atMs = 0;
      this.befall({ atMs, server, kind: 'revive' });
      this.befall({ atMs, server, kind: 'unstall' });
      this.befall({ atMs, server, kind: 'slow', factor: 1 });
      this.befall({ atMs, server, kind: 'ungate' });
      this.befall({ atMs, server, kind: 'honest' });
      this.befall({ atMs, server, kind: 'sound' });
    }
  }
}
