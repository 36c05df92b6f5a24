/** A story of the environment on real sockets: the farm’s servers, and the built library in a process that can be killed. */
import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import type { Farm } from '../../../src/farm/farm.ts';
import { TestEnv } from '../../support/plait.ts';
import type { SourceFile } from '../../support/plait.ts';
import type { Verdict } from '../../support/oracle.ts';
import { afflict, healAll, urlsOf } from '../../support/served.ts';
import type { EnvironmentEvent } from '../environment.ts';
import type { Told, Tells } from './told-download.ts';

const prlimit = promisify(execFile);

/** Every file may grow to this only: no byte more can be written anywhere. */
const NO_ROOM_BYTES = 1;
/** Runs that a story may need: one for each of its events, and some. */
const RUNS_MAX = 8;

/** One process with one download. */
class ToldDownload {
  readonly #child: ChildProcess;
  readonly #waiting = new Set<() => void>();
  writtenBytes = 0;
  course = '';
  /** `done`, an error's code, or `killed`; null while it runs. */
  end: string | null = null;

  constructor(folder: string, options: object) {
    const program = join(import.meta.dirname, 'told-download.ts');
    const library = pathToFileURL(join(inject('distFolder'), 'index.js')).href;
    this.#child = spawn(process.execPath, [program, library, JSON.stringify({ cwd: folder, env: {}, ...options })], { stdio: ['pipe', 'pipe', 'inherit'] });
    // It may be gone before it has read what it is told.
    this.#child.stdin?.on('error', () => undefined);
    if (this.#child.stdout !== null) createInterface({ input: this.#child.stdout }).on('line', (line) => this.#hear(JSON.parse(line) as Tells));
    this.#child.on('close', () => {
      this.end ??= 'killed';
      this.#wake();
    });
  }

  tell(told: Told): void {
    this.#child.stdin?.write(`${JSON.stringify(told)}\n`);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await gone;
  }

  /** Settles once that is so, or the download has ended. */
  until(isSo: (download: ToldDownload) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.end === null && !isSo(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** How large its files may grow; null: as large as they like. */
  async limitFiles(bytes: number | null): Promise<void> {
    if (this.#child.pid === undefined || this.end !== null) return;
    // One that has just ended needs no limit.
    await prlimit('prlimit', ['--pid', String(this.#child.pid), `--fsize=${bytes ?? 'unlimited'}:unlimited`]).catch(() => undefined);
  }

  #hear(tells: Tells): void {
    if ('end' in tells) this.end = tells.end;
    else Object.assign(this, tells);
    this.#wake();
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }
}

/** A story while it is told. */
class RealStory {
  readonly #farm: Farm;
  readonly #env: TestEnv;
  readonly #options: object;
  readonly #urls: string[];
  #download: ToldDownload;

  constructor(farm: Farm, env: TestEnv, options: object) {
    this.#farm = farm;
    this.#env = env;
    this.#options = options;
    // The fourth is named only where the story adds it.
    this.#urls = urlsOf(farm).slice(0, 3);
    this.#download = this.#begun();
  }

  /** Nothing moves until something else happens: a full disk pauses it, too. */
  get #isAtRest(): boolean {
    return this.#download.end !== null || this.#download.course === 'paused';
  }

  async reach(bytes: number): Promise<void> {
    if (!this.#isAtRest) await this.#download.until(({ writtenBytes }) => writtenBytes >= bytes);
  }

  async befall(event: EnvironmentEvent): Promise<void> {
    const farm = this.#farm;
    const download = this.#download;
    switch (event) {
      case 'kill':
        return farm.kill(1);
      case 'revive':
        return farm.revive(1);
      case 'stall':
        return afflict(farm, 1, 'stall');
      case 'slow':
        return afflict(farm, 1, 'slow=20K');
      case 'corrupt':
        return afflict(farm, 1, 'corrupt');
      case 'turnAway':
        return afflict(farm, 1, '503=1');
      case 'reset':
        await afflict(farm, 1, 'reset');
        farm.fault(1, 'heal');
        return;
      case 'goOn':
      case 'recover':
      case 'letIn':
        farm.fault(1, 'heal');
        return;
      case 'add': {
        const url = urlsOf(farm)[3] ?? '';
        this.#urls.push(url);
        download.tell({ type: 'add', url });
        return;
      }
      case 'drop':
      case 'restore':
        download.tell({ type: event, mirrorId: 1 });
        return;
      case 'pause':
        download.tell({ type: 'pause' });
        return download.until(({ course }) => course === 'paused');
      case 'resume':
        download.tell({ type: 'resume' });
        return download.until(({ course }) => course !== 'paused');
      // The machine’s own crash is simulated only; what a process can lose of it is what a kill loses.
      case 'crash':
      case 'killClient':
        return download.kill();
      case 'abort':
        download.tell({ type: 'abort' });
        return download.until(() => false);
      case 'fillDisk':
        await download.limitFiles(NO_ROOM_BYTES);
        return download.until(({ course }) => course === 'paused');
      case 'makeRoom':
        await download.limitFiles(null);
        download.tell({ type: 'resume' });
        return download.until(({ course }) => course !== 'paused');
    }
  }

  /** It has its file: one that was killed in its last moment may have given it its name, and then the next run finds it there. */
  get #isOver(): boolean {
    return this.#download.end === 'done' || this.#download.end === 'target-exists';
  }

  /** What follows after an event: whoever ran it runs it again, if it has ended without its file. */
  goOn(): void {
    if (this.#download.end !== null && !this.#isOver) this.#download = this.#begun();
  }

  /** Everything heals, and it is run until it has its file; gives how it ended. */
  async heal(): Promise<string> {
    await healAll(this.#farm);
    await this.#download.limitFiles(null);
    for (let run = 0; run < RUNS_MAX && !this.#isOver; run += 1) {
      this.goOn();
      this.#download.tell({ type: 'resume' });
      await this.#download.until(() => false);
    }
    return this.#isOver ? 'done' : (this.#download.end ?? 'unfinished');
  }

  close(): Promise<void> {
    return this.#download.kill();
  }

  #begun(): ToldDownload {
    return new ToldDownload(this.#env.folder, { ...this.#options, urls: this.#urls });
  }
}

export interface RealEnd {
  readonly end: string;
  readonly verdict: Verdict;
}

/** Lives through a story with this farm of four, which is whole again afterwards. */
export async function liveThrough(events: readonly EnvironmentEvent[], farm: Farm, source: SourceFile): Promise<RealEnd> {
  const env = await TestEnv.createShared();
  const checksum = events.includes('corrupt') ? { checksum: `sha-256=${source.sha256}` } : {};
  const story = new RealStory(farm, env, { ...checksum, waitMs: 20_000 });
  try {
    for (const [index, event] of events.entries()) {
      await story.reach(((index + 1) * source.sizeBytes) / (events.length + 3));
      await story.befall(event);
      story.goOn();
    }
    const end = await story.heal();
    return { end, verdict: await env.verdict('file.bin') };
  } finally {
    await story.close();
    await healAll(farm);
    await env.remove();
  }
}
