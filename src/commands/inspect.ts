/** `plait inspect`: a recording in the inspector's page. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { INSPECT_PORT } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import type { ExitStatus } from '../base/errors.ts';
import { openBrowser } from './browser.ts';
import { SIGNAL_STATUS } from './command-io.ts';
import type { CommandIo } from './command-io.ts';
import { portOf } from './show-machines.ts';

interface InspectFlags {
  readonly port?: string;
}

/** Shows a recording until it is told to stop. */
async function inspect(file: string, flags: InspectFlags, io: CommandIo): Promise<ExitStatus> {
  const stopped = Promise.withResolvers<ExitStatus>();
  const offSignal = io.onSignal((signal) => stopped.resolve(SIGNAL_STATUS[signal]));
  try {
    const port = portOf('--port', flags.port);
    const [{ openRecording, showRecording }, { openDoor }, { pageFiles }] = await Promise.all([
      import('../inspect/recording.ts'),
      import('../inspect/door.ts'),
      import('../inspect/page-files.ts'),
    ]);
    const recording = await openRecording(resolve(io.cwd, file));
    const door = await openDoor({
      port: port === undefined || port === true ? null : port,
      defaultPort: INSPECT_PORT,
      flag: '--port',
      givePage: await pageFiles(),
      welcome: (socket) => showRecording(socket, recording),
    });
    if (recording.isCut) io.stderr.write(`plait: ${file} has no end (its plait was killed, or a part is missing): it is shown as far as it goes.\n`);
    io.stdout.write(`Inspector: ${door.url}\nCtrl+C ends it.\n`);
    openBrowser(door.url, io);
    const status = await stopped.promise;
    await door.close();
    return status;
  } catch (error) {
    if (!(error instanceof PlaitError)) throw error;
    io.stderr.write(`plait: ${error.message}\n`);
    return error.exitCode;
  } finally {
    offSignal();
  }
}

/** Describes the command to the parser. */
export function addInspectCommand(program: Command, io: CommandIo, finish: (status: Promise<ExitStatus>) => void): void {
  program
    .command('inspect')
    .description('Show a recording that --record has made, in a page on loopback, until Ctrl+C.')
    .argument('<file>', 'The recording.')
    .option('-p, --port <port>', 'Where the page is. Default: any that is free.')
    .action((file: string, flags: InspectFlags) => finish(inspect(file, flags, io)));
}
