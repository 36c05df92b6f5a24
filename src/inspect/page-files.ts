/** The inspector's own page: the files that the build has laid beside the program, and nothing outside them. */
import { readdir, readFile } from 'node:fs/promises';
import { join, extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PlaitError } from '../base/errors.ts';
import type { GivePage } from './door.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.json': 'application/json',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};

/** The page needs nothing from anywhere else, and may not ask for it. */
const POLICY = "default-src 'none'; script-src 'self'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Beside the bundled program; run from source, where the build has put it. */
const folders = [new URL('inspector/', import.meta.url), new URL('../../dist/inspector/', import.meta.url)].map((url) => fileURLToPath(url));

/**
 * Reads what files there are, once; each is given by its name alone.
 * @throws PlaitError `bug` where the build has left none.
 */
export async function pageFiles(): Promise<GivePage> {
  for (const folder of folders) {
    const names = await readdir(folder).catch((): string[] => []);
    if (!names.includes('index.html')) continue;
    return async (path) => {
      const name = path === '' ? 'index.html' : path;
      const type = TYPES[extname(name)];
      if (type === undefined || !names.includes(name)) return null;
      return { type, body: await readFile(join(folder, name)), policy: POLICY };
    };
  }
  throw new PlaitError('bug', 'The page of the inspector is not there: run `npm run build` first, or install plait anew.');
}
