/**
 * Gets Node's own modules without an `import`. An ES module that imports one has every export of it read, lazy ones
 * too: node:process opens stdin, node:crypto sets up WebCrypto, node:fs loads its streams. Together that costs a third
 * of what an empty Node takes to start. In the built files the same names are taken from the module itself.
 */
import type { Plugin } from 'esbuild';

const IMPORT = /^import\s+(?:(\w+)|\*\s+as\s+(\w+)|(?:(\w+)\s*,\s*)?\{([^}]*)\})\s+from\s+"(node:[\w/]+)";$/gmu;

/** The text of a built file with its imports of builtins replaced. What runs before its imports does not use them: there are no cycles. */
export function withPlainBuiltins(text: string): string {
  return text.replaceAll(IMPORT, (_, only?: string, all?: string, first?: string, list?: string, specifier?: string) => {
    const loaded = `process.getBuiltinModule("${specifier}")`;
    const whole = only ?? all ?? first;
    const named = list === undefined ? '' : `const {${list.replaceAll(/\bdefault as\b/gu, 'default:').replaceAll(' as ', ': ')}} = ${whole ?? loaded};`;
    return `${whole === undefined ? '' : `const ${whole} = ${loaded};`}${named}`;
  });
}

/** commander loads child_process for a feature that plait does not use, and with it net and dgram. */
export const childProcessOnDemand: Plugin = {
  name: 'child-process-on-demand',
  setup(build) {
    build.onResolve({ filter: /^node:child_process$/ }, ({ importer }) => (importer.includes('commander') ? { path: 'child_process', namespace: 'on-demand' } : null));
    build.onLoad({ filter: /.*/, namespace: 'on-demand' }, () => ({
      contents: "export default { spawn: (...args) => process.getBuiltinModule('node:child_process').spawn(...args) };",
    }));
  },
};
