/** The rows that set whole downloads side by side with other tools. */
import type { BenchPlace, ServedFile } from './bench-place.ts';
import { measure } from './measure.ts';
import type { Claim, Contender, Row } from './rows.ts';
import { plaitCommand } from './tools.ts';
import type { Job, Tool } from './tools.ts';

const MIB = 1024 * 1024;
const nothing = (): Promise<void> => Promise.resolve();

interface Wanted {
  readonly key: string;
  readonly work: string;
  readonly servers: number;
  readonly tls: boolean;
  readonly checks: boolean;
  readonly bytes: number;
  readonly timesRuns: number;
  readonly claims: readonly Claim[];
}

function jobFor(place: BenchPlace, file: ServedFile, urls: readonly string[], checks: boolean, caPath: string | null): Job {
  return { urls, outputPath: place.outputPath, bytes: file.bytes, sha256: checks ? file.sha256 : null, caPath };
}

async function comparison(place: BenchPlace, tools: readonly Tool[], wanted: Wanted): Promise<Row> {
  await place.keepOnly(wanted.bytes);
  const file = await place.file(wanted.bytes);
  const origins = await place.origins(5, wanted.tls);
  const job = jobFor(place, file, origins.urls(file.name, wanted.servers), wanted.checks, origins.caPath);
  const contenders: Contender[] = [];
  for (const tool of tools) {
    const command = tool.command(job);
    if (command !== null) contenders.push({ name: tool.name, run: () => measure(command), result: { path: place.outputPath, sha256: file.sha256 } });
  }
  const present = new Set(contenders.map(({ name }) => name));
  const { key, work, timesRuns } = wanted;
  return { key, work, contenders, timesRuns, claims: wanted.claims.filter(({ against }) => against === null || present.has(against)), finish: nothing };
}

const atMost = (figure: Claim['figure'], against: string, most: number): Claim => ({ figure, of: 'plait', against, atMost: most });

export const fiveServers = (place: BenchPlace, tools: readonly Tool[], bytes: number): Promise<Row> =>
  comparison(place, tools, {
    key: 'five',
    work: `${bytes / MIB} MiB from five servers`,
    servers: 5,
    tls: false,
    checks: false,
    bytes,
    timesRuns: 1,
    claims: [atMost('wallSec', 'aria2c', 0.6), atMost('cpuSec', 'aria2c', 0.6), atMost('wallSec', 'floor in C', 1.15), atMost('cpuSec', 'floor in C', 1.6)],
  });

export const fiveTlsServers = (place: BenchPlace, tools: readonly Tool[], bytes: number): Promise<Row> =>
  comparison(place, tools, {
    key: 'tls',
    work: `${bytes / MIB} MiB from five servers over TLS`,
    servers: 5,
    tls: true,
    checks: false,
    bytes,
    timesRuns: 1,
    claims: [atMost('wallSec', 'aria2c', 0.8), atMost('cpuSec', 'aria2c', 0.8)],
  });

export const withChecksum = (place: BenchPlace, tools: readonly Tool[], bytes: number): Promise<Row> =>
  comparison(place, tools, {
    key: 'sha',
    work: `${bytes / MIB} MiB from five servers, SHA-256 checked`,
    servers: 5,
    tls: false,
    checks: true,
    bytes,
    timesRuns: 1,
    claims: [atMost('wallSec', 'aria2c', 0.45), atMost('cpuSec', 'aria2c', 0.8)],
  });

export const oneServer = (place: BenchPlace, tools: readonly Tool[], bytes: number): Promise<Row> =>
  comparison(place, tools, {
    key: 'one',
    work: `${bytes / MIB} MiB from one server`,
    servers: 1,
    tls: false,
    checks: false,
    bytes,
    timesRuns: 1,
    claims: [atMost('wallSec', 'curl', 1), atMost('cpuSec', 'curl', 1)],
  });

export const small = (place: BenchPlace, tools: readonly Tool[]): Promise<Row> =>
  comparison(place, tools, {
    key: 'small',
    work: '1 MiB from one server, the whole process',
    servers: 1,
    tls: false,
    checks: false,
    bytes: MIB,
    timesRuns: 4,
    claims: [atMost('wallSec', 'curl', 8)],
  });

/** plait against itself: other numbers of servers and lanes, and the memory of each. */
export async function manyLanes(place: BenchPlace, bytes: number): Promise<Row> {
  await place.keepOnly(bytes);
  const file = await place.file(bytes);
  const origins = await place.origins(64, false);
  const contenderFor = (servers: number, lanes: number | null): Contender => {
    const job = jobFor(place, file, origins.urls(file.name, servers), false, null);
    const command = plaitCommand(place.cliPath, job, lanes === null ? [] : ['-n', String(lanes)]);
    const name = `${servers} ${servers === 1 ? 'server' : 'servers'}${lanes === null ? '' : `, ${servers * lanes} lanes`}`;
    return { name, run: () => measure(command), result: { path: place.outputPath, sha256: file.sha256 } };
  };
  const contenders = [contenderFor(5, null), contenderFor(1, null), contenderFor(16, null), contenderFor(64, null), contenderFor(64, 4)];
  const others = contenders.slice(1).map(({ name }) => name);
  return {
    key: 'lanes',
    work: `${bytes / MIB} MiB, servers from 1 to 64, lanes to 256`,
    contenders,
    timesRuns: 1,
    claims: [
      ...others.map((of): Claim => ({ figure: 'cpuSec', of, against: '5 servers', atMost: 1.3 })),
      ...contenders.map(({ name }): Claim => ({ figure: 'peakMiB', of: name, against: null, atMost: 130 })),
    ],
    finish: nothing,
  };
}
