/**
 * What the terminal view costs: the same slow download from sixteen servers in a terminal of 120×40, with the view, with
 * plain lines and silent, and the processor time and memory of each. Run it with:
 * npm run build && node scripts/view-cost.ts [dist/cli.js] [--servers 16] [--seconds 20] [--only view] [--node=--cpu-prof]
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, ftruncateSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startFarm } from '../src/farm/farm.ts';

const KIB = 1024;
const RATE_BYTES_PER_SEC = 256 * KIB;
const WARM_UP_MS = 4_000;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { servers: { type: 'string', default: '16' }, seconds: { type: 'string', default: '20' }, only: { type: 'string' }, node: { type: 'string', multiple: true } } });
const servers = Number(values.servers);
const seconds = Number(values.seconds);
const cliPath = resolve(positionals[0] ?? 'dist/cli.js');
const ticksPerSec = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Processor time of a process and all its threads, in seconds. */
function cpuSecOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSec;
}

const memoryMiB = (pid: number, field: 'VmHWM' | 'VmRSS'): number => Number(new RegExp(`${field}:\\s+(\\d+)`, 'u').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / KIB;

interface Cost {
  readonly name: string;
  /** Of one core. */
  readonly share: number;
  readonly nowMiB: number;
  readonly peakMiB: number;
}

/** Runs one download in a pseudo-terminal and looks at it once it has settled. */
async function costOf(name: string, flags: readonly string[], urls: readonly string[], folder: string): Promise<Cost> {
  const outputPath = join(folder, 'out.bin');
  const command = [process.execPath, ...(values.node ?? []), cliPath, 'get', ...flags, '-o', outputPath, '--no-resume', ...urls];
  const child = spawn('script', ['-qefc', `stty rows 40 cols 120; exec ${command.join(' ')}`, '/dev/null'], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, TERM: 'xterm-256color', COLORTERM: 'truecolor', LANG: 'C.UTF-8', CI: '', NO_COLOR: '' },
  });
  const exited = once(child, 'exit');
  await pause(WARM_UP_MS);
  const pid = Number(execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' }).trim());
  const [cpuBefore, startedAtMs] = [cpuSecOf(pid), performance.now()];
  await pause(seconds * 1_000);
  const share = ((cpuSecOf(pid) - cpuBefore) * 1_000) / (performance.now() - startedAtMs);
  const cost = { name, share, nowMiB: memoryMiB(pid, 'VmRSS'), peakMiB: memoryMiB(pid, 'VmHWM') };
  process.kill(pid, 'SIGTERM');
  await exited;
  return cost;
}

const folder = mkdtempSync(join(tmpdir(), 'plait-view-cost-'));
const sourcePath = join(folder, 'source.bin');
const source = openSync(sourcePath, 'wx');
ftruncateSync(source, 2 * servers * RATE_BYTES_PER_SEC * (seconds + WARM_UP_MS / 1_000));
closeSync(source);
const farm = await startFarm({ filePath: sourcePath, count: servers, rates: [RATE_BYTES_PER_SEC] });
try {
  const urls = farm.servers.map(({ url }) => url);
  for (const [name, flags] of [['view', ['--tui']], ['plain lines', ['--plain']], ['silent', ['--plain', '-q']]] as const) {
    if (values.only !== undefined && values.only !== name) continue;
    const { share, nowMiB, peakMiB } = await costOf(name, flags, urls, folder);
    process.stdout.write(`${name}: ${(share * 100).toFixed(1)} % of a core, ${nowMiB.toFixed(0)} MiB, ${peakMiB.toFixed(0)} MiB at most\n`);
  }
} finally {
  await farm.close();
  rmSync(folder, { recursive: true, force: true });
}
