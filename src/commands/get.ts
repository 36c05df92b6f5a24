/** `plait get`: argv into a call of the library, and its end into an exit status. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { Option } from 'commander';
import { LANES_ASKED_MAX, REPORT_INTERVAL_MAX_MS } from '../base/bounds.ts';
import { EXIT, PlaitError } from '../base/errors.ts';
import type { ExitStatus } from '../base/errors.ts';
import { cleanForeignText } from '../base/foreign-text.ts';
import { parsePorts } from '../base/ports.ts';
import { parseBytes, parseMs } from '../base/units.ts';
import type { Download } from '../download.ts';
import type { HeaderField } from '../net/credentials.ts';
import type { FarmHandle } from '../ui/get-feed.ts';
import type { Reporter, ReportSink } from '../ui/reporter.ts';
import type { DownloadOptions } from '../wiring/options.ts';
import { SIGNAL_STATUS } from './command-io.ts';
import type { CommandIo } from './command-io.ts';
import { withFlagHint } from './flag-hints.ts';
import { lostOutput } from './lost-output.ts';
import type { LostOutput } from './lost-output.ts';
import { readPieces } from './pieces-file.ts';
import { showMachines, withShowFlags } from './show-machines.ts';
import type { Show, ShowFlags } from './show-machines.ts';
import { wantsScreen } from './wants-screen.ts';

/** The flags as they come from the command line. */
export interface GetFlags extends ShowFlags {
  readonly output?: string;
  readonly address?: string;
  readonly ports?: string;
  readonly checksum?: readonly string[];
  readonly pieces?: string;
  readonly connections?: string;
  readonly limit?: string;
  readonly resume: boolean;
  readonly wait?: string;
  readonly interval?: string;
  readonly force?: boolean;
  readonly header?: readonly string[];
  readonly ca?: readonly string[];
  readonly plain?: boolean;
  readonly json?: boolean;
  readonly tui?: boolean;
  readonly quiet?: boolean;
}

const INTERVAL_MS = 1_000;
const LOCALHOST = '127.0.0.1';
/** Of what cannot be read, so much is shown. */
const SHOWN_CHARACTERS = 40;

function usage(message: string): never {
  throw new PlaitError('usage', message);
}

/** The value of an option, or one sentence that says what it should look like. */
function parsed<Value>(flag: string, text: string | undefined, parse: (text: string) => Value | null, example: string): Value | undefined {
  if (text === undefined) return undefined;
  const value = parse(text);
  return value ?? usage(`${flag} ${text} cannot be read: write it like ${example}.`);
}

const parseCount = (text: string): number | null => (/^\d+$/u.test(text) ? Number(text) : null);

function headerOf(text: string): HeaderField {
  const colon = text.indexOf(':');
  if (colon < 1) usage(`The header "${text.slice(0, SHOWN_CHARACTERS)}" has no name: write it like 'Accept-Language: en'.`);
  return { name: text.slice(0, colon).trim(), value: text.slice(colon + 1).trim() };
}

/** A host as it stands in a URL. What belongs to another part of one is refused here, or the URL made of it would be blamed. */
function hostOf(address: string): string {
  const bracketed = address.includes(':') && !address.startsWith('[') ? `[${address}]` : address;
  if (/[\s/?#@\\%]/u.test(address) || !URL.canParse(`http://${bracketed}/`) || new URL(`http://${bracketed}/`).port !== '') {
    usage(`The address "${cleanForeignText(address, SHOWN_CHARACTERS)}" is neither the name of a host nor an IP address: write it alone, as in -a mirror.example -p 12000.`);
  }
  return bracketed;
}

/** `-a HOST -p PORTS` as URLs: each port serves the file at `/`. */
function portUrls(address: string | undefined, ports: string | undefined): string[] {
  if (ports === undefined) {
    return address === undefined ? [] : usage(`--address ${address} needs --ports: name the ports, such as -p 12000-12004.`);
  }
  const host = hostOf(address ?? LOCALHOST);
  return parsePorts(ports).map((port) => (port === 0 ? usage('Port 0 cannot be downloaded from: name the ports the servers listen on.') : `http://${host}:${port}/`));
}

async function readCertificate(path: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), 'utf8');
  } catch (error) {
    throw new PlaitError('usage', `The certificate file ${path} cannot be read: name a PEM file.`, { cause: error });
  }
}

