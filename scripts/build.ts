/**
 * Bundles the program into dist/. One entry a process or thread; shared code goes into chunks, and what a plain
 * download does not need (Ink, undici) stays behind `await import()`, so that start-up pays for neither.
 */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { basename } from 'node:path';
import { build } from 'esbuild';
import type { BuildOptions } from 'esbuild';
import { withPlainBuiltins } from './plain-builtins.ts';
import { buildReadyScript } from './ready-script.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';
import { unicodeOnDemand } from './unicode-on-demand.ts';
import { yogaWithoutFetch } from './yoga-without-fetch.ts';
import packageJson from '../package.json' with { type: 'json' };

const entryPoints = [
  { in: 'src/launch.ts', out: 'cli' },
  ...['index', 'store/digest-worker', 'store/sum-worker', 'store/piece-worker', 'ui/view-thread', 'farm/farm-child'].map((path) => ({ in: `src/${path}.ts`, out: path.slice(path.lastIndexOf('/') + 1) })),
];

// Tests build into a folder of their own, so that nobody pulls the program from under them.
const outdir = process.argv.find((arg) => arg.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist';

rmSync(outdir, { recursive: true, force: true });
const options: BuildOptions = {
  outdir,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minifySyntax: true,
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"', __PLAIT_VERSION__: JSON.stringify(packageJson.version) },
  // Ink asks for the devtools only under DEV=true; the published program has none.
  // For Node, rxjs offers one CommonJS whole; of its ES modules only what is used gets in, and start-up runs no more.
  alias: { 'react-devtools-core': './scripts/empty-module.ts', rxjs: './node_modules/rxjs/dist/esm/index.js' },
  plugins: [yogaWithoutFetch, unicodeOnDemand],
  logLevel: 'warning',
};
const { metafile, outputFiles } = await build({ ...options, entryPoints, entryNames: '[name]', splitting: true, metafile: true, write: false });
// The inspector's page is a program of its own, for browsers, with its layout engine in a worker; nothing is from elsewhere.
const page = await build({
  entryPoints: ['main.tsx', 'page.css'].map((file) => ({ in: `src/inspect/page/${file}`, out: 'page' })),
  outdir: `${outdir}/inspector`,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: ['es2022', 'chrome109', 'firefox115', 'safari16'],
  jsx: 'automatic',
  minify: true,
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"' },
  logLevel: 'warning',
  metafile: true,
});
for (const file of ['src/inspect/page/index.html', 'node_modules/elkjs/lib/elk-worker.min.js']) copyFileSync(file, `${outdir}/inspector/${basename(file)}`);

mkdirSync(outdir, { recursive: true });
for (const { path, text } of outputFiles) writeFileSync(path, withPlainBuiltins(text), { mode: text.startsWith('#!') ? 0o755 : 0o644 });
await buildReadyScript(options, outdir, metafile);
writeFileSync(`${outdir}/THIRD-PARTY-LICENSES.txt`, thirdPartyLicenses([...Object.keys(metafile.inputs), ...Object.keys(page.metafile.inputs)]));

if (process.argv.includes('--types')) {
  execFileSync('tsc', ['--project', 'tsconfig.types.json'], { stdio: 'inherit', shell: process.platform === 'win32' });
}
