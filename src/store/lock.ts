/**
 * One plait at a target. The lock is a listening socket, because the kernel takes that back however a process dies:
 * no file is left to be stale, and no process id to be reused.
 */
import { createHash } from 'node:crypto';
import { unlink } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import path from 'node:path';
import { PlaitError, systemCodeOf } from '../base/errors.ts';
import type { StoreWorld } from './world.ts';

export interface Lock {
  release(): Promise<void>;
}

/** The folder by its inode, so that two paths to one folder are one lock. */
export interface LockPlace {
  readonly device: bigint;
  readonly inode: bigint;
  readonly fileName: string;
  /** For the message alone. */
  readonly targetPath: string;
}

type LockWorld = Pick<StoreWorld, 'platform' | 'socketFolder'>;

/**
 * Takes the lock of a target.
 * @throws PlaitError `target-in-use` while another process, or this one, holds it.
 */
export async function takeLock(place: LockPlace, world: LockWorld): Promise<Lock> {
  const address = addressOf(place, world);
  let server = await listen(address);
  if (server === null && isSocketFile(world) && !(await answers(address))) {
    // A socket file outlives its process. Nobody answers at this one, so it is removed and taken over.
    await unlink(address).catch(() => undefined);
    server = await listen(address);
  }
  if (server === null) {
    throw new PlaitError('target-in-use', `Another plait is downloading to ${place.targetPath}. Wait for it or stop it, or choose another name.`);
  }
  return lockOf(server);
}

function lockOf(server: Server): Lock {
  server.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

/** An abstract socket's name has 107 bytes; ours begins with a NUL and `plait-`. */
const ABSTRACT_NAME_MAX_BYTES = 100;

const isSocketFile = ({ platform }: LockWorld): boolean => platform !== 'linux' && platform !== 'android' && platform !== 'win32';

function addressOf(place: LockPlace, world: LockWorld): string {
  // The usual file systems of macOS and Windows hold two cases of a name to be one file.
  const fileName = world.platform === 'darwin' || world.platform === 'win32' ? place.fileName.toLowerCase() : place.fileName;
  const spelled = `${place.device}:${place.inode}:${fileName}`;
  // Written out where it fits, which spares a short download the loading of node:crypto. Hashed names have no colon.
  if (!isSocketFile(world) && world.platform !== 'win32' && Buffer.byteLength(spelled) <= ABSTRACT_NAME_MAX_BYTES) return `\0plait-${spelled}`;
  const key = createHash('sha256').update(spelled).digest('hex').slice(0, 32);
  if (world.platform === 'win32') return `\\\\.\\pipe\\plait-${key}`;
  return isSocketFile(world) ? path.join(world.socketFolder, `plait-${key}.sock`) : `\0plait-${key}`;
}

/** A server at this address, or null where there is one already. */
function listen(address: string): Promise<Server | null> {
  return new Promise((resolve, reject) => {
    // Whoever connects asks only whether somebody is here.
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error) => {
      if (systemCodeOf(error) === 'EADDRINUSE') resolve(null);
      else reject(new PlaitError('disk-failed', `The lock of the target could not be taken (${systemCodeOf(error) ?? error.message}).`, { cause: error }));
    });
    // `exclusive`: in a cluster's worker, a shared listener would be no lock.
    server.listen({ path: address, exclusive: true }, () => resolve(server));
  });
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Only a refusal proves that nobody listens; any other failure may be our own (too many files, no permission).
    socket.once('error', (error) => resolve(systemCodeOf(error) !== 'ECONNREFUSED' && systemCodeOf(error) !== 'ENOENT'));
  });
}
