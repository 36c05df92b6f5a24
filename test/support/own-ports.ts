/** Ports that a test keeps through its servers' deaths: no other test, and no client's end of a connection, takes one meanwhile. */
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ports that systems hand out by themselves. Each of the tests' workers has a part to itself; other runs begin elsewhere in theirs.
const FIRST = 10_240;
const PART = 2_700;
const PARTS = 8;
/** Neighbours among processes are to be far from each other. */
const STRIDE = 509;

const part = Number(process.env['VITEST_POOL_ID'] ?? 0) % PARTS;
let next = (process.pid * STRIDE) % PART;

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  const isListening = await Promise.race([once(probe, 'listening').then(() => true), once(probe, 'error').then(() => false)]).catch(() => false);
  if (!isListening) return false;
  probe.close();
  await once(probe, 'close');
  return true;
}

export async function ownPort(): Promise<number> {
  for (;;) {
    const port = FIRST + part * PART + next;
    next = (next + 1) % PART;
    if (await isFree(port)) return port;
  }
}

export async function ownPorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await ownPort());
  return ports;
}
