/** `plait demo`: a farm of unlike servers, one of which dies and comes back, and a download that must be exact. */
import { createHash } from 'node:crypto';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { EXIT, PlaitError } from '../base/errors.ts';
import type { ExitStatus } from '../base/errors.ts';
import type { Farm } from '../farm/farm.ts';
import type { FarmHandle } from '../ui/get-feed.ts';
import type { CommandIo } from './command-io.ts';
import type { GetFlags } from './get.ts';
import { showMachines, withShowFlags } from './show-machines.ts';
import type { Show, ShowFlags } from './show-machines.ts';
import { isAbort, stopOnSignals } from './stop.ts';
import type { Stop } from './stop.ts';
import { wantsScreen } from './wants-screen.ts';

const MIB = 1024 * 1024;
const FILE_BYTES = 80 * MIB;
const RATES = [8 * MIB, 4 * MIB, 2 * MIB, MIB, MIB / 2];
const LATENCIES_MS = [20, 40, 60, 80, 100];
/** The fastest goes while it has most to do, and comes back while there is still something to do. */
const FAULTS = '1:die@1500ms,1:revive@3500ms';

/** Bytes that tell their place, so that a misplaced one is seen: no two blocks of the file are alike. */
async function writeDemoFile(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  try {
    const block = Buffer.alloc(MIB);
    let state = 0x9e3779b9;
    for (let offset = 0; offset < FILE_BYTES; offset += MIB) {
      signal.throwIfAborted();
      for (let at = 0; at < MIB; at += 4) {
        state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + offset + at) | 0;
        block.writeInt32LE(state, at);
      }
      hash.update(block);
      await file.write(block, 0, MIB, offset);
    }
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

export interface DemoFlags extends ShowFlags {
  readonly plain?: boolean;
  readonly json?: boolean;
  readonly tui?: boolean;
}

/** Says of the farm what `plait serve` says; the function given back ends that. */
async function followInLines(farm: Farm, say: (line: string) => void): Promise<() => void> {
  const { plainReport } = await import('./serve-report.ts');
  const report = plainReport(say);
  report.ready(farm.view());
  const following = farm.views.subscribe((view) => report.changed(view));
  return () => following.unsubscribe();
}

/** The farm as the view of the download shows and steers it. */
const handleOf = (farm: Farm): FarmHandle => ({
  view: () => farm.view(),
  toggle: (index) => {
    const server = farm.view().servers[index - 1];
    if (server === undefined) return;
    // A server that cannot come back says so in the farm's own rows.
    (server.state === 'dead' ? farm.revive(index) : farm.kill(index)).catch(() => undefined);
  },
});

/** Runs the demo; exit 0 only if the file came out exact. */
export async function demo(flags: DemoFlags, io: CommandIo): Promise<ExitStatus> {
  const stopped = stopOnSignals(io);
  try {
    return await weaveDemo(flags, wantsScreen(flags, io), io, stopped);
  } catch (error) {
    if (!(error instanceof PlaitError)) throw error;
    io.stderr.write(`plait: ${error.message}\n`);
    return error.exitCode;
  } finally {
    stopped.release();
  }
}

async function weaveDemo(flags: DemoFlags, isOnScreen: boolean, io: CommandIo, stopped: Stop): Promise<ExitStatus> {
  const say = (line: string): void => {
    if (flags.json !== true) io.stdout.write(`${line}\n`);
  };
  const show = await showMachines('demo', flags, io);
  let status: ExitStatus = EXIT.bug;
  try {
    status = await weaveShown({ flags, isOnScreen, io, say, show }, stopped);
    return status;
  } finally {
    await show?.end(status);
  }
}

interface Staging {
  readonly flags: DemoFlags;
  readonly isOnScreen: boolean;
  readonly io: CommandIo;
  readonly say: (line: string) => void;
  readonly show: Show | null;
}

/** A signal ends it wherever it is: the download stops by itself, everything else at `stopped`; the folder goes in any case. */
async function weaveShown({ flags, isOnScreen, io, say, show }: Staging, stopped: Stop): Promise<ExitStatus> {
  const { signal } = stopped;
  const folder = await mkdtemp(join(tmpdir(), 'plait-demo-'));
  const { startFarm } = await import('../farm/farm.ts');
  const sourcePath = join(folder, 'demo.bin');
  let farm: Farm | null = null;
  try {
    const hex = await writeDemoFile(sourcePath, signal);
    farm = await startFarm({ filePath: sourcePath, count: RATES.length, rates: RATES, latencies: LATENCIES_MS, faults: FAULTS, signal }, show?.inspect);
    const stopFollowing = isOnScreen ? () => undefined : await followInLines(farm, say);
    const outputPath = join(folder, 'woven.bin');
    const { get } = await import('./get.ts');
    const getFlags: GetFlags = { output: outputPath, checksum: [`sha-256=${hex}`], resume: true, ...flags };
    const status = await get(farm.servers.map((server) => server.url), getFlags, io, { farm: isOnScreen ? handleOf(farm) : null, show });
    stopFollowing();
    if (status !== EXIT.ok) return status;
    const { sha256Of } = await import('../farm/known-file.ts');
    const isExact = Buffer.from(await sha256Of(outputPath, signal), 'base64').toString('hex') === hex;
    say(isExact ? 'The demo file is exact: its SHA-256 is that of the file the servers hold. It was for show, and is removed again with its folder.' : 'The demo file is NOT exact.');
    return isExact ? EXIT.ok : EXIT.wrongContent;
  } catch (error) {
    if (!isAbort(error)) throw error;
    io.stderr.write('plait: The demo was stopped, and its files are removed.\n');
    return await stopped.status;
  } finally {
    await farm?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Describes the command to the parser. */
export function addDemoCommand(program: Command, io: CommandIo, finish: (status: Promise<ExitStatus>) => void): void {
  const command = program
    .command('demo')
    .description('Five servers of unlike speed feed one file; one of them dies and comes back; the result is checked.')
    .option('--plain', 'Report in plain lines.')
    .option('--json', 'Report in JSON, an object a line.')
    .option('--tui', 'Report on the whole terminal.');
  withShowFlags(command).action((flags: DemoFlags) => finish(demo(flags, io)));
}
