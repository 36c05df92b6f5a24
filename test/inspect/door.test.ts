import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { createConnection } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { openDoor } from '../../src/inspect/door.ts';
import type { Door, DoorInput } from '../../src/inspect/door.ts';
import { knock } from './support/viewing.ts';

const PAGE = { type: 'text/html', body: 'the page', policy: "default-src 'none'" };

async function door(input: Partial<DoorInput> = {}): Promise<Door> {
  const opened = await openDoor({ port: null, defaultPort: 0, flag: '--inspect', givePage: async (path) => (path === '' ? PAGE : null), welcome: () => () => undefined, ...input });
  onTestFinished(() => opened.close());
  return opened;
}

/** The status and body of one request, as a browser would send it or as nobody should. */
function ask(url: string, { method = 'GET', headers = {} }: { method?: string; headers?: IncomingHttpHeaders } = {}): Promise<{ status: number; body: string; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
    asked.on('error', reject).end();
  });
}

test('who has the whole address gets the page, which may load nothing from elsewhere', async () => {
  const { url } = await door();
  const { status, body, headers } = await ask(url);
  expect({ status, body }).toEqual({ status: 200, body: 'the page' });
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['referrer-policy']).toBe('no-referrer');
});

test('without the token, with another one or with a part of it nobody comes in', async () => {
  const { url, liveUrl } = await door();
  const origin = new URL(url).origin;
  for (const path of ['/', '/live', '/index.html', '/wrong/', '/wrong/live', new URL(url).pathname.slice(0, -3), `/?token=${new URL(url).pathname.slice(1, -1)}`]) {
    expect((await ask(origin + path)).status, path).toBe(403);
  }
  expect(await knock(liveUrl.replace(/\/[^/]+\/live$/u, '/live'))).toBe(403);
  expect(await knock(liveUrl.replace(/.\/live$/u, (end) => (end.startsWith('-') ? '_/live' : '-/live')))).toBe(403);
  expect(await knock(liveUrl)).toBe(101);
});

test('a page of another site is refused, even where it knows the address', async () => {
  const { url, liveUrl } = await door();
  for (const origin of ['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1']) {
    expect(await knock(liveUrl, { Origin: origin }), origin).toBe(403);
    expect((await ask(url, { headers: { origin } })).status, origin).toBe(403);
  }
  expect(await knock(liveUrl, { Origin: new URL(url).origin })).toBe(101);
});

test('a name that was pointed at this machine is refused', async () => {
  const { url, liveUrl } = await door();
  expect((await ask(url, { headers: { host: `evil.example:${new URL(url).port}` } })).status).toBe(403);
  expect(await knock(liveUrl, { Host: 'evil.example' })).toBe(403);
  expect((await ask(url.replace('127.0.0.1', 'localhost'))).status).toBe(200);
});

test('another path is not there, and only looking is allowed', async () => {
  const { url, liveUrl } = await door();
  for (const path of ['index.js', '../package.json', '%2e%2e/package.json', 'live/']) expect((await ask(url + path)).status, path).not.toBe(200);
  expect((await ask(`${url}none.js`)).status).toBe(404);
  expect((await ask(url.slice(0, -1))).status).toBe(404);
  expect((await ask(url, { method: 'POST' })).status).toBe(405);
  expect(await knock(`${liveUrl}/more`)).toBe(404);
});

test('nobody on the network can reach it', async () => {
  const { url } = await door();
  const outside = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []).find(({ internal, family }) => !internal && family === 'IPv4');
  if (outside === undefined) return;
  const socket = createConnection({ host: outside.address, port: Number(new URL(url).port) });
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
});

test('a busy port is named where it was asked for, and passed over where it was not', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  onTestFinished(() => void squatter.close());
  const address = squatter.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(door({ port })).rejects.toThrow(`Port ${port} is in use: give --inspect another one, or none, and plait finds one.`);
  const elsewhere = await door({ defaultPort: port });
  expect(new URL(elsewhere.url).port).not.toBe(String(port));
  expect((await ask(elsewhere.url)).status).toBe(200);
});

test('only so many look in at once, and who leaves makes room', async () => {
  let inside = 0;
  const { liveUrl } = await door({ welcome: () => ((inside += 1), () => (inside -= 1)) });
  const { WebSocket } = await import('ws');
  const viewers = Array.from({ length: 8 }, () => new WebSocket(liveUrl));
  onTestFinished(() => viewers.forEach((viewer) => viewer.terminate()));
  await expect.poll(() => inside).toBe(8);
  expect(await knock(liveUrl)).toBe(503);
  viewers[0]?.close();
  await expect.poll(() => inside).toBe(7);
  expect(await knock(liveUrl)).toBe(101);
});
