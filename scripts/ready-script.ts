/**
 * Builds `get` a second time, as one script that V8 can take ready-made code for (`src/launch.ts`), and has the code made
 * by a download of its own.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BuildOptions, Metafile, Plugin } from 'esbuild';
import { READY_SCRIPT } from '../src/base/ready-code.ts';
import { withPlainBuiltins } from './plain-builtins.ts';

/** What a usual download does not load stays in the modules; none of it shares anything with what is in the script. */
const STAYS_APART = /(?:^|\/)(?:undici|commands\/(?:serve|demo|machines|inspect))\.ts$/u;

function staysApart({ outputs }: Metafile): Plugin {
  const chunks = Object.entries(outputs).map(([path, { entryPoint }]) => ({ name: path.slice(path.lastIndexOf('/') + 1), entryPoint }));
  return {
    name: 'stays-apart',
    setup(builder) {
      builder.onResolve({ filter: /^\.\.?\// }, ({ path, kind }) => {
        if (kind !== 'dynamic-import' || !STAYS_APART.test(path)) return null;
        const chunk = chunks.find(({ entryPoint }) => entryPoint?.endsWith(path.replace(/^[./]+/u, '/')) === true);
        return chunk === undefined ? { errors: [{ text: `No chunk has been built of ${path}.` }] } : { path: `./${chunk.name}`, external: true };
      });
    },
  };
}

/**
 * A module's text as a function that is called with its `import.meta`, by which it also imports: what a script of its own
 * may import is experimental in Node, which says so on stderr. Of ASCII alone, so that it is read as it is.
 */
function asScript(text: string): string {
  const body = withPlainBuiltins(text.replace(/^#!.*\n/u, '')).replaceAll('import.meta', 'importMeta').replaceAll(/\bimport\(/gu, 'importMeta.import(');
  return `(async (importMeta) => {\n${body}\n})`.replaceAll(/[^\0-\u007F]/gu, (sign) => Array.from({ length: sign.length }, (_, at) => `\\u${sign.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''));
}

/** @param modules what was built of the same sources as modules */
export async function buildReadyScript(options: BuildOptions, outdir: string, modules: Metafile): Promise<void> {
  const { outputFiles } = await build({ ...options, entryPoints: ['src/cli.ts'], splitting: false, write: false, plugins: [staysApart(modules), ...(options.plugins ?? [])] });
  writeFileSync(`${outdir}/${READY_SCRIPT}`, asScript(outputFiles?.[0]?.text ?? ''));
  execFileSync(process.execPath, [fileURLToPath(new URL('make-ready-code.ts', import.meta.url)), outdir], { stdio: ['ignore', 'ignore', 'inherit'] });
}
