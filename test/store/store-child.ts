/**
 * A download without a network, as a process that can be killed: `store-child.ts MODE TARGET`. The bytes are those of
 * `bytesOf`. What it has come to is said line by line on stdout, which is written synchronously.
 */
import { readFileSync, writeSync } from 'node:fs';
import { unlink } from 'node:fs/promises';
import { PlaitError } from '../../src/base/errors.ts';
import { gapsIn } from '../../src/base/range-set.ts';
import { openStore } from '../../src/store/open-store.ts';
import type { Store } from '../../src/store/store.ts';
import { pathsOf } from '../../src/store/target.ts';
import { KIB, MIB, bytesOf, sha256Of } from './patterned-bytes.ts';

const [mode = '', targetPath = ''] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);

function begin(store: Store, totalBytes: number): void {
  for (const mirrorId of [1, 2]) {
    store.addSource(mirrorId, `http://mirror${mirrorId}/`, null);
  }
  store.settleSize(totalBytes);
  store.admit(1);
  store.admit(2);
}

/** Fetches what is missing, in leases of half a MiB from two mirrors in turn, the later half of the file first. */
function fetchMissing(store: Store, totalBytes: number, writeBytes = 100_000): void {
  begin(store, totalBytes);
  const recovered = (store.recovered?.runs ?? []).toSorted((a, b) => a.start - b.start);
  for (const { start, end } of recovered) {
    const held = readFileSync(pathsOf(store.targetPath).partPath).subarray(start, end);
    if (sha256Of(held) !== sha256Of(bytesOf(start, end))) throw new Error(`The journal vouches for wrong bytes in [${start}, ${end}).`);
  }
  const leaseBytes = 512 * KIB;
  const count = Math.ceil(totalBytes / leaseBytes);
  let writtenBytes = 0;
  for (let turn = 0; turn < count; turn += 1) {
    const lease = (turn + Math.floor(count / 2)) % count;
    const range = { start: lease * leaseBytes, end: Math.min(totalBytes, (lease + 1) * leaseBytes) };
    for (const gap of gapsIn(recovered, range)) {
      for (let start = gap.start; start < gap.end; start += writeBytes) {
        const end = Math.min(gap.end, start + writeBytes);
        store.write({ leaseId: turn, mirrorId: 1 + (turn % 2) }, start, bytesOf(start, end));
        writtenBytes += end - start;
        say(`written ${writtenBytes}`);
      }
    }
  }
}

async function run(): Promise<void> {
  const store = await openStore({ targetPath, resume: true, force: false });
  say('open');
  switch (mode) {
    case 'hold':
      setInterval(() => undefined, 60_000);
      return;
    case 'fetch':
      fetchMissing(store, 64 * MIB + 1);
      say('all');
      setInterval(() => undefined, 60_000);
      return;
    case 'publish':
      fetchMissing(store, 2 * MIB + 1, 2 * MIB);
      await store.publish(2 * MIB + 1);
      say('published');
      return;
    case 'keep-and-publish': {
      fetchMissing(store, 2 * MIB + 1, 2 * MIB);
      await store.keep();
      const again = await openStore({ targetPath, resume: true, force: false });
      await again.publish(2 * MIB + 1);
      say('published');
      return;
    }
    case 'fill-the-disk': {
      try {
        fetchMissing(store, 4 * MIB);
      } catch (error) {
        say(error instanceof PlaitError ? error.code : String(error));
      }
      await store.keep();
      await unlink(`${targetPath}.filler`);
      const again = await openStore({ targetPath, resume: true, force: false });
      say(again.recovered === null ? 'nothing recovered' : 'recovered');
      fetchMissing(again, 4 * MIB);
      await again.publish(4 * MIB);
      say(sha256Of(readFileSync(targetPath)));
      return;
    }
    default:
      throw new Error(`No such mode: ${mode}`);
  }
}

try {
  await run();
} catch (error) {
  say(error instanceof PlaitError ? `error ${error.code}` : `error ${String(error)}`);
  process.exitCode = 1;
}
