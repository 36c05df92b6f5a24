/** Ports that a test keeps through its servers' deaths: no other test, and no client's end of a connection, takes one meanwhile. */
import { once } from 'node:events';
import { createServer } from 'node:net';

// Below the ports that systems hand out by themselves. Each test file runs in a process of its own, and begins elsewhere.
const FIRST = 10_240;
const COUNT = 22_000;
/** Neighbours among processes are to be far from each other. */
const STRIDE = 1_009;

let next = (process.pid * STRIDE) % COUNT;

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
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if (await isFree(port)) return port;
  }
}

export async function ownPorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await ownPort());
  return ports;
}
