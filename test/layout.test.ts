/** The rules of the house that a machine can check: who may import whom, how long a file is, what a name looks like. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const SRC = join(ROOT, 'src');

interface Source {
  /** From src, with forward slashes. */
  readonly path: string;
  readonly room: string;
  readonly text: string;
  /** Own files (from src) and packages that it imports. */
  readonly imports: readonly { readonly from: string; readonly isType: boolean; readonly isDynamic: boolean }[];
}

const IMPORT = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gmu;
const DYNAMIC = /\bimport\(\s*'([^']+)'\s*\)/gu;

function sourcesUnder(folder: string): Source[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/u.test(entry.name))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(SRC, file).replaceAll('\\', '/');
      const text = readFileSync(file, 'utf8');
      const resolve = (from: string): string => (from.startsWith('.') ? normalize(join(dirname(path), from)).replaceAll('\\', '/') : from);
      const imports = [
        ...[...text.matchAll(IMPORT)].map((match) => ({ from: resolve(match[2] ?? ''), isType: match[1] !== undefined, isDynamic: false })),
        ...[...text.matchAll(DYNAMIC)].map((match) => ({ from: resolve(match[1] ?? ''), isType: false, isDynamic: true })),
      ];
      return { path, room: path.includes('/') ? path.slice(0, path.indexOf('/')) : path, text, imports };
    });
}

const sources = sourcesUnder(SRC);

/** What each room may import, beside itself and `base`. A trailing `:types` allows types alone. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  base: [],
  machines: ['net:types', 'xstate'],
  net: ['undici'],
  store: ['net:types'],
  farm: ['machines', 'xstate', 'rxjs'],
  metrics: ['machines', 'rxjs', 'xstate:types'],
  wiring: ['machines', 'net', 'store', 'xstate', 'rxjs'],
  'download.ts': ['machines', 'metrics', 'net', 'wiring', 'xstate', 'rxjs'],
  'index.ts': ['download.ts', 'inspect', 'machines:types', 'metrics:types', 'wiring:types'],
  ui: ['metrics', 'machines:types', 'farm:types', 'download.ts:types', 'rxjs', 'ink', 'react', 'react/jsx-runtime', 'string-width'],
  inspect: ['machines', 'metrics:types', 'ws', 'xstate', 'xstate:types', 'react', 'react/jsx-runtime', 'react-dom/client', 'elkjs/lib/elk-api.js'],
  commands: ['download.ts', 'farm', 'inspect', 'machines:types', 'metrics:types', 'net:types', 'ui', 'wiring:types', 'commander', 'rxjs'],
  'cli.ts': ['commands', 'commander'],
  'launch.ts': ['cli.ts'],
};

const roomOf = (from: string): string => (/\.tsx?$/u.test(from) && from.includes('/') ? from.slice(0, from.indexOf('/')) : from);

describe('the planes', () => {
  test.each(Object.keys(MAY_IMPORT))('%s imports only what it may know', (room) => {
    const allowed = MAY_IMPORT[room] ?? [];
    const trespasses = sources
      .filter((source) => source.room === room)
      .flatMap((source) =>
        source.imports
          .filter(({ from, isType }) => {
            const target = roomOf(from);
            if (target === room || target === 'base' || from.startsWith('node:')) return false;
            return !(allowed.includes(target) || (isType && allowed.includes(`${target}:types`)));
          })
          .map(({ from, isType }) => `${source.path} imports ${isType ? 'the types of ' : ''}${from}`),
      );
    expect(trespasses).toEqual([]);
  });

  test('every room has its rule', () => {
    expect(sources.map((source) => source.room).filter((room) => !(room in MAY_IMPORT))).toEqual([]);
  });

  test('machines know no clock, no chance, no IO and no buffer', () => {
    const offences = sources
      .filter((source) => source.room === 'machines')
      .filter((source) => /Date\.now|performance\.|Math\.random|new Date\(|\bBuffer\b|Uint8Array|setTimeout|setInterval|\bprocess\.\w+\(|'node:/u.test(source.text))
      .map((source) => source.path);
    expect(offences).toEqual([]);
  });

  test('Ink, React, undici and the inspector are loaded only when they are needed', () => {
    const fromStart = new Set<string>();
    const walk = (path: string): void => {
      if (fromStart.has(path)) return;
      fromStart.add(path);
      const source = sources.find((each) => each.path === path);
      for (const { from, isType, isDynamic } of source?.imports ?? []) if (!isType && !isDynamic) walk(from);
    };
    walk('index.ts');
    walk('cli.ts');
    expect([...fromStart].filter((from) => ['ink', 'react', 'undici', 'ws'].includes(from) || from.startsWith('inspect/'))).toEqual([]);
  });
});

describe('the house', () => {
  test('no file is far over 300 lines', () => {
    expect(sources.filter((source) => source.text.split('\n').length > 330).map((source) => source.path)).toEqual([]);
  });

  test('names say what they hold', () => {
    const vague = sources.filter((source) => /(?:^|\/)(?:utils?|helpers?|manager|common|misc)\.tsx?$/u.test(source.path)).map((source) => source.path);
    expect(vague).toEqual([]);
  });

  test('a machine is one setup().createMachine() literal a file', () => {
    const many = sources.filter((source) => (source.text.match(/\.createMachine\(/gu)?.length ?? 0) > 1).map((source) => source.path);
    expect(many).toEqual([]);
  });

  test('every bound has its reason beside it', () => {
    const lines = readFileSync(join(SRC, 'base', 'bounds.ts'), 'utf8').split('\n');
    const bare = lines.filter((line, index) => {
      if (!line.startsWith('export const')) return false;
      const above = lines[index - 1] ?? '';
      return !above.endsWith('*/') && !above.startsWith('export const');
    });
    expect(bare).toEqual([]);
  });
});
