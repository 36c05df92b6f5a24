/** The real program in a real terminal, steered by its keys. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, test } from 'vitest';
import type { Farm } from '../../src/farm/farm.ts';
import { isInstalled } from '../farm/support/is-installed.ts';
import { TestEnv } from '../support/plait.ts';
import { healAll, portsOf, serveFile } from '../support/served.ts';
import { openPane } from './support/tmux.ts';
import type { Pane } from './support/tmux.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
// The name is the reason where it is skipped.
const there = isInstalled('tmux') ? 'in a terminal' : 'in a terminal (skipped: tmux is not installed)';

const plait = (...args: readonly string[]): string => [process.execPath, join(inject('distFolder'), 'cli.js'), ...args].map((word) => `'${word}'`).join(' ');

/** Runs the program in a pane; its exit status stands on the screen once it has ended. */
const start = (pane: Pane, ...args: readonly string[]): Promise<void> => pane.press(`${plait(...args)}; echo "status is $?."`, 'Enter');

/** The first row of the view stands in the first row of the screen, at its margin. */
const TITLE = /^ {2}plait {2}\S/u;

async function expectRestored(pane: Pane): Promise<void> {
  expect(await pane.modes()).toEqual({ isAlternate: false, hasCursor: true });
  // The program gives the terminal back a little before it ends; the prompt comes after.
  await pane.shows(/\$\s*$/u);
  // The shell reads lines again, and shows what is typed.
  await pane.press('echo typed', 'Enter');
  await pane.shows(/^typed$/mu);
}

/** A slow download from one server in a pane, at work. */
async function begun(): Promise<{ readonly env: TestEnv; readonly farm: Farm; readonly pane: Pane }> {
  const env = await TestEnv.create();
  const farm = await serveFile(await env.source(8 * MIB), { count: 1, rates: [500_000] });
  const pane = await openPane({ cwd: env.folder });
  await start(pane, 'get', '-p', portsOf(farm), '-o', 'out.bin');
  await pane.shows(/downloading/u);
  return { env, farm, pane };
}

