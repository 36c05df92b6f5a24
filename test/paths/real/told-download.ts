/**
 * A process with one download by the built library, that does as it is told: a line of JSON on stdin is an order, a line
 * of JSON on stdout says how far it is. So a story can pause it, give it mirrors, and kill it.
 *
 *   node told-download.ts DIST/index.js OPTIONS
 */
import { createInterface } from 'node:readline';
import type * as library from '../../../src/index.ts';

/** What the process is told. */
export type Told =
  | { readonly type: 'pause' | 'resume' | 'abort' }
  | { readonly type: 'add'; readonly url: string }
  | { readonly type: 'drop' | 'restore'; readonly mirrorId: number };

/** What it tells. */
export type Tells = { readonly writtenBytes: number; readonly course: string } | { readonly end: string };

const [, , libraryPath = '', optionsText = '{}'] = process.argv;
const { download } = (await import(libraryPath)) as typeof library;
const running = download(JSON.parse(optionsText) as library.DownloadOptions);
const tell = (what: Tells): void => void process.stdout.write(`${JSON.stringify(what)}\n`);

const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => {
  const told = JSON.parse(line) as Told;
  switch (told.type) {
    case 'pause':
    case 'resume':
    case 'abort':
      running[told.type]();
      break;
    case 'add':
      running.addMirror(told.url);
      break;
    case 'drop':
      running.dropMirror(told.mirrorId);
      break;
    case 'restore':
      running.restoreMirror(told.mirrorId);
      break;
  }
});

running.views.subscribe(({ writtenBytes, course }) => tell({ writtenBytes, course }));
const codeOf = (error: unknown): string => (typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error));
tell({ end: await running.result.then(() => 'done', codeOf) });
orders.close();
process.stdin.destroy();
