/** The programs that are set side by side, and how each is asked for the same thing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** One file to fetch. */
export interface Job {
  readonly urls: readonly string[];
  readonly outputPath: string;
  readonly bytes: number;
  /** The file's digest, where the tool is to check it. */
  readonly sha256: string | null;
  /** The authority of https servers. */
  readonly caPath: string | null;
}

export interface Tool {
  readonly name: string;
  readonly version: string;
  /** The command line for a job; null where the tool cannot do it. */
  command(job: Job): readonly string[] | null;
}

/** The first line that a program says of its version; null where it is not installed. */
function versionOf(command: string): string | null {
  const asked = spawnSync(command, ['--version'], { encoding: 'utf8' });
  if (asked.status !== 0) return null;
  return /\d+(?:\.\d+)+/u.exec(asked.stdout)?.[0] ?? 'unknown';
}

export const plaitCommand = (cliPath: string, job: Job, extra: readonly string[] = []): string[] => [
  process.execPath,
  cliPath,
  'get',
  '--plain',
  '-o',
  job.outputPath,
  ...(job.caPath === null ? [] : ['--ca', job.caPath]),
  ...(job.sha256 === null ? [] : ['-c', `sha-256=${job.sha256}`]),
  ...extra,
  ...job.urls,
];

function aria2c({ urls, outputPath, sha256, caPath }: Job): string[] {
  const slash = outputPath.lastIndexOf('/');
  // Preallocation is off: with it aria2c writes the whole file twice, or asks for a file system that can skip it.
  const fixed = ['-q', '--file-allocation=none', '--allow-overwrite=true', `-s${urls.length}`, `-x${urls.length}`, '-k1M'];
  return [
    'aria2c',
    ...fixed,
    ...(caPath === null ? [] : [`--ca-certificate=${caPath}`]),
    ...(sha256 === null ? [] : [`--checksum=sha-256=${sha256}`]),
    '-d',
    outputPath.slice(0, slash),
    '-o',
    outputPath.slice(slash + 1),
    ...urls,
  ];
}

const isOnePlain = (job: Job): boolean => job.urls.length === 1 && job.sha256 === null;

/** Compiles a floor; null where there is no C compiler, or not the libraries it needs. */
function buildFloor(sourcePath: string, outputPath: string, libraries: readonly string[]): string | null {
  try {
    execFileSync('gcc', ['-O2', '-o', outputPath, sourcePath, ...libraries], { stdio: 'ignore' });
    return outputPath;
  } catch {
    return null;
  }
}

/** What is compiled of the floors, each null where it could not be. */
interface Floors {
  readonly plain: string | null;
  readonly tls: string | null;
}

function floorCommand(floors: Floors, job: Job): string[] | null {
  const [first] = job.urls;
  const floorPath = job.caPath === null ? floors.plain : floors.tls;
  if (first === undefined || job.sha256 !== null || floorPath === null) return null;
  const { hostname, pathname } = new URL(first);
  const authority = job.caPath === null ? [] : [job.caPath];
  return [floorPath, job.outputPath, String(job.bytes), hostname, pathname, ...authority, ...job.urls.map((url) => new URL(url).port)];
}

/** Every tool that is there, plait first, and the names of those that are not. */
export function findTools({ cliPath, version, sourceFolder, buildFolder }: { cliPath: string; version: string; sourceFolder: string; buildFolder: string }): { tools: Tool[]; missing: string[] } {
  const commands: Record<string, Tool['command']> = {
    aria2c,
    curl: (job) => (isOnePlain(job) ? ['curl', '-sf', ...(job.caPath === null ? [] : ['--cacert', job.caPath]), '-o', job.outputPath, ...job.urls] : null),
    axel: (job) => (job.caPath === null && job.sha256 === null ? ['axel', '-q', '-n', String(job.urls.length), '-o', job.outputPath, ...job.urls] : null),
    wget2: (job) => (isOnePlain(job) ? ['wget2', '-q', ...(job.caPath === null ? [] : [`--ca-certificate=${job.caPath}`]), '-O', job.outputPath, ...job.urls] : null),
    // Its command line takes one URL.
    ipull: (job) => (isOnePlain(job) && job.caPath === null ? ['ipull', 'pull', '-s', job.outputPath, ...job.urls] : null),
  };
  const tools: Tool[] = [{ name: 'plait', version, command: (job) => plaitCommand(cliPath, job) }];
  const missing: string[] = [];
  for (const [name, command] of Object.entries(commands)) {
    const found = versionOf(name);
    if (found === null) missing.push(name);
    else tools.push({ name, version: found, command });
  }
  const built = (name: string, libraries: readonly string[]): string | null => buildFloor(join(sourceFolder, `${name}.c`), join(buildFolder, name), libraries);
  const floors: Floors = { plain: built('receive', []), tls: built('receive-tls', ['-lssl', '-lcrypto']) };
  if (floors.plain === null) missing.push('gcc (for the floor in C)');
  if (floors.tls === null) missing.push('gcc with OpenSSL (for the floor over TLS)');
  tools.push({ name: 'floor in C', version: '', command: (job) => floorCommand(floors, job) });
  return { tools, missing };
}
