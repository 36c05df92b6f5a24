/**
 * An hour of the terminal view, as fast as it can draw: 36,000 frames of 16 servers that come and go on 120×40, and what
 * they cost in memory and processor time, as the published program has it. Run it with: node scripts/view-hour.ts [frames]
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { withPlainBuiltins } from './plain-builtins.ts';
import { yogaWithoutFetch } from './yoga-without-fetch.ts';

const folder = mkdtempSync(join(tmpdir(), 'plait-view-hour-'));
const programPath = join(folder, 'hour.mjs');
try {
  const { outputFiles } = await build({
    entryPoints: ['scripts/view-hour/frames.ts'],
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node22',
    define: { 'process.env.NODE_ENV': '"production"', __PLAIT_VERSION__: '"0"' },
    alias: { 'react-devtools-core': './scripts/empty-module.ts', rxjs: './node_modules/rxjs/dist/esm/index.js' },
    plugins: [yogaWithoutFetch],
    write: false,
  });
  writeFileSync(programPath, withPlainBuiltins(outputFiles[0]?.text ?? ''));
  execFileSync(process.execPath, ['--expose-gc', programPath, process.argv[2] ?? '36000'], { stdio: 'inherit' });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
