/**
 * One build for a whole run of tests, in a folder of its own: nobody who builds meanwhile pulls the program from under
 * the tests, and a bundle that leaned on node_modules would be found out, because there is none beside it.
 */
import { execFile } from 'node:child_process';
import { copyFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the built program: cli.js, index.js and what they load. */
    readonly distFolder: string;
    /** The folder of what tests start beside it: farms, and the processes that tests kill. */
    readonly bundleFolder: string;
  }
}

const run = promisify(execFile);

/** `npm test` has built dist just before; whoever sets PLAIT_SKIP_BUILD has, too. */
const isBuilt = (): boolean => (process.env['PLAIT_SKIP_BUILD'] ?? '') !== '' || process.env['npm_lifecycle_event'] === 'test';

/** What tests start many times: from its sources, a process of it would take longer to start than to do its work. */
async function bundle(outdir: string): Promise<void> {
  const workers = ['digest-worker', 'sum-worker', 'piece-worker'].map((name) => `src/store/${name}.ts`);
  await build({
    entryPoints: ['src/farm/farm.ts', 'src/farm/farm-child.ts', 'test/store/store-child.ts', ...workers],
    entryNames: '[name]',
    outdir,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    logLevel: 'warning',
    alias: { rxjs: './node_modules/rxjs/dist/esm/index.js' },
  });
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'plait-built-'));
  const distFolder = join(folder, 'dist');
  if (isBuilt()) await cp('dist', distFolder, { recursive: true });
  else await run(process.execPath, ['scripts/build.ts', `--outdir=${distFolder}`]);
  // It says that the bundle is a module, and which version it is.
  await copyFile('package.json', join(folder, 'package.json'));
  const bundleFolder = join(folder, 'bundle');
  await bundle(bundleFolder);
  project.provide('distFolder', distFolder);
  project.provide('bundleFolder', bundleFolder);
  return () => rm(folder, { recursive: true, force: true });
}
