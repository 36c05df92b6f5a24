import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { REPLACED_FILES_MAX } from '../base/bounds.ts';
import type { ServedFile } from './representation.ts';

/** What the parent found out about the file before it started the servers. */
export interface KnownFile {
  readonly path: string;
  /** The name under which it is served; the path may be a copy's. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly tag: string;
}

/** Size, time and inode: a change of any of them makes another version of the file. */
interface Identity {
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  readonly inode: bigint;
}

/** The file of one server, looked at anew for each request: the user may change it under the server. */
export class FileSource {
  readonly #known: KnownFile;
  #file: ServedFile;
  #identity: Identity;
  #handle: FileHandle;
  readonly #replaced: FileHandle[] = [];

  private constructor(known: KnownFile, handle: FileHandle, identity: Identity) {
    this.#known = known;
    this.#handle = handle;
    this.#identity = identity;
    this.#file = fileOf(known, identity);
  }

  static async open(known: KnownFile): Promise<FileSource> {
    return new FileSource(known, await open(known.path, 'r'), await identityOf(known.path));
  }

  /** The digest that the parent has computed meanwhile, of the version that it started with. */
  setSha256(sha256: string): void {
    if (this.#file.tag === this.#known.tag) this.#file = { ...this.#file, sha256 };
  }

  /** The version on the disk now, and the open file to read it from. Rejects with a system error if it is gone. */
  async current(): Promise<{ file: ServedFile; handle: FileHandle }> {
    const identity = await identityOf(this.#known.path);
    if (!isSame(identity, this.#identity)) {
      if (identity.inode !== this.#identity.inode) await this.#reopen();
      this.#identity = identity;
      this.#file = fileOf(this.#known, identity);
    }
    return { file: this.#file, handle: this.#handle };
  }

  /** Responses under way go on with the handle that they began with; only the oldest handles are closed. */
  async #reopen(): Promise<void> {
    this.#replaced.push(this.#handle);
    this.#handle = await open(this.#known.path, 'r');
    if (this.#replaced.length > REPLACED_FILES_MAX) await this.#replaced.shift()?.close();
  }
}

async function identityOf(path: string): Promise<Identity> {
  const { size, mtimeNs, ino } = await stat(path, { bigint: true });
  return { sizeBytes: Number(size), modifiedAtMs: Number(mtimeNs) / 1e6, inode: ino };
}

const isSame = (a: Identity, b: Identity): boolean =>
  a.sizeBytes === b.sizeBytes && a.modifiedAtMs === b.modifiedAtMs && a.inode === b.inode;

function fileOf(known: KnownFile, { sizeBytes, modifiedAtMs }: Identity): ServedFile {
  const isAsKnown = sizeBytes === known.sizeBytes && Math.floor(modifiedAtMs) === Math.floor(known.modifiedAtMs);
  const tag = isAsKnown ? known.tag : plainTag(sizeBytes, modifiedAtMs);
  return { name: known.name, sizeBytes, modifiedAtMs, tag, sha256: null };
}

/** A tag from size and time alone, as nginx makes it: for files too large to hash first, and for changed ones. */
export const plainTag = (sizeBytes: number, modifiedAtMs: number): string =>
  `${Math.round(modifiedAtMs * 1_000).toString(16)}-${sizeBytes.toString(16)}`;