describe.skipIf(!isInstalled('tmux'))(there, () => {
  test('a server is killed by its key in serve; get shows it, pauses, quits and goes on', async () => {
    const env = await TestEnv.create();
    const source = await env.source(16 * MIB);
    const farm = await openPane({ cwd: env.folder });
    await start(farm, 'serve', '-n', '3', '-p', '0', '--fault', '1:slow=700K,2:slow=300K,3:slow=300K', source.path);
    const ports = /plait get -p ([\d,]+)/u.exec(await farm.shows(/plait get -p [\d,]+/u))?.[1] ?? '';

    const get = await openPane({ cwd: env.folder });
    await start(get, 'get', '-p', ports, '-o', 'out.bin', '-c', `sha-256=${source.sha256}`);
    const first = ports.split(',')[0] ?? '';
    await get.shows(new RegExp(`${first} +downloading +\\d+ %`, 'u'));
    expect((await get.modes()).isAlternate).toBe(true);

    await farm.press('1');
    await farm.shows(new RegExp(`${first} +dead`, 'u'));
    await get.shows(new RegExp(`${first} +(?:failed|connecting)`, 'u'));
    await get.shows(/Server 1 .*(?:closed|reset|refused)/u);
    // What it gave stays on the map in its colour (a teal); the others' colours are beside it.
    expect(new Set((await get.screen({ colours: true })).match(/38;2;\d+;\d+;\d+m▀/gu)).size).toBeGreaterThan(2);
    await farm.press('1');
    await farm.shows(new RegExp(`${first} +alive`, 'u'));
    await get.shows(/Server 1 is back/u);

    await get.press('Space');
    await get.shows(/paused/u);
    await get.press('Space');
    await get.shows(/transferring/u);
    for (const [columns, rows] of [[80, 24], [40, 10], [120, 40]] as const) {
      await get.resize(columns, rows);
      await get.shows(/q quit/u);
    }

    await get.press('q');
    const left = await get.shows(/status is 130\./u);
    expect(left).toMatch(/run the same command again/u);
    expect(left).toMatch(/Received so far/u);
    await expectRestored(get);
    expect(await env.left()).toEqual(['out.bin.plait', 'out.bin.plait-journal']);

    // The first server, which is chosen, gives the rest in a moment.
    await farm.press('h');
    await farm.shows(/Server 1 is healed/u);
    await get.press('clear', 'Enter');
    await start(get, 'get', '-p', ports, '-o', 'out.bin', '-c', `sha-256=${source.sha256}`);
    expect(await get.shows(/status is 0\./u)).toMatch(/Verified[\s\S]*^From an earlier run: /mu);
    await expectRestored(get);
    expect((await env.verdict('out.bin')).sha256).toBe(source.sha256);

    await farm.press('q');
    await farm.shows(/Served file\.bin from 3 servers[\s\S]*status is 0\./u);
    await expectRestored(farm);
  });

  test('a download that ends while its view comes up ends as any other', async () => {
    const env = await TestEnv.create();
    // Long enough for the view to be begun, and too short for it to be drawn.
    const farm = await serveFile(await env.source(4 * MIB), { count: 1, rates: [16 * MIB] });
    const pane = await openPane({ cwd: env.folder });
    const once = plait('get', '-p', portsOf(farm), '-o', 'out.bin', '--force');
    await pane.press(`for each in 1 2 3 4 5 6; do ${once} > /dev/tty; echo "$?." >> statuses; done; echo all of "them."`, 'Enter');
    await pane.shows(/all of them\./u);
    expect(await readFile(env.path('statuses'), 'utf8')).toBe('0.\n'.repeat(6));
    await expectRestored(pane);
  });

  test.each([
    ['SIGTERM', 'TERM', 143],
    ['SIGHUP', 'HUP', 129],
    ['SIGINT', 'INT', 130],
  ] as const)('the terminal is restored after %s', async (_, signal, status) => {
    const { env, farm, pane } = await begun();
    await run('pkill', [`-${signal}`, '-f', '--', `-p ${portsOf(farm)} -o out.bin`]);
    await pane.shows(new RegExp(`status is ${status}\\.`, 'u'));
    await expectRestored(pane);
    expect(await env.left()).toEqual(['out.bin.plait', 'out.bin.plait-journal']);
  });

  test('Ctrl+Z gives the terminal back, fg takes and draws it anew, and a second q leaves at once', async () => {
    const { pane } = await begun();
    await pane.press('C-z');
    await pane.shows(/status is 148\./u);
    expect(await pane.modes()).toEqual({ isAlternate: false, hasCursor: true });
    await pane.press('clear; fg', 'Enter');
    expect(await pane.shows(/downloading/u)).toMatch(TITLE);
    expect((await pane.modes()).isAlternate).toBe(true);
    await pane.press('q', 'q');
    await expect.poll(() => pane.modes()).toEqual({ isAlternate: false, hasCursor: true });
    await expectRestored(pane);
  });

  test('a terminal that is closed costs nothing that was received', async () => {
    const env = await TestEnv.create();
    const source = await env.source(8 * MIB);
    const farm = await serveFile(source, { count: 2, faults: '1:slow=500K,2:slow=500K' });
    const pane = await openPane({ cwd: env.folder });
    await start(pane, 'get', '-p', portsOf(farm), '-o', 'out.bin');
    await pane.shows(/ [1-9]\d? % /u);
    await pane.close();
    // Healed before, a farm could give it the whole file before it hears that its terminal is gone.
    const isThere = (): Promise<boolean> => run('pgrep', ['-f', '--', `-p ${portsOf(farm)} -o out.bin`]).then(() => true, () => false);
    await expect.poll(isThere, { timeout: 30_000 }).toBe(false);
    await healAll(farm);
    expect((await env.run(['get', '-p', portsOf(farm), '-o', 'out.bin'])).status).toBe(0);
    expect((await env.verdict('out.bin')).sha256).toBe(source.sha256);
  });

  test('npm start’s demo shows the download and its farm, and ends with an exact file', async () => {
    const env = await TestEnv.create();
    const pane = await openPane({ cwd: env.folder });
    // What stands before the cursor when it begins must not push the view aside.
    await pane.press('printf "not at the margin"; ');
    await start(pane, 'demo');
    expect(await pane.shows(/requests[\s\S]*1 +\d+ +dead/u)).toMatch(TITLE);
    expect(await pane.shows(/status is 0\./u)).toMatch(/The demo file is exact/u);
    await expectRestored(pane);
  });

  test('a dumb terminal and --plain get lines', async () => {
    const env = await TestEnv.create();
    const farm = await serveFile(await env.source(MIB));
    for (const [name, flag] of [['dumb', '-f'], ['xterm', '--plain']] as const) {
      const pane = await openPane({ cwd: env.folder, env: { TERM: name } });
      await start(pane, 'get', '-p', portsOf(farm), '-o', 'out.bin', '-f', flag);
      const screen = await pane.shows(/status is 0\./u);
      expect(screen).toMatch(/Saved /u);
      expect(screen).not.toMatch(/q quit/u);
    }
  });
});

describe('without a terminal', () => {
  test('--tui is refused with a word of advice, and nothing of the view gets into a pipe', async () => {
    const env = await TestEnv.create();
    const farm = await serveFile(await env.source(MIB));
    const refused = await env.run(['get', '-p', portsOf(farm), '-o', 'out.bin', '--tui']);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/--tui needs a terminal.*--plain/u);
    const { status, stdout } = await env.run(['get', '-p', portsOf(farm), '-o', 'out.bin']);
    expect(status).toBe(0);
    expect(stdout).not.toContain('\u001B');
  });
});
