/** Plays one scenario on real sockets and real files, and judges it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { verdictOn } from '../support/oracle.ts';
import { libraryClient, processClient } from './clients.ts';
import type { Client, ClientEnd } from './clients.ts';
import type { Ending, Moment, SoakScenario } from './scenario.ts';
import { heal } from './stand.ts';
import type { Booth, Stand } from './stand.ts';

/** Nothing here takes longer, however slow the machine. */
const HANG_MS = 90_000;

export interface SoakReport {
  /** What is wrong; null where nothing is. */
  readonly failure: string | null;
  readonly runs: number;
  readonly kills: number;
}

/** Calls `act` once the client has so many bytes; at once for `start`. */
function at(client: Client, moment: Moment, act: () => void): void {
  if (moment === 'start') {
    act();
    return;
  }
  let isDone = false;
  client.onBytes((bytes) => {
    if (isDone || bytes < moment.atBytes) return;
    isDone = true;
    act();
  });
}

class Scene {
  readonly #scenario: SoakScenario;
  readonly #booth: Booth;
  readonly #folder: string;
  readonly #cliPath: string;
  /** Kills and revivals under way: the farm is healed only after them. */
  readonly #deeds: Promise<void>[] = [];
  #wasKilled = false;
  runs = 0;
  kills = 0;

  constructor(scenario: SoakScenario, booth: Booth, folder: string, cliPath: string) {
    this.#scenario = scenario;
    this.#booth = booth;
    this.#folder = folder;
    this.#cliPath = cliPath;
  }

  async play(): Promise<string | null> {
    this.#afflictFromTheStart();
    for (const { ending, atBytes } of this.#scenario.endings) {
      const end = await this.#run({ ending, atBytes });
      if (end === null) return `a run hung (${HANG_MS / 1_000} s)`;
      const expected = { SIGKILL: [null], SIGTERM: [143], SIGINT: [130], abort: [130] }[ending];
      // It may have been through before it was ended.
      if (end.status === 0) return this.#judge(end);
      if (!expected.some((status) => status === end.status)) return this.#judge(end);
      this.#wasKilled ||= ending === 'SIGKILL';
    }
    const end = await this.#run(null);
    return end === null ? `a run hung (${HANG_MS / 1_000} s)` : this.#judge(end);
  }

  async settle(): Promise<void> {
    await Promise.allSettled(this.#deeds);
  }

  #afflictFromTheStart(): void {
    for (const [server, troubles] of this.#scenario.troubles.entries()) {
      for (const trouble of troubles) if (trouble.kind === 'fault' && trouble.moment === 'start') this.#booth.farm.fault(server + 1, trouble.fault);
    }
  }

  #befall(client: Client): void {
    const { farm } = this.#booth;
    for (const [server, troubles] of this.#scenario.troubles.entries()) {
      const index = server + 1;
      for (const trouble of troubles) {
        if (trouble.kind === 'fault' && trouble.moment !== 'start') at(client, trouble.moment, () => farm.fault(index, trouble.fault));
        if (trouble.kind === 'kill') at(client, trouble.moment, () => this.#deeds.push(this.#kill(index, trouble.revives)));
      }
    }
  }

  async #kill(index: number, revives: boolean): Promise<void> {
    this.kills += 1;
    await this.#booth.farm.kill(index);
    if (revives) await this.#booth.farm.revive(index);
  }

  /** One run to its end; null where it hangs. */
  async #run(early: { readonly ending: Ending; readonly atBytes: number } | null): Promise<ClientEnd | null> {
    this.runs += 1;
    const { client: kind, hasChecksum, limitBytesPerSec, connections } = this.#scenario;
    const options = { urls: this.#booth.urls, folder: this.#folder, sha256: hasChecksum ? this.#booth.sha256 : null, limitBytesPerSec, connections };
    const client = kind === 'process' ? processClient(this.#cliPath, options) : libraryClient(options);
    // Troubles of the servers come in the first run; the later ones find what is left of them.
    if (this.runs === 1) this.#befall(client);
    if (early !== null) at(client, { atBytes: early.atBytes }, () => client.end(early.ending));
    let timer: NodeJS.Timeout | undefined;
    const hangs = new Promise<null>((resolve) => {
      timer = setTimeout(() => resolve(null), HANG_MS);
    });
    const end = await Promise.race([client.ended, hangs]);
    clearTimeout(timer);
    if (end === null) client.end(kind === 'process' ? 'SIGKILL' : 'abort');
    return end;
  }

  async #judge(end: ClientEnd): Promise<string | null> {
    const left = (await readdir(this.#folder)).sort();
    // A kill between the final name and the end of the cleaning: the next run cleans up, and refuses to replace it.
    const hadFinished = end.status === 6 && this.#wasKilled && left.length === 1;
    if (end.status !== 0 && !hadFinished) {
      if (left.includes('file.bin')) return `exit ${end.status}, and a file stands under the name: ${end.message}`;
      // Wrong bytes under right headers may cost the file, loudly; never its rightness. And no size has a majority of one.
      const { hasLiar, mayTie } = this.#scenario;
      const isAllowed = (hasLiar && (end.status === 4 || end.status === 7)) || (mayTie && end.status === 7);
      return isAllowed ? null : `exit ${end.status}: ${end.message}`;
    }
    if (left.length !== 1 || left[0] !== 'file.bin') return `exit 0, and ${left.join(', ')} is left`;
    const { sizeBytes, firstWrongByte, sha256 } = await verdictOn(join(this.#folder, 'file.bin'));
    if (sizeBytes === this.#booth.sizeBytes && sha256 === this.#booth.sha256) return null;
    return `A WRONG FILE: ${sizeBytes} of ${this.#booth.sizeBytes} bytes, the first wrong one at ${firstWrongByte ?? 'none'}`;
  }
}

/** Plays it and cleans up after it; what is wrong is told in the report. */
export async function runScenario(scenario: SoakScenario, stand: Stand, cliPath: string): Promise<SoakReport> {
  const booth = stand.booths[scenario.fileIndex];
  if (booth === undefined) throw new Error('There is no such file.');
  const folder = await mkdtemp(join(stand.folder, `seed-${scenario.seed}-`));
  const scene = new Scene(scenario, booth, folder, cliPath);
  let failure: string | null;
  try {
    failure = await scene.play();
  } catch (error) {
    failure = `a throw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  }
  await scene.settle();
  await heal(booth);
  await rm(folder, { recursive: true, force: true });
  return { failure, runs: scene.runs, kills: scene.kills };
}
