import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { PlaitError } from '../../src/base/errors.ts';
import { Counters, COUNTERS_BYTES } from '../../src/net/counters.ts';
import { faultOfError } from '../../src/net/fault-of-error.ts';
import { good } from './support/answers.ts';
import { startFaultServer } from './support/fault-server.ts';
import { outcomeCode, planeBench } from './support/plane-bench.ts';
import type { PlaneBench } from './support/plane-bench.ts';

const TOTAL = 100_000;
const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

function bench(...options: Parameters<typeof planeBench>): PlaneBench {
  const made = planeBench(...options);
  open.push(made);
  return made;
}

const systemError = (code: string): Error => Object.assign(new Error('words that nobody reads'), { code });

test.each([
  ['ECONNREFUSED', 'refused'], ['ENOTFOUND', 'no-such-host'], ['EAI_AGAIN', 'no-such-host'], ['EHOSTUNREACH', 'unreachable'], ['ENETUNREACH', 'unreachable'],
  ['EADDRNOTAVAIL', 'unreachable'], ['ETIMEDOUT', 'connect-timeout'], ['ECONNRESET', 'reset'], ['EPIPE', 'reset'], ['EMFILE', 'too-many-files'], ['ENFILE', 'too-many-files'],
  ['CERT_HAS_EXPIRED', 'tls-failed'], ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls-failed'], ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls-failed'], ['UND_ERR_SOCKET', 'closed-early'],
  ['HPE_INVALID_HEADER_TOKEN', 'bad-head'], ['ENOBODYKNOWS', 'reset'],
])('the error %s is the fault %s', (code, fault) => {
  expect(faultOfError(systemError(code)).code).toBe(fault);
});

test('of a host’s several addresses, the one that answered counts', () => {
  expect(faultOfError(new AggregateError([systemError('ENETUNREACH'), systemError('ECONNREFUSED')])).code).toBe('refused');
});

test('a port where nobody listens refuses', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  const net = bench();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  expect(await net.ended(net.open(net.addMirror(`http://127.0.0.1:${port}/x`), 5, 10))).toMatchObject({ writtenEnd: 5, outcome: { kind: 'failed', code: 'refused', inBody: false } });
});

test('a lease for nobody, and one after the end, end all the same', async () => {
  const net = bench();
  expect(outcomeCode((await net.ended(net.open(77, 0, 10))).outcome)).toBe('cancelled');
  const mirror = net.addMirror('http://127.0.0.1:9/x');
  await net.plane.close();
  expect(outcomeCode((await net.ended(net.open(mirror, 0, 10))).outcome)).toBe('cancelled');
});

test('nothing is told of a lease before the order for it has returned', async () => {
  const net = bench();
  const mirror = net.addMirror('http://127.0.0.1:9/x');
  const lease = net.open(mirror, 0, 10);
  expect(net.facts).toEqual([]);
  await net.ended(lease);
});

describe('a disk that fails', () => {
  test.each([['disk-full', 'disk-full'], ['disk-failed', 'disk-failed'], ['bug', 'disk-failed']] as const)('(%s) ends the lease as %s, and the socket is cut', async (code, fault) => {
    const server = await startFaultServer(good(TOTAL));
    open.push(server);
    let writes = 0;
    const net = bench({
      sink: {
        write() {
          writes += 1;
          throw new PlaitError(code, 'no');
        },
      },
    });
    expect(await net.ended(net.open(net.addMirror(server.url), 0, TOTAL))).toMatchObject({ writtenEnd: 0, outcome: { kind: 'failed', code: fault, inBody: true } });
    await expect.poll(() => server.sockets.size).toBe(0);
    expect(writes).toBe(1);
  });
});

test('an IPv6 literal is reached without its brackets', async (context) => {
  const server = createServer((socket) => socket.end('HTTP/1.1 206 P\r\nContent-Range: bytes 0-3/4\r\nContent-Length: 4\r\n\r\n\0\0\0\0'));
  server.on('error', () => undefined);
  server.listen(0, '::1');
  const listens = await Promise.race([once(server, 'listening').then(() => true), once(server, 'error').then(() => false)]);
  if (!listens) context.skip('this machine has no IPv6 loopback');
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  const net = bench();
  expect(await net.ended(net.open(net.addMirror(`http://[::1]:${port}/x`), 0, 4))).toMatchObject({ writtenEnd: 4, outcome: { kind: 'done' } });
  server.close();
});

test('counters tell the live leases alone, across memory that is shared', () => {
  const memory = new SharedArrayBuffer(COUNTERS_BYTES);
  const writer = new Counters(memory);
  const reader = new Counters(memory);
  const one = writer.openLease(0, 5);
  const two = writer.openLease(9, 2 ** 40);
  two?.progress(2 ** 52);
  writer.addReceived(3, 2 ** 40);
  writer.addReceived(3, 1);
  expect(reader.readings()).toEqual([{ leaseId: 0, writtenEnd: 5 }, { leaseId: 9, writtenEnd: 2 ** 52 }]);
  one?.free();
  expect(reader.readings()).toEqual([{ leaseId: 9, writtenEnd: 2 ** 52 }]);
  expect(reader.receivedBytes(3)).toBe(2 ** 40 + 1);
});
