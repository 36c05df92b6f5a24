/**
 * Gets Node's own modules without an `import`. An ES module that imports one has every export of it read, lazy ones
 * too: node:process opens stdin, node:crypto sets up WebCrypto, node:fs loads its streams. Together that costs a third
 * of what an empty Node takes to start. In the built files the same names are taken from the module itself, and the
 * dearest modules are loaded by the first call of one of their functions.
 */

/** What is taken by name from them are functions that are only called, never constructed: commander's child_process never, tls and crypto seldom. */
const ON_DEMAND = new Set(['node:child_process', 'node:crypto', 'node:readline', 'node:tls', 'node:tty', 'node:vm', 'node:zlib']);

const IMPORT = /^import\s+(?:(\w+)|\*\s+as\s+(\w+)|(?:(\w+)\s*,\s*)?\{([^}]*)\})\s+from\s+"(node:[\w/]+)";$/gmu;

// By `globalThis`, since a bundled library may call something of its own `process`.
const loaded = (specifier: string): string => `globalThis.process.getBuiltinModule("${specifier}")`;

function wholeModule(local: string, specifier: string): string {
  if (!ON_DEMAND.has(specifier)) return `const ${local} = ${loaded(specifier)};`;
  return `const ${local} = new Proxy({}, { get: (_, name) => ${loaded(specifier)}[name] });`;
}

function namedExport(entry: string, specifier: string): string {
  const [name = '', local = name] = entry.trim().split(/\s+as\s+/u);
  if (name === 'default') return wholeModule(local, specifier);
  return `const ${local} = ${ON_DEMAND.has(specifier) ? `(...args) => ${loaded(specifier)}.${name}(...args)` : `${loaded(specifier)}.${name}`};`;
}

/**
 * The text of a built file with its imports of builtins replaced. What runs before its imports does not use them: there
 * are no cycles.
 */
export function withPlainBuiltins(text: string): string {
  const replaced = text.replaceAll(IMPORT, (_, only?: string, all?: string, first?: string, list?: string, specifier = '') => {
    const whole = only ?? all ?? first;
    const statements = whole === undefined ? [] : [wholeModule(whole, specifier)];
    for (const entry of (list ?? '').split(',')) if (entry.trim() !== '') statements.push(namedExport(entry, specifier));
    return statements.join(' ');
  });
  return withRequire(replaced);
}

/** Bundled CommonJS (undici, react) still calls `require` for Node's own modules. */
function withRequire(text: string): string {
  if (!/\brequire\b/u.test(text)) return text;
  const [first = '', ...rest] = text.split('\n');
  const declared = `const require = ${loaded('node:module')}.createRequire(import.meta.url);`;
  return first.startsWith('#!') ? [first, declared, ...rest].join('\n') : [declared, first, ...rest].join('\n');
}
