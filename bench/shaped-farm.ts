/** Servers of given rates, round trips and faults: `plait serve` as its users start it, a new one for each run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** How the servers of a scenario are shaped: values of the options of `plait serve`. */
export interface FarmShape {
  readonly rate: string;
  readonly latency: string;
  readonly fault?: string;
  readonly slowStart?: boolean;
}

export interface ShapedFarm {
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

function serveCommand(cliPath: string, filePath: string, { rate, latency, fault, slowStart }: FarmShape): readonly string[] {
  const ports = rate.split(',').map(() => '0').join(',');
  const faults = fault === undefined ? [] : ['--fault', fault];
  return [cliPath, 'serve', '--json', '-p', ports, '--rate', rate, '--latency', latency, ...faults, ...(slowStart === true ? ['--slow-start'] : []), filePath];
}

/** The addresses in the farm's first line; none in another. */
function urlsIn(line: string): readonly string[] {
  const said: unknown = JSON.parse(line);
  if (typeof said !== 'object' || said === null || !('urls' in said) || !Array.isArray(said.urls)) return [];
  return said.urls.map(String);
}

/** Resolves when every server listens. Its faults count their seconds from its first request. */
export async function startShapedFarm(cliPath: string, filePath: string, shape: FarmShape): Promise<ShapedFarm> {
  const child = spawn(process.execPath, serveCommand(cliPath, filePath, shape), { stdio: ['pipe', 'pipe', 'inherit'] });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null) return;
    child.stdin.end('q\n');
    await once(child, 'exit');
  };
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const urls = urlsIn(line);
    if (urls.length === 0) continue;
    // What it says later is not read, but must not fill the pipe either.
    child.stdout.resume();
    return { urls, stop };
  }
  throw new Error('The farm ended before it stood.');
}
