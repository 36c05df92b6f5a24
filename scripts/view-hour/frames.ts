/** The view over frames that follow one another at once, by a clock that jumps a tenth of a second with each. */
import { setImmediate as turn } from 'node:timers/promises';
import { BusyDownload } from '../../test/ui/support/busy-download.ts';
import { fakeTerminal } from '../../test/ui/support/fake-terminal.ts';

const FRAME_MS = 100;
const MIB = 1024 * 1024;
const LOOKS = 12;
const frames = Number(process.argv[2]);

let nowMs = 0;
let timers: readonly { readonly id: number; readonly atMs: number; readonly act: () => void }[] = [];
let lastId = 0;
const clock = {
  setTimeout(act: () => void, ms = 0) {
    timers = [...timers, { id: (lastId += 1), atMs: nowMs + ms, act }];
    return lastId;
  },
  clearTimeout(id: number) {
    timers = timers.filter((timer) => timer.id !== id);
  },
};

function advance(): void {
  nowMs += FRAME_MS;
  const due = timers.filter(({ atMs }) => atMs <= nowMs);
  timers = timers.filter(({ atMs }) => atMs > nowMs);
  for (const { act } of due) act();
}

function heapMiB(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / MIB;
}

// The view is loaded after the clock has been put in place.
Object.assign(globalThis, clock);
Object.assign(Date, { now: () => nowMs });
Object.assign(performance, { now: () => nowMs });
const { showDownload } = await import('../../src/ui/tui.tsx');

const terminal = fakeTerminal(120, 40);
const busy = new BusyDownload(16);
const view = showDownload({ io: terminal, checksum: null, farm: null, obey: () => Promise.resolve(null) }, busy.download, null);
const before = process.cpuUsage();
let characters = 0;
for (let frame = 1; frame <= frames; frame += 1) {
  busy.next();
  await turn();
  advance();
  characters += terminal.stdout.written.length;
  terminal.stdout.written = '';
  if (frame % Math.floor(frames / LOOKS) === 0) process.stderr.write(`${Math.round(nowMs / 60_000)} min: heap ${heapMiB().toFixed(1)} MiB\n`);
}
const { user, system } = process.cpuUsage(before);
await view.unmount();
process.stderr.write(`${frames} frames of ${Math.round(characters / frames)} characters, ${((user + system) / 1_000 / frames).toFixed(2)} ms of processor time each\n`);
process.exit();
