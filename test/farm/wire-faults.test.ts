/** Every fault as a client sees it: the bytes on the wire, read without any HTTP library. */
import { describe, expect, test } from 'vitest';
import { FAULT_NAMES } from '../../src/farm/fault-names.ts';
import { rawRequest } from './support/raw-request.ts';
import type { RawReply, RawRequest } from './support/raw-request.ts';
import { placedBytes } from './support/test-file.ts';
import { afflict, heal, portOf, sharedFarm } from './support/test-farm.ts';

const SIZE = 100_003;
const bytes = placedBytes(SIZE);
const part = bytes.subarray(1_000, 2_000);

interface WireCase {
  readonly fault: string;
  /** Where it reads otherwise once it is in force. */
  readonly label?: string;
  readonly ask?: Partial<RawRequest>;
  readonly holds: (reply: RawReply) => void;
}

const wholeBody = ({ body }: RawReply): void => expect(body.equals(part)).toBe(true);
const statusIs = (status: number) => (reply: RawReply): void => expect(reply.status).toBe(status);

const CASES: readonly WireCase[] = [
  { fault: 'slow=64K', label: 'slow=65536', holds: wholeBody },
  { fault: 'trickle', ask: { until: (all) => /\r\n\r\n../su.test(all.toString('latin1')) }, holds: ({ body }) => expect(body.equals(part.subarray(0, 2))).toBe(true) },
  {
    fault: 'corrupt@1500B',
    label: 'corrupt=1500',
    holds: ({ body }) => {
      expect(body[500]).toBe((part[500] ?? 0) ^ 0xff);
      expect(differences(body, part)).toBe(1);
    },
  },
  {
    fault: 'flip@1500B',
    label: 'flip=1500',
    holds: ({ body }) => {
      expect(body[500]).toBe((part[500] ?? 0) ^ 1);
      expect(differences(body, part)).toBe(1);
    },
  },
  { fault: 'corrupt', holds: ({ body }) => expect(differences(body, part)).toBe(1) },
  { fault: 'flip', holds: ({ body }) => expect(differences(body, part)).toBe(1) },
  { fault: 'shifted', holds: ({ body, header }) => {
    expect(header('content-range')).toBe(`bytes 1000-1999/${SIZE}`);
    expect(body.equals(bytes.subarray(1_001, 2_001))).toBe(true);
  } },
  { fault: 'change', holds: ({ body, header }) => {
    expect(header('content-range')).toBe(`bytes 1000-1999/${SIZE}`);
    expect(header('etag')).toMatch(/^"changed-/u);
    expect(differences(body, part)).toBe(1_000);
  } },
  { fault: 'retag', holds: (reply) => {
    expect(reply.header('etag')).toMatch(/^"again-/u);
    wholeBody(reply);
  } },
  { fault: 'weak-tag', holds: ({ header }) => expect(header('etag')).toMatch(/^W\/"/u) },
  { fault: 'no-tag', holds: ({ header }) => expect(header('etag')).toBeUndefined() },
  { fault: 'shrink', holds: ({ header }) => expect(header('content-range')).toBe(`bytes 1000-1999/${Math.floor(SIZE / 2)}`) },
  { fault: 'grow', holds: ({ header }) => expect(header('content-range')).toBe(`bytes 1000-1999/${SIZE + Math.floor(SIZE / 4)}`) },
  { fault: 'reset', holds: ({ end, body }) => {
    expect(end).toBe('reset');
    expect(body.length).toBeLessThan(1_000);
  } },
  { fault: 'early-fin', holds: ({ end, body, header }) => {
    expect(end).toBe('fin');
    expect(header('content-length')).toBe('1000');
    expect(body.equals(part.subarray(0, 500))).toBe(true);
  } },
  { fault: 'refuse', holds: ({ all }) => expect(all.length).toBe(0) },
  { fault: 'no-range', holds: ({ status, header, body }) => {
    expect(status).toBe(200);
    expect(header('accept-ranges')).toBeUndefined();
    expect(header('content-range')).toBeUndefined();
    expect(body.equals(bytes)).toBe(true);
  } },
  { fault: 'wrong-range', holds: ({ status, header, body }) => {
    expect(status).toBe(206);
    expect(header('content-range')).toBe(`bytes 500-1499/${SIZE}`);
    expect(body.equals(bytes.subarray(500, 1_500))).toBe(true);
  } },
  { fault: 'off-by-one', holds: ({ header, body }) => {
    expect(header('content-range')).toBe(`bytes 999-1998/${SIZE}`);
    expect(body.equals(bytes.subarray(999, 1_999))).toBe(true);
  } },
  { fault: 'wrong-length', holds: ({ header, body }) => {
    expect(header('content-range')).toBe(`bytes 1000-1999/${SIZE}`);
    expect(header('content-length')).toBe('1001');
    expect(body.length).toBe(1_001);
  } },
  { fault: 'no-content-range', holds: (reply) => {
    expect(reply.status).toBe(206);
    expect(reply.header('content-range')).toBeUndefined();
    wholeBody(reply);
  } },
  { fault: 'other-total', holds: ({ header }) => expect(header('content-range')).toBe(`bytes 1000-1999/${SIZE + 1}`) },
  { fault: 'longer-body', holds: ({ header, body }) => {
    expect(header('content-length')).toBe('1000');
    expect(body.length).toBe(2_024);
  } },
  { fault: 'gzip', holds: (reply) => {
    expect(reply.header('content-encoding')).toBe('gzip');
    wholeBody(reply);
  } },
  { fault: 'chunked', holds: ({ status, header, body }) => {
    expect(status).toBe(206);
    expect(header('transfer-encoding')).toBe('chunked');
    expect(header('content-length')).toBeUndefined();
    expect(body.toString('latin1')).toMatch(/^3e8\r\n/u);
  } },
  { fault: 'no-length', holds: (reply) => {
    expect(reply.header('content-length')).toBeUndefined();
    expect(reply.header('transfer-encoding')).toBeUndefined();
    wholeBody(reply);
  } },
  { fault: 'multipart', holds: ({ status, header, body }) => {
    expect(status).toBe(206);
    expect(header('content-type')).toMatch(/^multipart\/byteranges; boundary=/u);
    expect(header('content-length')).toBe(String(body.length));
    expect(body.includes(part)).toBe(true);
  } },
  { fault: '401', holds: (reply) => {
    expect(reply.status).toBe(401);
    expect(reply.header('www-authenticate')).toContain('Basic');
  } },
  { fault: '403', holds: statusIs(403) },
  { fault: '404', holds: statusIs(404) },
  { fault: '416', holds: (reply) => {
    expect(reply.status).toBe(416);
    expect(reply.header('content-range')).toBe(`bytes */${SIZE}`);
  } },
  { fault: '429=7', holds: (reply) => {
    expect(reply.status).toBe(429);
    expect(reply.header('retry-after')).toBe('7');
  } },
  { fault: '503', holds: (reply) => {
    expect(reply.status).toBe(503);
    expect(reply.header('retry-after')).toBeUndefined();
  } },
  { fault: 'retry-after=in a while', holds: (reply) => {
    expect(reply.status).toBe(503);
    expect(reply.header('retry-after')).toBe('in a while');
  } },
  { fault: 'redirect=file:///etc/hosts', holds: (reply) => {
    expect(reply.status).toBe(302);
    expect(reply.header('location')).toBe('file:///etc/hosts');
  } },
  { fault: 'redirect-loop', ask: { path: '/file.bin?turn=4' }, holds: ({ header }) => expect(header('location')).toBe('/file.bin?turn=5') },
  { fault: 'head-refused', ask: { method: 'HEAD' }, holds: statusIs(405) },
  { fault: 'portal', holds: ({ status, header, body }) => {
    expect(status).toBe(200);
    expect(header('content-type')).toContain('text/html');
    expect(body.toString()).toContain('log in');
  } },
  { fault: 'garbage', holds: ({ all }) => expect(all.toString()).not.toContain('HTTP/') },
  { fault: 'big-head', holds: (reply) => {
    expect(reply.all.indexOf('\r\n\r\n')).toBeGreaterThan(64 * 1_024);
    wholeBody(reply);
  } },
  { fault: 'slow-head', ask: { until: (all) => all.length >= 2 }, holds: ({ all }) => expect(all.toString()).toBe('HT') },
  { fault: 'endless-1xx', ask: { until: (all) => all.toString().split('102 Processing').length > 20 }, holds: ({ all }) => expect(all.toString().replaceAll('HTTP/1.1 102 Processing\r\n\r\n', '')).toBe('') },
  { fault: 'two-lengths', holds: ({ headers }) => expect(headers.filter(([name]) => name === 'content-length').map(([, value]) => value)).toEqual(['1000', '1001']) },
  { fault: 'length-and-te', holds: ({ header, body }) => {
    expect(header('content-length')).toBe('1000');
    expect(header('transfer-encoding')).toBe('chunked');
    expect(body.toString('latin1')).toMatch(/^3e8\r\n.*\r\n0\r\n\r\n$/su);
  } },
  {
    fault: 'idle-bytes',
    ask: { headers: { Range: 'bytes=1000-1999', Connection: 'keep-alive' }, until: (all) => all.includes('nobody asked for') },
    holds: ({ body }) => expect(body.subarray(0, 1_000).equals(part)).toBe(true),
  },
];

function differences(some: Uint8Array, others: Uint8Array): number {
  expect(some.length).toBe(others.length);
  return some.reduce((count, byte, index) => count + Number(byte !== others[index]), 0);
}

describe('each fault on the wire', () => {
  const shared = sharedFarm(SIZE);

  test.each(CASES)('$fault', async ({ fault, label, ask, holds }) => {
    const farm = shared();
    await afflict(farm, 1, fault, label ?? fault);
    holds(await rawRequest({ port: portOf(farm, 1), headers: { Range: 'bytes=1000-1999' }, ...ask }));
    await heal(farm, 1);
  });

  test('a weak tag is no validator for If-Range, even where it is the same', async () => {
    await afflict(shared(), 1, 'weak-tag');
    const ask = (headers: Record<string, string>): Promise<RawReply> => rawRequest({ port: portOf(shared(), 1), headers: { Range: 'bytes=1000-1999', ...headers } });
    const tag = (await ask({})).header('etag') ?? '';
    expect((await ask({ 'If-Range': tag })).status).toBe(200);
    await heal(shared(), 1);
  });

  test('a healed server serves as if nothing had been', async () => {
    const reply = await rawRequest({ port: portOf(shared(), 1), headers: { Range: 'bytes=1000-1999' } });
    expect(reply.status).toBe(206);
    wholeBody(reply);
  });
});

test('no fault is left untried', () => {
  const elsewhere = ['die', 'revive', 'heal', 'stall'];
  const tried = new Set([...CASES.map(({ fault }) => fault.replace(/[=@].*$/u, '')), ...elsewhere]);
  expect(FAULT_NAMES.filter((name) => !tried.has(name))).toEqual([]);
});