/** @throws PlaitError `usage` */
export async function downloadOptions(urls: readonly string[], flags: GetFlags, io: CommandIo): Promise<DownloadOptions> {
  if (flags.output === '-') usage('--output - would be standard output, and what comes from many servers does not come in order: name a file (-o ./- for one of that name).');
  const connections = parsed('--connections', flags.connections, parseCount, `a number from 1 to ${LANES_ASKED_MAX}`);
  const limitBytesPerSec = parsed('--limit', flags.limit, parseBytes, '8M or 500K');
  const waitMs = parsed('--wait', flags.wait, parseMs, '30s or 2m');
  const all = [...urls, ...portUrls(flags.address, flags.ports)];
  if (all.length === 0) usage('No server was named: give URLs, or ports as in: plait get -p 12000-12004.');
  return {
    urls: all,
    cwd: io.cwd,
    env: io.env,
    resume: flags.resume,
    force: flags.force ?? false,
    headers: (flags.header ?? []).map(headerOf),
    caPem: await Promise.all((flags.ca ?? []).map((path) => readCertificate(path, io.cwd))),
    ...(flags.output === undefined ? {} : { output: flags.output }),
    ...(flags.checksum === undefined ? {} : { checksum: flags.checksum }),
    ...(flags.pieces === undefined ? {} : { pieces: await readPieces(flags.pieces, io.cwd) }),
    // A pause needs somebody to end it: on the screen that is a key, and elsewhere nobody.
    whenDiskFull: wantsScreen(flags, io) ? 'pause' : 'stop',
    ...(connections === undefined ? {} : { connections }),
    ...(limitBytesPerSec === undefined ? {} : { limitBytesPerSec }),
    ...(waitMs === undefined ? {} : { waitMs }),
  };
}

/** What the terminal view of a download needs beyond the flags. */
export interface ViewExtras {
  /** The farm that this very process downloads from. */
  readonly farm: FarmHandle | null;
  /** Shows the machines of the command of which this download is a part; null where the flags of this one say. */
  readonly show: Show | null;
}

/** Reports in the way the flags ask for. `stop` is what the view's quit key does. */
async function reporterFor(flags: GetFlags, io: CommandIo, sink: ReportSink, stop: () => void, { farm }: ViewExtras): Promise<Reporter> {
  const intervalMs = parsed('--interval', flags.interval, parseMs, '1s or 500ms') ?? INTERVAL_MS;
  if (intervalMs > REPORT_INTERVAL_MAX_MS) usage(`--interval ${flags.interval} is longer than ${REPORT_INTERVAL_MAX_MS / 3_600_000}h: give a shorter one, or --quiet for no lines at all.`);
  const isQuiet = flags.quiet ?? false;
  if (wantsScreen(flags, io)) {
    const checksum = flags.checksum?.map((text) => text.split('=')[0]?.trim().toLowerCase()).join(' and ') ?? null;
    return (await import('../ui/screen-reporter.ts')).screenReporter({ io, sink, stop, checksum, farm });
  }
  if (flags.json === true) return (await import('../ui/ndjson.ts')).jsonReporter(sink, Math.max(1, intervalMs), isQuiet, () => io.nowMs());
  return (await import('../ui/plain.ts')).plainReporter(sink, Math.max(1, intervalMs), isQuiet);
}

