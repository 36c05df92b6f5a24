/** The built library, as a user of the package gets it. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inject, onTestFinished } from 'vitest';
import type { Download, DownloadOptions, DownloadView } from '../../src/index.ts';
import type * as library from '../../src/index.ts';
import type { TestEnv } from './plait.ts';

export type Library = typeof library;

export const builtLibrary = async (): Promise<Library> => (await import(pathToFileURL(join(inject('distFolder'), 'index.js')).href)) as Library;

/** Starts one that is aborted when its test ends. */
export function startIn(plait: Library, env: TestEnv, urls: readonly string[], more: Partial<DownloadOptions> = {}): Download {
  const running = plait.download({ urls, cwd: env.folder, ...more });
  onTestFinished(async () => {
    running.abort();
    await running.result.catch(() => undefined);
  });
  return running;
}

/** The first view, from now on, that fits; the last one where none does. */
export function until(running: Download, fits: (view: DownloadView) => boolean): Promise<DownloadView> {
  return new Promise((resolve, reject) => {
    const reading = running.views.subscribe({
      next: (view) => {
        if (!fits(view)) return;
        resolve(view);
        queueMicrotask(() => reading.unsubscribe());
      },
      complete: () => reject(new Error('It ended before the view came.')),
    });
  });
}

/** Settles after so many more looks at the download: for what must not happen meanwhile. */
export async function looks(running: Download, count: number): Promise<void> {
  let left = count;
  await until(running, () => (left -= 1) < 0);
}
