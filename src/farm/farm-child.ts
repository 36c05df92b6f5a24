/**
 * The process of one server of a farm. It is told what to serve over its channel to the farm, reports there, and ends
 * with it: a farm that is killed takes its servers along.
 */
import { rmSync } from 'node:fs';
import { FARM_REPORT_MS } from '../base/bounds.ts';
import { systemCodeOf } from '../base/errors.ts';
import { ChildServer } from './child-server.ts';
import type { ChildConfig, FromChild, ToChild } from './child-messages.ts';
import type { Fault } from './fault.ts';
import { monotonicMs } from './monotonic-clock.ts';

let server: ChildServer | undefined;
let orphanFolder: string | null = null;
let isFirstRequest = true;
let isDying = false;
let lastReport = '';

const say = (message: FromChild, said?: () => void): void => {
  // A farm that is gone cannot hear; the 'disconnect' that follows ends this process.
  if (process.connected) process.send?.(message, undefined, undefined, () => said?.());
};

async function configure(config: ChildConfig): Promise<void> {
  orphanFolder = config.orphanFolder;
  try {
    const listening = await ChildServer.listen(config, monotonicMs, { requestArrived, dieNow });
    server = listening.server;
    say({ type: 'server.listening', port: listening.port });
    setInterval(report, FARM_REPORT_MS);
  } catch (error) {
    say({ type: 'listen.failed', code: systemCodeOf(error) ?? String(error) }, () => process.exit(1));
  }
}

function requestArrived(atMs: number): void {
  if (!isFirstRequest) return;
  isFirstRequest = false;
  // The faults' clock of this very server starts without the way to the farm and back.
  say({ type: 'request.arrived', atMs });
}

/** A death by fault is as sudden as a kill from outside, but the farm learns what was sent before it. */
function dieNow(fault: Fault): void {
  if (isDying) return;
  isDying = true;
  const kill = (): void => {
    process.kill(process.pid, 'SIGKILL');
  };
  if (server === undefined || !process.connected) kill();
  else say({ type: 'server.dying', report: server.report(), fault }, kill);
}

/** Tells the farm how this server stands, if that has changed since it was last told. */
function report(): void {
  const current = server?.report();
  const text = JSON.stringify(current);
  if (current === undefined || text === lastReport) return;
  lastReport = text;
  say({ type: 'server.reported', report: current });
}

process.on('message', (message: ToChild) => {
  if (message.type === 'server.configure') void configure(message.config);
  else if (message.type === 'farm.begin') server?.begin(message.atMs);
  else if (message.type === 'fault.add') {
    server?.addFault(message.fault);
    report();
  } else server?.setSha256(message.sha256);
});
process.on('disconnect', () => {
  if (orphanFolder !== null) rmSync(orphanFolder, { recursive: true, force: true });
  process.exit(0);
});
// A terminal sends these to the whole group; the farm decides what they mean and ends its servers itself.
process.on('SIGINT', () => {});
process.on('SIGHUP', () => {});
say({ type: 'child.ready' });
