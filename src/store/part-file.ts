/**
 * The file that all bytes go into, at the place they will keep: no second copy is ever made. Sparse, never
 * preallocated, so that its size says something.
 */
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { PlaitError, diskError, systemCodeOf } from '../base/errors.ts';
import type { ByteRange } from '../base/range.ts';
import { isSameFile, lookAt } from './target.ts';

export interface PartIdentity {
  readonly device: bigint;
  readonly inode: bigint;
  readonly sizeBytes: number;
}

// A link that takes the name's place after it was checked is not followed. Windows has neither the flag nor the need.
const NO_FOLLOW = process.platform === 'win32' ? 0 : fs.constants.O_NOFOLLOW;

/** A folder that is there and takes no new file, such as one of /proc: nothing is wrong with the disk. */
const NO_PLACE_FOR_FILES: ReadonlySet<string> = new Set(['ENOENT', 'EACCES', 'EPERM', 'EROFS', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP']);

export class PartFile {
  readonly path: string;
  /** Null once closed: its number may by then belong to another file. */
  #file: FileHandle | null;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** A new, empty part file. The name must be free. */
  static async create(path: string): Promise<PartFile> {
    try {
      return await PartFile.#open(path, fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL | NO_FOLLOW);
    } catch (error) {
      const code = error instanceof PlaitError ? systemCodeOf(error.cause) : null;
      if (code === null || !NO_PLACE_FOR_FILES.has(code)) throw error;
      throw new PlaitError('disk-failed', `${path} cannot be made: its folder takes no such file (${code}). Choose another place.`, { cause: error });
    }
  }

  static async reopen(path: string, purpose: 'writing' | 'reading' = 'writing'): Promise<PartFile> {
    return PartFile.#open(path, (purpose === 'writing' ? fs.constants.O_RDWR : fs.constants.O_RDONLY) | NO_FOLLOW);
  }

  static async #open(path: string, flags: number): Promise<PartFile> {
    try {
      return new PartFile(path, await open(path, flags, 0o666));
    } catch (error) {
      throw diskError(error, path);
    }
  }

  /** Synchronous: when it returns, all of `bytes` are in the file. A short write goes on where it stopped. */
  write(position: number, bytes: Uint8Array): void {
    const { fd } = this.#openFile();
    try {
      for (let written = 0; written < bytes.length;) {
        written += fs.writeSync(fd, bytes, written, bytes.length - written, position + written);
      }
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  /** Fills `buffer` from `position` on; fewer bytes than it holds mean the end of the file. */
  async read(position: number, buffer: Uint8Array): Promise<number> {
    const file = this.#openFile();
    try {
      let filled = 0;
      while (filled < buffer.length) {
        const { bytesRead } = await file.read(buffer, filled, buffer.length - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return filled;
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  /** Synchronous, for a few blocks at most: what stands there, all of it. */
  readNow({ start, end }: ByteRange): Uint8Array {
    const bytes = Buffer.alloc(end - start);
    try {
      for (let filled = 0; filled < bytes.length;) {
        const count = fs.readSync(this.#openFile().fd, bytes, filled, bytes.length - filled, start + filled);
        if (count === 0) throw new PlaitError('disk-failed', `${this.path} was cut while plait was reading it.`);
        filled += count;
      }
    } catch (error) {
      throw diskError(error, this.path);
    }
    return bytes;
  }

  truncate(sizeBytes: number): void {
    try {
      fs.ftruncateSync(this.#openFile().fd, sizeBytes);
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  identity(): PartIdentity {
    try {
      const { dev, ino, size } = fs.fstatSync(this.#openFile().fd, { bigint: true });
      return { device: dev, inode: ino, sizeBytes: Number(size) };
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  /** Whether the path still leads to this file, and not to one that has been put in its place. */
  async isAtItsPath(): Promise<boolean> {
    const { device, inode } = this.identity();
    const stats = await lookAt(this.path);
    return stats !== null && stats.isFile() && isSameFile(stats, { dev: device, ino: inode });
  }

  /** To the disk itself. One failure is final: the kernel forgets what it could not write, and the next call "succeeds". */
  async sync(extent: 'bytes' | 'bytes and times'): Promise<void> {
    const file = this.#openFile();
    try {
      if (extent === 'bytes') await file.datasync();
      else await file.sync();
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = null;
    try {
      await file?.close();
    } catch (error) {
      throw diskError(error, this.path);
    }
  }

  #openFile(): FileHandle {
    if (this.#file === null) throw new PlaitError('bug', `The part file ${this.path} is closed and takes no more calls.`);
    return this.#file;
  }
}
