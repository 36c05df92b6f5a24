/** The view over many changes, ten a second, lived through as fast as it can draw. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { GetFeed } from '../../src/ui/get-feed.ts';
import { GetScreen } from '../../src/ui/get-screen.tsx';
import { GET_SCREEN_AT_START } from '../../src/ui/get-steering.ts';
import { showDownload } from '../../src/ui/tui.tsx';
import { isThorough } from '../support/thorough.ts';
import { BusyDownload } from './support/busy-download.ts';
import { rowsOf } from './support/drawn.tsx';
import { Emulator } from './support/emulator.ts';
import { fakeTerminal } from './support/fake-terminal.ts';
import { COLOURFUL } from './support/models.ts';

const FRAME_MS = 100;
/** The histories that are kept reach back a minute; after it, nothing is left to fill. */
const SETTLED_AFTER = isThorough ? 3_000 : 630;
const FRAMES = isThorough ? 36_000 : 780;
const SERVERS = isThorough ? 16 : 4;
const MIB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapMiB(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed / MIB;
}

describe('frame by frame', () => {
  test.each([[120, 40], [80, 24], [60, 15]] as const)('what stands on a screen of %i × %i is what a fresh drawing shows', async (columns, rows) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const terminal = fakeTerminal(columns, rows);
    const busy = new BusyDownload(6);
    const feed = new GetFeed(busy.download, null, null);
    const view = showDownload({ io: terminal, checksum: null, farm: null, obey: () => Promise.resolve(null) }, busy.download, null);
    const screen = new Emulator(columns, rows);
    for (let frame = 0; frame < 120; frame += 1) {
      busy.next();
      await vi.advanceTimersByTimeAsync(FRAME_MS);
      screen.write(terminal.stdout.written);
      terminal.stdout.written = '';
      if (frame % 20 !== 19) continue;
      const fresh = rowsOf(<GetScreen model={feed.current()} state={GET_SCREEN_AT_START} size={{ columns, rows }} />, columns, COLOURFUL);
      expect(screen.rows()).toEqual(fresh.map((row) => row.trimEnd()));
    }
    await view.unmount();
  });
});

describe('an hour in the view', () => {
  test('costs no more memory than its first minutes', { timeout: 900_000 }, async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const terminal = isThorough ? fakeTerminal(120, 40) : fakeTerminal(80, 24);
    const busy = new BusyDownload(SERVERS);
    const view = showDownload({ io: terminal, checksum: null, farm: null, obey: () => Promise.resolve(null) }, busy.download, null);
    let drawnCharacters = 0;
    const settled: number[] = [];
    for (let frame = 0; frame < FRAMES; frame += 1) {
      busy.next();
      await vi.advanceTimersByTimeAsync(FRAME_MS);
      drawnCharacters += terminal.stdout.written.length;
      terminal.stdout.written = '';
      if (frame >= SETTLED_AFTER && (frame - SETTLED_AFTER) % Math.floor((FRAMES - SETTLED_AFTER) / 6) === 0) settled.push(heapMiB());
    }
    await view.unmount();
    // It has drawn all along.
    expect(drawnCharacters).toBeGreaterThan(FRAMES * 200);
    const [first = Number.NaN] = settled;
    process.stdout.write(`view: ${FRAMES} frames of ${(drawnCharacters / FRAMES).toFixed(0)} characters, heap ${settled.map((mib) => mib.toFixed(1)).join(', ')} MiB\n`);
    expect(Math.max(...settled)).toBeLessThan(first + 2);
  });
});
