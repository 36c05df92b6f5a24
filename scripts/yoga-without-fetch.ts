/**
 * Ink's layout (yoga) carries its WebAssembly as base64 and asks `fetch` for it. The first call of `fetch` loads all of
 * Node's HTTP client, which takes a third of the time in which the view comes up. Where there is no `fetch` it decodes the
 * text itself, and at once.
 */
import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

export const yogaWithoutFetch: Plugin = {
  name: 'yoga-without-fetch',
  setup(build) {
    // Without a flag: esbuild reads it as an expression of Go.
    build.onLoad({ filter: /yoga-wasm-base64-esm\.js$/ }, async ({ path }) => ({ contents: `const fetch = undefined;\n${await readFile(path, 'utf8')}`, loader: 'js' }));
  },
};
