#!/usr/bin/env node
/**
 * Where the built program begins. For a download it is there twice: as modules, and as one script with V8's code for it,
 * which is at its first request a third sooner. The code is for the Node that built it, lies in the package and is only
 * ever read; whoever has another Node, or none of it, runs the modules.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { READY_SCRIPT, readyCodeName, unsealed } from './base/ready-code.ts';

/** A module as a script: `importMeta` stands for what `import.meta` says there, and for `import()`. */
type ReadyScript = (importMeta: { readonly url: string; readonly import: (path: string) => Promise<unknown> }) => Promise<void>;

function readyScript(): ReadyScript | null {
  const filename = fileURLToPath(new URL(READY_SCRIPT, import.meta.url));
  try {
    const file = readFileSync(readyCodeName(filename));
    const source = readFileSync(filename);
    const cachedData = unsealed(source, file);
    if (cachedData === null) return null;
    const script = new vm.Script(source.toString('latin1'), { filename, cachedData });
    // Flags that change V8's code make it refuse this one; it has compiled the script then, but does not know what is called.
    return script.cachedDataRejected === true ? null : script.runInThisContext();
  } catch {
    return null;
  }
}

/** Help needs little more than the parser, which is read sooner by itself. */
const isDownload = process.argv[2] === 'get' && !process.argv.some((arg) => arg === '--help' || arg === '-h');
const run = isDownload ? readyScript() : null;
await (run === null ? import('./cli.ts') : run({ url: import.meta.url, import: (path) => import(path) }));
