/**
 * Makes the pictures of the README: runs the built program in a terminal (tmux), lets a server die and another stall,
 * and draws what stands on the screens as SVG. Run it with: npm run build && node scripts/pictures.ts
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { screenAsSvg } from './ansi-svg.ts';

const COLUMNS = 120;
const MIB = 1024 * 1024;
const FILE_BYTES = 64 * MIB;
const PATIENCE_MS = 60_000;
const SOCKET = `plait-pictures-${process.pid}`;

const folder = mkdtempSync(join(tmpdir(), 'plait-pictures-'));
const pictures = resolve('docs/pictures');
const plait = `'${process.execPath}' '${resolve(process.argv[2] ?? 'dist/cli.js')}'`;

const tmux = (...args: readonly string[]): string => execFileSync('tmux', ['-L', SOCKET, '-f', '/dev/null', ...args], { encoding: 'utf8' });

const press = (pane: string, ...keys: readonly string[]): string => tmux('send-keys', '-t', pane, ...keys);

function open(pane: string, rows: number, command: string): void {
  const shell = "env -u NO_COLOR -u CI TERM=tmux-256color COLORTERM=truecolor LANG=C.UTF-8 LC_ALL=C.UTF-8 sh";
  tmux('new-session', '-d', '-s', pane, '-x', String(COLUMNS), '-y', String(rows), '-c', folder, shell);
  press(pane, command, 'Enter');
}

/** Waits until the pane shows this, and gives what it shows. */
async function shows(pane: string, what: RegExp): Promise<string> {
  const giveUpAtMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const screen = tmux('capture-pane', '-t', pane, '-p');
    if (what.test(screen)) return screen;
    if (performance.now() > giveUpAtMs) throw new Error(`${pane} never showed ${String(what)}:\n${screen}`);
    await pause(50);
  }
}

function draw(pane: string, name: string, title: string): void {
  writeFileSync(join(pictures, `${name}.svg`), screenAsSvg(tmux('capture-pane', '-t', pane, '-e', '-p'), COLUMNS, title));
}

async function main(): Promise<void> {
  mkdirSync(pictures, { recursive: true });
  writeFileSync(join(folder, 'big-file.iso'), Buffer.alloc(FILE_BYTES, 'plait'));
  open('serve', 26, `${plait} serve --rate 4M,2M,1500K,1M,500K --latency 20ms,40ms,60ms big-file.iso`);
  await shows('serve', /5 of 5 alive/u);
  mkdirSync(join(folder, 'here'));
  open('get', 36, `cd here; ${plait} get -p 12000,13000,14000,15000,16000 -o big-file.iso`);
  await shows('get', /^ +2\d % {2}/mu);
  press('serve', '2');
  await shows('get', /13000 +failed/u);
  press('serve', 'Down', 'f');
  press('serve', 'slow=1200K', 'Enter');
  await shows('serve', /slow=/u);
  press('serve', 'Down', 's');
  await shows('serve', /stall$/mu);
  await shows('get', /^ +(?:4[5-9]|5\d) % {2}[\s\S]*13000 +failed/mu);
  draw('get', 'get', 'plait get: one file from five servers, of which one is down and one has stalled');
  draw('serve', 'serve', 'plait serve: five servers, of which one was killed and one was told to stall');
  press('get', 'm');
  await shows('get', /coordinator/u);
  draw('get', 'machines', 'plait get, the page of machines: every actor and its state');
}

try {
  await main();
} finally {
  tmux('kill-server');
  rmSync(folder, { recursive: true, force: true });
}
