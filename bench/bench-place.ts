/** Where a benchmark works: its folder, its servers and its files, made when a row first needs them. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOrigins } from './origins.ts';
import type { Origins } from './origins.ts';
import { makeRandomFile } from './sample-file.ts';

const MEMORY_FOLDER = '/dev/shm';

export interface ServedFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

export class BenchPlace {
  readonly folder: string;
  readonly cliPath: string;
  readonly outputPath: string;
  readonly #files = new Map<number, ServedFile>();
  readonly #origins = new Map<string, Origins>();

  private constructor(folder: string) {
    this.folder = folder;
    this.cliPath = join(folder, 'built', 'cli.js');
    this.outputPath = join(folder, 'out', 'file');
  }

  /** A folder in memory where there is one, with the program built into it as a package would be installed. */
  static async make(): Promise<BenchPlace> {
    const folder = await mkdtemp(join(existsSync(MEMORY_FOLDER) ? MEMORY_FOLDER : tmpdir(), 'plait-bench-'));
    const place = new BenchPlace(folder);
    for (const name of ['www', 'out', 'built']) await mkdir(join(folder, name));
    execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/build.ts', import.meta.url)), `--outdir=${folder}/built`], { stdio: 'inherit' });
    await writeFile(join(folder, 'built', 'package.json'), '{"type":"module"}');
    return place;
  }

  get rootFolder(): string {
    return join(this.folder, 'www');
  }

  /** A file of that size, made once. */
  async file(bytes: number): Promise<ServedFile> {
    const known = this.#files.get(bytes);
    if (known !== undefined) return known;
    const name = `random-${bytes}`;
    const served = { name, bytes, sha256: await makeRandomFile(join(this.rootFolder, name), bytes) };
    this.#files.set(bytes, served);
    return served;
  }

  /** Files of other sizes are removed: memory is short. */
  async keepOnly(bytes: number): Promise<void> {
    for (const [size, { name }] of this.#files) {
      if (size === bytes) continue;
      await rm(join(this.rootFolder, name), { force: true });
      this.#files.delete(size);
    }
  }

  /** Servers of the kind, started once. */
  async origins(count: number, tls: boolean): Promise<Origins> {
    const key = `${count} ${tls}`;
    const known = this.#origins.get(key);
    if (known !== undefined) return known;
    const started = await startOrigins({ folder: join(this.folder, `servers-${count}-${tls}`), rootFolder: this.rootFolder, count, tls });
    this.#origins.set(key, started);
    return started;
  }

  async remove(): Promise<void> {
    for (const origins of this.#origins.values()) await origins.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
