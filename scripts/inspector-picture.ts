/**
 * Makes the inspector's picture for the README: a download from five servers of which one is killed, as the page shows
 * it in a browser (Debian's chromium). Run it with: npm run build && node scripts/inspector-picture.ts
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';

const MIB = 1024 * 1024;
// More than arrives before the picture is taken.
const FILE_BYTES = 128 * MIB;
const PORTS = '12000,13000,14000,15000,16000';
const BROWSERS: readonly string[] = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const folder = mkdtempSync(join(tmpdir(), 'plait-picture-'));
const cli = resolve(process.argv[2] ?? 'dist/cli.js');
const children: ChildProcess[] = [];

function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [cli, ...args], { cwd: folder });
  children.push(child);
  return child;
}

/** Settles once a program has said this, and gives its first group. */
function said(child: ChildProcess, what: RegExp): Promise<string> {
  return new Promise((settle, reject) => {
    let text = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const found = what.exec(text);
        if (found !== null) settle(found[1] ?? '');
      });
    }
    child.on('close', () => reject(new Error(`It ended without saying ${String(what)}:\n${text}`)));
  });
}

async function main(executablePath: string): Promise<void> {
  writeFileSync(join(folder, 'big-file.iso'), Buffer.alloc(FILE_BYTES, 'plait'));
  const serve = start('serve', '--plain', '-p', PORTS, '--rate', '2M,1M,750K,500K,250K', '--latency', '20ms,40ms,60ms', 'big-file.iso');
  await said(serve, /((?:Alive[\s\S]*){5})/u);
  const get = start('get', '--plain', '-p', PORTS, '-o', 'copy.iso', '--inspect');
  const browser = await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, colorScheme: 'light' });
    await page.goto(await said(get, /Inspector: (\S+)/u));
    await page.locator('.tree-row', { hasText: /^server-2/u }).click();
    // The picture's timeline begins to tell something after three seconds; then one of the servers dies.
    await page.locator('.since', { hasText: /^\+[3-9]\./u }).waitFor();
    serve.stdin?.write('E2\n');
    await page.locator('.state[data-lit=here][data-state=failed]').waitFor();
    await page.locator('.since', { hasText: /^\+[5-9]\./u }).waitFor();
    await page.screenshot({ path: resolve('docs/pictures/inspector.png') });
  } finally {
    await browser.close();
  }
}

try {
  const browser = BROWSERS.find((path) => existsSync(path));
  if (browser === undefined) throw new Error('No browser was found: install chromium.');
  await main(browser);
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
