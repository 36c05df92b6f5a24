/** Where the file goes: the user's word first, then the first URL's last component, then what a server calls it. */
import { stat } from 'node:fs/promises';
import { basename, isAbsolute, join, resolve } from 'node:path';
import { safeFileName } from '../net/file-name.ts';

/** The name when neither the user, the URL nor a server has one. */
export const NAMELESS = 'download';

/** The last component of a URL's path as a safe file name, or null where it has none. */
export function nameInUrl(url: URL): string | null {
  const last = url.pathname.split('/').at(-1) ?? '';
  try {
    return safeFileName(decodeURIComponent(last));
  } catch {
    // A lone per cent sign: the path is taken as it is written.
    return safeFileName(last);
  }
}

export interface Target {
  /** Absolute. */
  readonly folder: string;
  /** Null while it has to be asked for. */
  readonly name: string | null;
}

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
};

/** What the output option and the first URL say; a folder that is not there is found out when the store opens. */
export async function targetOf(output: string | null, cwd: string, firstUrl: URL): Promise<Target> {
  if (output === null) return { folder: resolve(cwd), name: nameInUrl(firstUrl) };
  const path = isAbsolute(output) ? output : join(resolve(cwd), output);
  // A trailing separator says that a folder is meant, also where there is none.
  if (/[/\\]$/u.test(output) || (await isFolder(path))) return { folder: resolve(path), name: nameInUrl(firstUrl) };
  return { folder: resolve(path, '..'), name: basename(path) };
}
