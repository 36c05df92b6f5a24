/** Rows that need more than a command line: a killed download that goes on, a terminal, a slow disk, a huge file. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { BenchPlace } from './bench-place.ts';
import { measure } from './measure.ts';
import type { Measured } from './measure.ts';
import type { Contender, Row } from './rows.ts';
import { makeSparseFile } from './sample-file.ts';
import { plaitCommand } from './tools.ts';
import type { Job } from './tools.ts';

const MIB = 1024 * 1024;
const RECORDED_SHARE = 0.9;
const nothing = (): Promise<void> => Promise.resolve();

/** Fetches most of a file and kills the program there. */
async function leaveUnfinished(command: readonly string[], outputPath: string, wantedBytes: number): Promise<void> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  for (let held = 0; held < wantedBytes && child.exitCode === null;) {
    await pause(10);
    held = await stat(`${outputPath}.plait`).then(({ blocks }) => blocks * 512, () => 0);
  }
  child.kill('SIGKILL');
  await exited;
}

/** From the start of the process to the first byte of its first request. */
async function untilFirstRequest(commandFor: (port: number) => readonly string[]): Promise<Measured> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const asked = new Promise<number>((resolve) => {
    server.on('connection', (socket) => socket.on('error', () => undefined).once('data', () => resolve(performance.now())));
  });
  const [program = '', ...args] = commandFor(typeof address === 'object' && address !== null ? address.port : 0);
  const startedAtMs = performance.now();
  const child = spawn(program, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const askedAtMs = await Promise.race([asked, exited.then(() => Number.NaN)]);
  child.kill('SIGKILL');
  await exited;
  server.close();
  return { wallSec: (askedAtMs - startedAtMs) / 1_000, cpuSec: Number.NaN, peakMiB: Number.NaN, exitCode: Number.isNaN(askedAtMs) ? 1 : 0, complaint: 'It asked nobody.' };
}

export async function resumed(place: BenchPlace, bytes: number): Promise<Row> {
  await place.keepOnly(bytes);
  const file = await place.file(bytes);
  const origins = await place.origins(5, false);
  const job = (urls: readonly string[]): Job => ({ urls, outputPath: place.outputPath, bytes, sha256: null, caPath: null });
  await leaveUnfinished(plaitCommand(place.cliPath, job(origins.urls(file.name))), place.outputPath, bytes * RECORDED_SHARE);
  const contender: Contender = {
    name: 'plait',
    run: () => untilFirstRequest((port) => plaitCommand(place.cliPath, job([`http://127.0.0.1:${port}/${file.name}`]))),
    result: null,
  };
  return {
    key: 'resume',
    work: `killed with ${RECORDED_SHARE * 100} % of ${bytes / MIB} MiB there: until the first request`,
    contenders: [contender],
    timesRuns: 1,
    claims: [{ figure: 'wallSec', of: 'plait', against: null, atMost: 1 }],
    finish: async () => {
      for (const suffix of ['.plait', '.plait-journal']) await rm(`${place.outputPath}${suffix}`, { force: true });
    },
  };
}

/** The same download in a pseudo-terminal, once with plain lines and once with the terminal view. */
export async function inTerminal(place: BenchPlace, bytes: number): Promise<Row | null> {
  if (spawnSync('script', ['--version']).status !== 0) return null;
  await place.keepOnly(bytes);
  const file = await place.file(bytes);
  const origins = await place.origins(5, false);
  const job: Job = { urls: origins.urls(file.name), outputPath: place.outputPath, bytes, sha256: null, caPath: null };
  const contenderFor = (name: string, flag: string): Contender => {
    const command = plaitCommand(place.cliPath, job).map((word) => (word === '--plain' ? flag : word));
    return { name, run: () => measure(['script', '-qefc', `stty rows 40 cols 120; exec ${command.join(' ')}`, '/dev/null'], { TERM: 'xterm-256color' }), result: { path: place.outputPath, sha256: file.sha256 } };
  };
  return {
    key: 'tui',
    work: `${bytes / MIB} MiB from five servers in a terminal`,
    contenders: [contenderFor('plain lines', '--plain'), contenderFor('terminal view', '--tui')],
    timesRuns: 1,
    claims: [{ figure: 'wallSec', of: 'terminal view', against: 'plain lines', atMost: 1.05 }],
    finish: nothing,
  };
}

/** A disk that takes 20 ms for each write, by strace: about 50 MB/s at most. */
export async function slowDisk(place: BenchPlace, bytes: number): Promise<Row | null> {
  if (spawnSync('strace', ['-qq', '-e', 'trace=none', 'true']).status !== 0) return null;
  await place.keepOnly(bytes);
  const file = await place.file(bytes);
  const origins = await place.origins(5, false);
  const job: Job = { urls: origins.urls(file.name), outputPath: place.outputPath, bytes, sha256: null, caPath: null };
  const slowed = ['strace', '-f', '-qq', '-o', '/dev/null', '--seccomp-bpf', '-e', 'trace=pwrite64', '-e', 'inject=pwrite64:delay_enter=20000'];
  return {
    key: 'slow-disk',
    work: `${bytes / MIB} MiB from five servers to a disk of 20 ms a write`,
    contenders: [{ name: 'plait', run: () => measure([...slowed, ...plaitCommand(place.cliPath, job)]), result: { path: place.outputPath, sha256: file.sha256 } }],
    timesRuns: 0,
    claims: [{ figure: 'peakMiB', of: 'plait', against: null, atMost: 130 }],
    finish: nothing,
  };
}

function sha256OfZeros(bytes: number): string {
  const hash = createHash('sha256');
  const block = Buffer.alloc(MIB);
  for (let left = bytes; left > 0; left -= block.length) hash.update(block.subarray(0, Math.min(left, block.length)));
  return hash.digest('hex');
}

/** A sparse file onto the disk, where memory does not hold it: what matters is that plait's own memory stays as it is. */
export async function huge(place: BenchPlace, bytes: number): Promise<Row> {
  await place.keepOnly(bytes);
  const name = `sparse-${bytes}`;
  await makeSparseFile(join(place.rootFolder, name), bytes);
  const origins = await place.origins(5, false);
  const folder = await mkdtemp(join(tmpdir(), 'plait-bench-'));
  const outputPath = join(folder, 'file');
  const job: Job = { urls: origins.urls(name), outputPath, bytes, sha256: null, caPath: null };
  return {
    key: 'huge',
    work: `${bytes / MIB} MiB (sparse) from five servers onto the disk`,
    contenders: [{ name: 'plait', run: () => measure(plaitCommand(place.cliPath, job)), result: { path: outputPath, sha256: sha256OfZeros(bytes) } }],
    timesRuns: 0,
    claims: [{ figure: 'peakMiB', of: 'plait', against: null, atMost: 130 }],
    finish: () => rm(folder, { recursive: true, force: true }),
  };
}
