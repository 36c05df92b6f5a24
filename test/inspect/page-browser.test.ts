/** The page in a real browser, before a real download: what a user sees when servers die and files arrive. */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { describe, expect, inject, onTestFinished, test } from 'vitest';
import { TestEnv } from '../support/plait.ts';
import type { RunningPlait } from '../support/plait.ts';
import { MIB } from '../support/oracle.ts';
import { artefact, browserPath, closeBrowserAtTheEnd, openPage, unlessNoBrowser } from './support/browser.ts';
import { longRecording } from './support/recording.ts';

const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\/[\w-]+\//u;

interface RunningServe {
  readonly ports: string;
  order(line: string): void;
}

/** `plait serve` as a program of its own, whose servers are killed by a line on its standard input. */
async function serve(path: string, options: readonly string[]): Promise<RunningServe> {
  const child = spawn(process.execPath, [join(inject('distFolder'), 'cli.js'), 'serve', '--plain', '-p', '0,0,0', ...options, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const ports = (): readonly string[] => [...text.matchAll(/Port: (\d+), Status: Alive/gu)].map(([, port = '']) => port);
  await expect.poll(() => ports().length).toBeGreaterThanOrEqual(3);
  return { ports: ports().slice(0, 3).join(','), order: (line) => void child.stdin.write(`${line}\n`) };
}

async function addressOf(running: RunningPlait): Promise<string> {
  await expect.poll(() => running.lastWords()).toMatch(ADDRESS);
  return ADDRESS.exec(running.lastWords())?.[0] ?? '';
}

const stateOf = (page: Page, actor: string): Promise<string | null> => page.locator('.tree-row', { hasText: new RegExp(`^${actor}(?!\\d)`, 'u') }).locator('.chip').textContent();
const numberIn = async (page: Page, testId: string): Promise<number> => Number((await page.getByTestId(testId).textContent())?.replaceAll(',', ''));
const lit = (page: Page): Promise<readonly string[]> => page.evaluate("[...document.querySelectorAll('.state[data-lit=here]')].map((box) => box.dataset.state)");

describe.skipIf(browserPath === null)(`the inspector in a browser${unlessNoBrowser}`, () => {
  closeBrowserAtTheEnd();

  test('shows a download while it happens: a server that is killed is seen to fail', async () => {
    const env = await TestEnv.create();
    // Longer than anybody looks: it is stopped when everything has been seen.
    const source = await env.source(64 * MIB);
    const farm = await serve(source.path, ['--rate', '1M']);
    const get = env.start(['get', '-p', farm.ports, '-o', 'copy.bin', '--plain', '--inspect', '--record', 'story.ndjson']);
    const { page, expectClean } = await openPage(await addressOf(get));

    await expect.poll(() => page.locator('.tree-row').allTextContents()).toEqual(expect.arrayContaining([expect.stringMatching(/^coordinator/u), expect.stringMatching(/^server-3/u)]));
    await page.locator('.tree-row', { hasText: /^server-1/u }).click();
    await expect.poll(() => lit(page)).toEqual(['downloading']);
    const eventsBefore = await numberIn(page, 'event-count');
    await page.screenshot({ path: artefact('inspector-live.png') });

    farm.order('E1');
    await expect.poll(() => lit(page)).toEqual(['failed']);
    await expect.poll(() => stateOf(page, 'server-1')).toBe('failed');
    await expect.poll(() => page.locator('.arrow[data-taken=true]').count()).toBe(1);
    await expect.poll(() => numberIn(page, 'event-count')).toBeGreaterThan(eventsBefore);
    await page.screenshot({ path: artefact('inspector-failed.png') });

    // A pause stands still while the download goes on; going along again shows its end.
    await page.keyboard.press('Space');
    const paused = await numberIn(page, 'position');
    await expect.poll(async () => (await page.locator('.follow').textContent()) ?? '').toMatch(/later/u);
    expect(await numberIn(page, 'position')).toBe(paused);
    await page.keyboard.press('l');
    get.kill('SIGINT');
    expect((await get.ended).status).toBe(130);
    await expect.poll(() => page.locator('.link').textContent()).toMatch(/exit status 130/u);
    expectClean();

    const replay = env.start(['inspect', 'story.ndjson']);
    const recorded = await openPage(await addressOf(replay));
    await expect.poll(() => stateOf(recorded.page, 'coordinator')).toBe('failed');
    await recorded.page.locator('.tree-row', { hasText: /^server-1/u }).click();
    await expect.poll(() => lit(recorded.page)).not.toEqual([]);
    // Back to where its state changed last, and before.
    await recorded.page.keyboard.press('<');
    await expect.poll(() => numberIn(recorded.page, 'position')).toBeLessThan(await recordLength(recorded.page));
    const seen = new Set<string>();
    for (let back = 0; back < 12 && !seen.has('failed'); back += 1) {
      for (const state of await lit(recorded.page)) seen.add(state);
      const before = await numberIn(recorded.page, 'position');
      await recorded.page.keyboard.press('<');
      await expect.poll(() => numberIn(recorded.page, 'position')).toBeLessThan(before);
    }
    expect(seen).toContain('failed');
    await recorded.page.screenshot({ path: artefact('inspector-recording.png') });
    recorded.expectClean();
    replay.kill('SIGINT');
    await replay.ended;
  });

  test('a thousand actors and a hundred thousand events: it shows the last of them, and answers a click and a key', async () => {
    const env = await TestEnv.create();
    const recording = longRecording(1_000, 100_000);
    await writeFile(env.path('long.ndjson'), `${recording.lines.join('\n')}\n`);
    const replay = env.start(['inspect', 'long.ndjson']);
    const { page, expectClean } = await openPage(await addressOf(replay));

    await expect.poll(() => numberIn(page, 'position')).toBe(recording.lines.length);
    expect(await page.locator('.panel-head .quiet').first().textContent()).toBe('1,000');
    // Only what is in sight is there at all.
    expect(await page.locator('.tree-row, .seq-row').count()).toBeLessThan(150);
    await page.getByPlaceholder('Search').fill(recording.lastSegment);
    await page.locator('.tree-row', { hasText: recording.lastSegment }).click();
    await expect.poll(() => lit(page)).toEqual(['leased.downloading']);
    expect(await page.getByTestId('event-count').textContent()).not.toBe('0');
    await page.locator('.scrub').fill('50000');
    await expect.poll(() => numberIn(page, 'position')).toBe(50_000);
    await page.locator('.tree').focus();
    await page.keyboard.press('.');
    await expect.poll(() => numberIn(page, 'position')).toBe(50_001);
    // The chosen actor comes later, and the page says so instead of showing nothing.
    await expect.poll(() => page.locator('.machine .nothing').textContent()).toMatch(/not there yet/u);
    await page.screenshot({ path: artefact('inspector-thousand.png') });
    // It was cut: it has no end, and the page says so.
    expect(await page.locator('.link').textContent()).toMatch(/stops here/u);
    expectClean();
    replay.kill('SIGINT');
    await replay.ended;
  });

  test('keys alone reach every panel, and ? tells them', async () => {
    const env = await TestEnv.create();
    await writeFile(env.path('short.ndjson'), `${longRecording(40, 200).lines.join('\n')}\n`);
    const replay = env.start(['inspect', 'short.ndjson']);
    const { page, expectClean } = await openPage(await addressOf(replay), { width: 1000, height: 700 });
    await page.locator('.chart').waitFor();
    const focused = (): Promise<string> => page.evaluate('document.activeElement.className');
    for (const [key, panel] of [['1', 'tree'], ['2', 'chart-scroll'], ['3', 'context-rows'], ['4', 'seq-scroll'], ['5', 'timeline-scroll']] as const) {
      await page.keyboard.press(key);
      await expect.poll(focused).toBe(panel);
    }
    await page.keyboard.press('1');
    await expect.poll(focused).toBe('tree');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => page.locator('.machine h2').textContent()).toBe('server-1');
    // What it knows is walked in the same way.
    await page.keyboard.press('3');
    await expect.poll(focused).toBe('context-rows');
    await page.keyboard.press('ArrowDown');
    const active = (): Promise<string | null> => page.locator('.context-rows').getAttribute('aria-activedescendant');
    await expect.poll(active).toBe('knows-mirrorId');
    await page.keyboard.press('ArrowDown');
    await expect.poll(active).toBe('knows-url');
    await page.keyboard.press('?');
    await expect.poll(() => page.locator('dialog').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('dialog').isVisible()).toBe(false);
    await page.keyboard.press('/');
    await expect.poll(() => page.evaluate('document.activeElement.type')).toBe('search');
    expectClean();
    replay.kill('SIGINT');
    await replay.ended;
  });
});

async function recordLength(page: Page): Promise<number> {
  return Number(await page.locator('.scrub').getAttribute('max'));
}
