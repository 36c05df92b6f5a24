import { afterEach } from 'vitest';
import { startFaultServer } from './fault-server.ts';
import type { FaultServer, Script } from './fault-server.ts';
import { planeBench } from './plane-bench.ts';
import type { PlaneBench } from './plane-bench.ts';

/** What the tests of one file open; it is closed after each of them, the last first. */
export interface Stage {
  readonly serve: (script: Script, tls?: Parameters<typeof startFaultServer>[1]) => Promise<FaultServer>;
  /** Is closed with the others. */
  readonly opened: (what: { close(): Promise<void> }) => void;
  readonly bench: (...options: Parameters<typeof planeBench>) => PlaneBench;
}

/** To be called once at the top of a file. */
export function openStage(): Stage {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close();
  });
  return {
    serve: async (script, tls = null) => {
      const server = await startFaultServer(script, tls);
      open.push(server);
      return server;
    },
    opened: (what) => void open.push(what),
    bench: (...options) => {
      const made = planeBench(...options);
      open.push(made);
      return made;
    },
  };
}
