/** What looking on costs: the same download alone, watched by a viewer of the inspector, and recorded. */
import { rm } from 'node:fs/promises';
import type { BenchPlace } from './bench-place.ts';
import { measure } from './measure.ts';
import type { Contender, Row } from './rows.ts';
import { plaitCommand } from './tools.ts';
import type { Job } from './tools.ts';

const MIB = 1024 * 1024;
const ADDRESS = /^Inspector: http:(\S+)$/mu;

/** Reads whatever the inspector of a run sends, as soon as the run has printed where. */
function watcher(): (said: string) => void {
  let isLooking = false;
  return (said) => {
    const address = ADDRESS.exec(said)?.[1];
    if (isLooking || address === undefined) return;
    isLooking = true;
    const socket = new WebSocket(`ws:${address}live`);
    let chars = 0;
    socket.addEventListener('message', ({ data }) => (chars += String(data).length));
    socket.addEventListener('error', () => process.stderr.write('The viewer was turned away.\n'));
    socket.addEventListener('close', () => chars === 0 && process.stderr.write('The viewer saw nothing.\n'));
  };
}

export async function inspected(place: BenchPlace, bytes: number): Promise<Row> {
  await place.keepOnly(bytes);
  const file = await place.file(bytes);
  const origins = await place.origins(5, false);
  const job: Job = { urls: origins.urls(file.name), outputPath: place.outputPath, bytes, sha256: null, caPath: null };
  const recordPath = `${place.outputPath}.ndjson`;
  const contenderFor = (name: string, flags: readonly string[], watch?: () => (said: string) => void): Contender => ({
    name,
    run: async () => {
      await rm(recordPath, { force: true });
      return measure(plaitCommand(place.cliPath, job, flags), {}, watch?.());
    },
    result: { path: place.outputPath, sha256: file.sha256 },
  });
  const claim = { figure: 'wallSec', against: 'plait', atMost: 1.05 } as const;
  return {
    key: 'inspect',
    work: `${bytes / MIB} MiB from five servers, looked on at`,
    contenders: [contenderFor('plait', []), contenderFor('with --inspect and a viewer', ['--inspect'], watcher), contenderFor('with --record', ['--record', recordPath])],
    timesRuns: 1,
    claims: [{ ...claim, of: 'with --inspect and a viewer' }, { ...claim, of: 'with --record' }],
    finish: () => rm(recordPath, { force: true }),
  };
}
