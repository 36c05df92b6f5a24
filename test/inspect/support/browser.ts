/** A real browser with the inspector's page in it; whatever the page should not do is remembered. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, expect, onTestFinished } from 'vitest';

const CANDIDATES: readonly string[] = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where a browser is, or null. */
export const browserPath: string | null = CANDIDATES.find(isExecutable) ?? null;

/** The end of a test's name: empty, or why it is skipped. */
export const unlessNoBrowser = browserPath === null ? ' (skipped: chromium is not installed)' : '';

/** Pictures that tests leave behind, to be looked at. */
export function artefact(name: string): string {
  const folder = join(import.meta.dirname, '..', '..', '..', 'test-artefacts');
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}

export async function launchBrowser(): Promise<Browser> {
  if (browserPath === null) throw new Error('There is no browser.');
  // As root, as containers run it, chromium's sandbox does not start.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: browserPath, args });
}

export interface OpenedPage {
  readonly page: Page;
  /** Asserts that the page has complained of nothing and has asked nobody but its own server. */
  readonly expectClean: () => void;
}

let launched: Promise<Browser> | null = null;

/** Starting a browser takes longer than most of what is done in it: all tests of a file share one, in windows of their own. */
async function sharedBrowser(): Promise<Browser> {
  launched ??= launchBrowser();
  return launched;
}

/** To be called by a file that opens pages, once. */
export function closeBrowserAtTheEnd(): void {
  afterAll(async () => {
    await (await launched)?.close();
  });
}

/** Opens an address; the page goes when the test ends. */
export async function openPage(url: string, size = { width: 1440, height: 900 }): Promise<OpenedPage> {
  const page = await (await sharedBrowser()).newPage({ viewport: size });
  onTestFinished(() => page.close());
  const complaints: string[] = [];
  const strangers: string[] = [];
  const { host } = new URL(url);
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && asked.host !== host) strangers.push(request.url());
  });
  await page.goto(url);
  const expectClean = (): void => {
    expect(complaints).toEqual([]);
    expect(strangers).toEqual([]);
  };
  return { page, expectClean };
}
