/**
 * `npm run bench [-- --runs N --only ROW[,ROW] --size SIZE]`: plait beside the other tools that are installed, on this
 * machine's loopback, into memory. Every result is checked against its SHA-256; a wrong file ends it with status 1, and
 * a slow one does not.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { optionsOf } from '../scripts/options-of.ts';
import packageJson from '../package.json' with { type: 'json' };
import { parseBytes } from '../src/base/units.ts';
import { BenchPlace } from './bench-place.ts';
import { fiveServers, fiveTlsServers, manyLanes, oneServer, small, withChecksum } from './download-rows.ts';
import { inspected } from './inspect-row.ts';
import { describeMachine } from './machine.ts';
import { markdownOf, sectionOf } from './report.ts';
import type { Report } from './report.ts';
import type { Row, RowResult } from './rows.ts';
import { runRow } from './run-row.ts';
import { huge, inTerminal, resumed, slowDisk } from './special-rows.ts';
import { startUp } from './start-rows.ts';
import { findTools } from './tools.ts';
import type { Tool } from './tools.ts';

const GIB = 1024 ** 3;
const flags = optionsOf({ runs: { type: 'string', default: '5' }, only: { type: 'string' }, size: { type: 'string' } });
const runs = Math.max(1, Number.parseInt(flags.runs, 10) || 5);
const size = flags.size === undefined ? null : parseBytes(flags.size);
const only = flags.only?.split(',') ?? null;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const ROWS: Record<string, (place: BenchPlace, tools: readonly Tool[]) => Row | Promise<Row | null>> = {
  five: (place, tools) => fiveServers(place, tools, size ?? 2 * GIB),
  sha: (place, tools) => withChecksum(place, tools, size ?? 2 * GIB),
  tls: (place, tools) => fiveTlsServers(place, tools, size ?? 2 * GIB),
  one: (place, tools) => oneServer(place, tools, size ?? GIB),
  lanes: (place) => manyLanes(place, size ?? GIB),
  small: (place, tools) => small(place, tools),
  start: (place) => startUp(place),
  resume: (place) => resumed(place, size ?? 4 * GIB),
  tui: (place) => inTerminal(place, size ?? GIB),
  inspect: (place) => inspected(place, size ?? GIB),
  'slow-disk': (place) => slowDisk(place, size ?? GIB / 2),
  huge: (place) => huge(place, size ?? 64 * GIB),
};

const unknown = only?.find((key) => !Object.hasOwn(ROWS, key));
if (unknown !== undefined) {
  process.stderr.write(`There is no row ${unknown}: --only takes ${Object.keys(ROWS).join(', ')}.\n`);
  process.exit(2);
}

/** Rows that run only when they are named: they need room on a disk, and minutes. */
const ON_REQUEST = new Set(['huge']);

async function run(place: BenchPlace): Promise<Report> {
  const { tools, missing } = findTools({ cliPath: place.cliPath, version: packageJson.version, sourceFolder: new URL('.', import.meta.url).pathname, buildFolder: place.folder });
  if (missing.length > 0) say(`Not installed: ${missing.join(', ')}.`);
  const rows: RowResult[] = [];
  for (const [key, rowFor] of Object.entries(ROWS)) {
    if (only === null ? ON_REQUEST.has(key) : !only.includes(key)) continue;
    const row = await rowFor(place, tools);
    if (row === null) {
      say(`${key}: what it needs is not installed.`);
      continue;
    }
    const result = await runRow(row, runs, say);
    say(sectionOf(result));
    rows.push(result);
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    command: ['npm run bench', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
    machine: describeMachine(),
    tools: Object.fromEntries(tools.map(({ name, version }) => [name, version])),
    missing,
    rows,
  };
}

const place = await BenchPlace.make();
// Servers and files go with the benchmark, also where it is stopped.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void place.remove().finally(() => process.exit(130)));
try {
  const report = await run(place);
  const folder = new URL('./results/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(`${report.date}.json`, folder), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(new URL(`${report.date}.md`, folder), markdownOf(report));
} finally {
  await place.remove();
}
