/** `plait serve`: a farm of servers of one file, on a terminal or in a script. */
import { createInterface } from 'node:readline';
import type { Command } from 'commander';
import { FARM_JSON_EVERY_MS } from '../base/bounds.ts';
import { EXIT, PlaitError } from '../base/errors.ts';
import type { ExitStatus } from '../base/errors.ts';
import { cleanForeignText } from '../base/foreign-text.ts';
import { FARM_FAULTS, FAULT_NAMES, isFaultName } from '../farm/fault-names.ts';
import type { Farm } from '../farm/farm.ts';
import { processIo } from './command-io.ts';
import type { CommandIo } from './command-io.ts';
import { lostOutput } from './lost-output.ts';
import { farmOptionsOf } from './serve-options.ts';
import type { ServeFlags } from './serve-options.ts';
import { fetchCommands, jsonReport, plainReport } from './serve-report.ts';
import type { ServeReport } from './serve-report.ts';
import { showMachines, withShowFlags } from './show-machines.ts';
import type { Show } from './show-machines.ts';
import { isAbort, stopOnSignals } from './stop.ts';
import type { Stop } from './stop.ts';
import { wantsScreen } from './wants-screen.ts';

/** Adds `serve` to the program. `finish` is given the exit status that each run of it will have. */
export function addServeCommand(program: Command, finish: (status: Promise<ExitStatus>) => void): void {
  const command = program
    .command('serve')
    .description('Serve a file from several servers at once, to try, to test and to kill.')
    .argument('<file>', 'The file that every server serves.')
    .option('-n, --servers <n>', 'How many servers. Default: 5.')
    .option('-p, --ports <list>', 'Their ports: 12000,13000 or 12000-12004; 0 for a free one. Default: 12000, 13000, 14000, ….')
    .option('--host <host>', 'The address to listen on. Default: 127.0.0.1.')
    .option('--rate <list>', 'A cap for each server: 8M,4M,2M (the last repeats; 0 for none).')
    .option('--latency <list>', 'A delay for each server: 20ms,300ms (the last repeats).')
    .option('--fault <list>', 'Faults by server and moment: 2:die@3s,1:stall@25%,3:corrupt@1M,4:no-range,5:revive@6s.')
    .option('--slow-start', "Let each connection's window start at 14,600 bytes and double every round trip of --latency.")
    .option('--seed <n>', 'The seed of what faults leave to chance.')
    .option('--copies', 'Let each server serve a copy of its own.')
    .option('--plain', 'Report in plain lines.')
    .option('--json', 'Report in JSON, an object a line.')
    .option('--tui', 'Report on the whole terminal.')
    .addHelpText('after', faultHelp);
  withShowFlags(command).action((file: string, flags: ServeFlags) => finish(serve(file, flags, processIo())));
}

/** Every fault with its sentence, below the options. */
function faultHelp(): string {
  const lines = FAULT_NAMES.filter(isFaultName).map((name) => `  ${name.padEnd(18)}${FARM_FAULTS[name].says}`);
  return `\nFaults, as SERVER:NAME[=VALUE][@WHEN]; WHEN is a time (3s), a share of the file (25%) or a size (1M). The server …\n${lines.join('\n')}`;
}

/** Serves until it is told to stop; gives the exit status. Every server is gone when it settles. */
export async function serve(filePath: string, flags: ServeFlags, io: CommandIo): Promise<ExitStatus> {
  const stopped = stopOf(io);
  let show: Show | null = null;
  const ended = async (status: ExitStatus): Promise<ExitStatus> => {
    await show?.end(status);
    return status;
  };
  try {
    const isOnScreen = wantsScreen(flags, io);
    const startedAtMs = io.nowMs();
    const say = (line: string): void => void io.stdout.write(`${line}\n`);
    const report = flags.json === true ? jsonReport(say, () => io.nowMs() - startedAtMs) : plainReport(say);
    // The farm brings its machines along; what only asks for help need not load them.
    const { startFarm } = await import('../farm/farm.ts');
    show = await showMachines('serve', flags, io);
    const farm = await startFarm({ ...farmOptionsOf(filePath, flags, io.cwd), signal: stopped.signal }, show?.inspect);
    const sentences = show?.sentences ?? [];
    for (const sentence of sentences) io.stderr.write(`${sentence}\n`);
    return await ended(await (isOnScreen ? attendOnScreen(farm, sentences, io, stopped) : attend(farm, report, io, stopped)));
  } catch (error) {
    if (isAbort(error)) return await ended(await stopped.status);
    if (!(error instanceof PlaitError)) throw error;
    io.stderr.write(`plait: ${error.message}\n`);
    return await ended(error.exitCode);
  } finally {
    stopped.release();
  }
}

/** Reports and takes orders until the farm is to end, and ends it. */
async function attend(farm: Farm, report: ServeReport, io: CommandIo, stopped: Stop): Promise<ExitStatus> {
  report.ready(farm.view());
  const reading = farm.views.subscribe((view) => report.changed(view));
  const ticking = setInterval(() => report.tick(farm.view()), FARM_JSON_EVERY_MS);
  const lines = createInterface({ input: io.stdin, terminal: false });
  lines.on('line', (line) => void obey(line, farm, io, stopped));
  try {
    return await stopped.status;
  } finally {
    lines.close();
    // A stdin that is still open would keep the process alive.
    io.stdin.pause();
    clearInterval(ticking);
    reading.unsubscribe();
    await farm.close();
  }
}

/** Shows the farm on the whole terminal until it is to end, and ends it. */
async function attendOnScreen(farm: Farm, notes: readonly string[], io: CommandIo, stopped: Stop): Promise<ExitStatus> {
  const { farmSummary, showFarm } = await import('../ui/serve-tui.tsx');
  const commands = fetchCommands(farm.view());
  const stop = (order: 'quit' | 'interrupt'): void => stopped.stop(order === 'quit' ? EXIT.ok : EXIT.interrupted);
  const shown = showFarm({ farm, notes, io, commands, stop });
  shown.onBroken((error) => io.stderr.write(`plait: The view has failed: ${error.message}. The farm goes on; Ctrl+C ends it.\n`));
  try {
    return await stopped.status;
  } finally {
    await shown.unmount();
    for (const line of farmSummary(farm.view())) io.stdout.write(`${line}\n`);
    await farm.close();
  }
}

/** One line of standard input: `E1`, `S1` or `q`, in either case. */
async function obey(line: string, farm: Farm, io: CommandIo, stopped: Stop): Promise<void> {
  const text = line.trim();
  if (text === '') return;
  const order = /^([es])(\d{1,3})$/iu.exec(text);
  try {
    if (/^q$/iu.test(text)) stopped.stop(EXIT.ok);
    else if (order === null) {
      io.stderr.write(`plait: "${cleanForeignText(text)}" is no order: enter E1 to shut server 1 down, S1 to start it, q to end the farm.\n`);
    } else if (order[1]?.toLowerCase() === 'e') await farm.kill(Number(order[2]));
    else await farm.revive(Number(order[2]));
  } catch (error) {
    if (!(error instanceof PlaitError)) throw error;
    io.stderr.write(`plait: ${error.message}\n`);
  }
}

/** What ends a farm from outside: a signal, or a reader of its output that has gone away. */
function stopOf(io: CommandIo): Stop {
  const stopped = stopOnSignals(io);
  const { stdoutIsTerminal } = io;
  io.stdout.once('error', (error) => {
    const { status, why } = lostOutput(error, stdoutIsTerminal);
    io.stderr.write(`plait: ${why}, so the farm was stopped.\n`);
    stopped.stop(status);
  });
  return stopped;
}
