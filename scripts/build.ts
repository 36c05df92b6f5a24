/**
 * Bundles the program into dist/. One entry a process or thread; shared code goes into chunks, and what a plain
 * download does not need (Ink, undici) stays behind `await import()`, so that start-up pays for neither.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { build } from 'esbuild';
import { withPlainBuiltins } from './plain-builtins.ts';
import { thirdPartyLicenses } from './third-party-licenses.ts';
import packageJson from '../package.json' with { type: 'json' };

const entryPoints = ['src/index.ts', 'src/cli.ts', 'src/store/digest-worker.ts', 'src/store/sum-worker.ts', 'src/store/piece-worker.ts', 'src/farm/farm-child.ts'];

// Tests build into a folder of their own, so that nobody pulls the program from under them.
const outdir = process.argv.find((arg) => arg.startsWith('--outdir='))?.slice('--outdir='.length) ?? 'dist';

rmSync(outdir, { recursive: true, force: true });
const { metafile, outputFiles } = await build({
  entryPoints,
  entryNames: '[name]',
  outdir,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node22',
  minifySyntax: true,
  legalComments: 'none',
  define: { 'process.env.NODE_ENV': '"production"', __PLAIT_VERSION__: JSON.stringify(packageJson.version) },
  // Ink asks for the devtools only under DEV=true; the published program has none.
  // For Node, rxjs offers one CommonJS whole; of its ES modules only what is used gets in, and start-up runs no more.
  alias: { 'react-devtools-core': './scripts/empty-module.ts', rxjs: './node_modules/rxjs/dist/esm/index.js' },
  logLevel: 'warning',
  metafile: true,
  write: false,
});
mkdirSync(outdir, { recursive: true });
for (const { path, text } of outputFiles) writeFileSync(path, withPlainBuiltins(text), { mode: text.startsWith('#!') ? 0o755 : 0o644 });
writeFileSync(`${outdir}/THIRD-PARTY-LICENSES.txt`, thirdPartyLicenses(Object.keys(metafile.inputs)));

if (process.argv.includes('--types')) {
  execFileSync('tsc', ['--project', 'tsconfig.types.json'], { stdio: 'inherit', shell: process.platform === 'win32' });
}