const asPlaitError = (error: unknown): PlaitError =>
  error instanceof PlaitError ? error : new PlaitError('bug', `A fault of plait itself: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, { cause: error });

/** Runs one download to its end; never rejects. */
export async function get(urls: readonly string[], flags: GetFlags, io: CommandIo, extras: ViewExtras = { farm: null, show: null }): Promise<ExitStatus> {
  const sink: ReportSink = {
    out: (line) => void io.stdout.write(`${line}\n`),
    err: (line) => void io.stderr.write(`${line}\n`),
  };
  let running: Download | null = null;
  let leaveScreen = (): Promise<void> => Promise.resolve();
  let stoppedWith: ExitStatus | null = null;
  let lost: LostOutput | null = null;
  let leaveNow: (status: ExitStatus) => void = () => undefined;
  const leftEarly = new Promise<ExitStatus>((settle) => {
    leaveNow = settle;
  });
  // The first stop saves and goes; a second one does not wait for the saving.
  const stopWith = (status: ExitStatus): void => {
    if (stoppedWith !== null) leaveNow(stoppedWith);
    stoppedWith ??= status;
    running?.abort();
  };
  const offSignal = io.onSignal((signal) => stopWith(SIGNAL_STATUS[signal]));
  const { stdoutIsTerminal } = io;
  // Our lines reach nobody any more: what is received is kept for whoever starts it again.
  const onOutputLost = (error: Error): void => {
    if (stoppedWith !== null) return;
    lost = lostOutput(error, stdoutIsTerminal);
    stopWith(lost.status);
  };
  io.stdout.on('error', onOutputLost);
  try {
    return await Promise.race([leftEarly, run()]);
  } finally {
    await leaveScreen();
    offSignal();
    io.stdout.off('error', onOutputLost);
  }

  async function run(): Promise<ExitStatus> {
    let reporter: Reporter | null = null;
    let show: Show | null = null;
    const ended = async (status: ExitStatus): Promise<ExitStatus> => {
      // What belongs to a larger command ends with that.
      if (extras.show === null) await show?.end(status);
      return status;
    };
    try {
      const shown = await reporterFor(flags, io, sink, () => stopWith(EXIT.interrupted), extras);
      reporter = shown;
      leaveScreen = () => shown.leave?.() ?? Promise.resolve();
      const options = await downloadOptions(urls, flags, io);
      show = extras.show ?? (await showMachines('get', flags, io));
      show?.sentences.forEach((sentence) => (shown.note === undefined ? sink.err(sentence) : shown.note(sentence)));
      const { download } = await import('../download.ts');
      running = download(show === null ? options : { ...options, inspect: show.inspect });
      if (stoppedWith !== null) running.abort();
      reporter.follow(running);
      const result = await running.result;
      reporter.succeeded(running, result);
      const doubt = result.refused.length === 0 ? null : (await import('../ui/summary.ts')).doubtOf(result);
      if (doubt !== null) sink.err(`plait: The file is in doubt: ${doubt}`);
      return await ended(EXIT.ok);
    } catch (error) {
      const failure = withFlagHint(asPlaitError(error));
      const status = failure.code === 'aborted' ? (stoppedWith ?? failure.exitCode) : failure.exitCode;
      if (lost !== null && failure.code === 'aborted') sink.err(`plait: ${lost.why}, so it was stopped. Everything received is kept: run the same command again to go on.`);
      else if (reporter === null) sink.err(`plait: ${failure.message}`);
      else reporter.failed(running, failure, status);
      return await ended(status);
    }
  }
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** The variables that the program, its libraries and Node read of the environment. */
const ENVIRONMENT = `
Environment:
  http_proxy, https_proxy   The proxies; all_proxy: one for both. All but
                            http_proxy count in capitals, too. Loopback has none.
  no_proxy                  Hosts and domains without a proxy: a,b.example; * all.
  SSL_CERT_FILE             Where the system's authorities are.
  NO_COLOR                  No colours, unless it is empty.
  FORCE_COLOR, COLORTERM    More colours than TERM says: 3, truecolor.
  COLORFGBG                 The ground is light where it ends in ;7 or ;15.
  TERM                      dumb: plain lines, no view. linux: a view in ASCII.
  LC_ALL, LC_CTYPE, LANG    A view in ASCII where the first one set is not UTF-8.
  INK_SCREEN_READER         true: the view speaks in sentences.
  CI, SSH_CONNECTION        Where one is set, --inspect opens no browser.
`;

/** Describes the command to the parser. */
export function addGetCommand(program: Command, io: CommandIo, finish: (status: Promise<ExitStatus>) => void): void {
  const command = program
    .command('get')
    .description('Download one file from many servers at once. Several URLs are mirrors of one file.')
    .argument('[URL...]', 'The http or https addresses of one file.')
    .option('-o, --output <path>', 'The file, or an existing folder to put it in. Default: the name in the first URL.')
    .option('-a, --address <host>', 'Servers by port: their host (127.0.0.1 if only ports are given).')
    .option('-p, --ports <list>', 'Servers by port: 12000,13000 or 12000-12004; each serves the file at /.')
    .addOption(new Option('-c, --checksum <alg=hex>', 'The sha-256, sha-512, sha-1 or md5 of the whole file; of several every one has to hold.').argParser(collect))
    .option('--pieces <file>', 'Piece hashes: JSON of {length, algorithm, hashes[]}; each piece is checked as it comes.')
    .option('-n, --connections <n>', 'Most lanes to one server. Default: found out, 6 at most.')
    .option('-l, --limit <rate>', 'A cap of the whole download, such as 8M.')
    .option('--no-resume', 'Start over instead of going on from an earlier run.')
    .option('-w, --wait <time>', 'How long to go on while no server delivers (0: do not). Default: 30s.')
    .option('-i, --interval <time>', 'How often plain output reports. Default: 1s.')
    .option('-f, --force', 'Replace an existing regular file.')
    .addOption(new Option('-H, --header <header>', "A header for the servers named here, such as 'Authorization: Bearer …'.").argParser(collect))
    .addOption(new Option('--ca <file>', 'Trust the authorities of this PEM file, too.').argParser(collect))
    .option('--plain', 'Report in plain lines.')
    .option('--json', 'Report in JSON, an object a line.')
    .option('--tui', 'Report on the whole terminal.')
    .option('-q, --quiet', 'Report errors only; with --json the last line only.')
    .addHelpText('after', ENVIRONMENT);
  withShowFlags(command).action((urls: string[], flags: GetFlags) => finish(get(urls, flags, io)));
}
