/** Servers that die, come back, stall and change: on real processes and sockets. */
import { createServer } from 'node:net';
import { existsSync } from 'node:fs';
import { appendFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { collectingGet } from './support/collecting-get.ts';
import { isListening } from './support/is-listening.ts';
import { rawRequest } from './support/raw-request.ts';
import { newFolder, placedFile, sha256 } from './support/test-file.ts';
import { heal, portOf, testFarm, urlOf, viewWhere } from './support/test-farm.ts';
import { ownPorts } from '../support/own-ports.ts';
import { startFarm } from '../support/start-farm.ts';

const MIB = 1024 * 1024;
const bytesOf = async (url: string): Promise<Buffer> => Buffer.from(await (await fetch(url)).arrayBuffer());

describe('a start that is called off', () => {
  test('while the file is hashed: no server is started', async () => {
    const { path } = await placedFile(4 * MIB);
    const [port = 0] = await ownPorts(1);
    const calling = new AbortController();
    let hasMachines = false;
    const starting = startFarm({ filePath: path, ports: [port], signal: calling.signal }, () => (hasMachines = true));
    calling.abort();
    await expect(starting).rejects.toMatchObject({ name: 'AbortError' });
    expect(hasMachines).toBe(false);
  });

  test('while its servers come up: all of them are gone when it is told', async () => {
    const { path } = await placedFile(1_000);
    const ports = await ownPorts(2);
    const calling = new AbortController();
    await expect(startFarm({ filePath: path, ports, signal: calling.signal }, () => calling.abort())).rejects.toMatchObject({ name: 'AbortError' });
    expect(await Promise.all(ports.map(isListening))).toEqual([false, false]);
  });
});

describe('a kill is a kill', () => {
  test('the process goes with its sockets and its port, and a revival serves on the same port', async () => {
    const { path, bytes } = await placedFile(4 * MIB);
    const farm = await testFarm({ filePath: path, count: 2, rates: [MIB] });
    const port = portOf(farm, 1);
    const get = collectingGet({ port });
    await get.hasBody(1);
    await farm.kill(1);
    await get.ended;
    expect(get.reply().body.length).toBeLessThan(bytes.length);
    expect(farm.servers.map(({ state }) => state)).toEqual(['dead', 'alive']);
    expect(await isListening(port)).toBe(false);
    expect(await isListening(portOf(farm, 2))).toBe(true);
    await farm.revive(1);
    expect(portOf(farm, 1)).toBe(port);
    const reply = await rawRequest({ port, headers: { Range: 'bytes=100-199' } });
    expect(reply.body.equals(bytes.subarray(100, 200))).toBe(true);
  });

  test('a revival right after a kill waits until the port is free', async () => {
    const { path } = await placedFile(100);
    const farm = await testFarm({ filePath: path, count: 1 });
    const killed = farm.kill(1);
    await Promise.all([killed, farm.revive(1)]);
    expect(farm.servers[0]?.state).toBe('alive');
    expect(await isListening(portOf(farm, 1))).toBe(true);
  });

  test('a revival whose port was taken meanwhile says so, and the farm lives on', async () => {
    const { path } = await placedFile(100);
    const farm = await testFarm({ filePath: path, count: 2 });
    await farm.kill(1);
    const thief = createServer().listen(portOf(farm, 1), '127.0.0.1');
    onTestFinished(() => void thief.close());
    await expect.poll(() => thief.listening).toBe(true);
    await expect(farm.revive(1)).rejects.toMatchObject({ code: 'usage' });
    expect(farm.servers.map(({ state }) => state)).toEqual(['dead', 'alive']);
  });

  test('closing ends every process', async () => {
    const { path } = await placedFile(100);
    const farm = await testFarm({ filePath: path, count: 3 });
    const ports = farm.servers.map(({ port }) => port);
    await farm.close();
    expect(await Promise.all(ports.map(isListening))).toEqual([false, false, false]);
    expect(farm.view().state).toBe('closed');
  });
});

describe('faults by moment', () => {
  test('die@25% sends that much at most, and is over after the revival', async () => {
    const { path, bytes } = await placedFile(8 * MIB);
    const farm = await testFarm({ filePath: path, count: 1, faults: '1:die@25%' });
    const get = collectingGet({ port: portOf(farm, 1) });
    await get.ended;
    expect(get.reply().body.length).toBeLessThanOrEqual(2 * MIB);
    expect((await viewWhere(farm, ({ servers }) => servers[0]?.state === 'dead')).servers[0]?.sentBytes).toBe(2 * MIB);
    await farm.revive(1);
    expect(sha256(await bytesOf(urlOf(farm, 1)))).toBe(sha256(bytes));
  });

  test('die and revive by time happen to the server they name, after the first request to any', async () => {
    const { path, bytes } = await placedFile(1_000);
    const farm = await testFarm({ filePath: path, count: 2, faults: '2:revive@600ms,2:die@200ms' });
    const seen: string[] = [];
    farm.views.subscribe(({ servers }) => {
      const state = servers[1]?.state ?? '';
      if (seen.at(-1) !== state) seen.push(state);
    });
    await bytesOf(urlOf(farm, 1));
    await viewWhere(farm, () => seen.length >= 4 && seen.at(-1) === 'alive');
    expect(seen).toEqual(['alive', 'dead', 'starting', 'alive']);
    expect(await bytesOf(urlOf(farm, 2))).toEqual(bytes);
  });

  test('die without a moment leaves a port that is known and refuses', async () => {
    const { path } = await placedFile(1_000);
    const farm = await testFarm({ filePath: path, count: 2, faults: '2:die' });
    expect(farm.servers.map(({ state }) => state)).toEqual(['alive', 'dead']);
    expect(portOf(farm, 2)).toBeGreaterThan(0);
    expect(await isListening(portOf(farm, 2))).toBe(false);
  });

  test('stall@25% sends exactly that much over all connections, keeps them open, and once healed the rest', async () => {
    const { path, bytes } = await placedFile(4_000_003);
    const farm = await testFarm({ filePath: path, count: 1, faults: '1:stall@25%' });
    const quarter = Math.ceil(bytes.length / 4);
    const port = portOf(farm, 1);
    const gets = [collectingGet({ port }), collectingGet({ port })];
    const received = (): number => gets.reduce((sum, get) => sum + get.reply().body.length, 0);
    await viewWhere(farm, ({ servers }) => servers[0]?.faults.includes('stall') === true);
    await expect.poll(received).toBe(quarter);
    const late = collectingGet({ port });
    await viewWhere(farm, ({ servers }) => servers[0]?.connections === 3);
    expect(late.reply().all.length).toBe(0);
    expect(received()).toBe(quarter);
    await heal(farm, 1);
    await Promise.all([...gets, late].map(({ ended }) => ended));
    for (const get of [...gets, late]) expect(sha256(get.reply().body)).toBe(sha256(bytes));
  });

  test('corrupt@OFFSET spoils that byte for every connection and no other', async () => {
    const { path, bytes } = await placedFile(3_000_000);
    const farm = await testFarm({ filePath: path, count: 1, faults: '1:corrupt@1M' });
    const wrong = Buffer.from(bytes);
    wrong[MIB] = (wrong[MIB] ?? 0) ^ 0xff;
    expect(sha256(await bytesOf(urlOf(farm, 1)))).toBe(sha256(wrong));
  });

  test('change@50% keeps the version of a response under way and gives the next one another tag and content', async () => {
    const { path, bytes } = await placedFile(2_000_000);
    const farm = await testFarm({ filePath: path, count: 1, faults: '1:change@50%' });
    const first = await fetch(urlOf(farm, 1));
    expect(sha256(Buffer.from(await first.arrayBuffer()))).toBe(sha256(bytes));
    const second = await fetch(urlOf(farm, 1));
    expect(second.headers.get('etag')).not.toBe(first.headers.get('etag'));
    expect(second.headers.get('content-length')).toBe(first.headers.get('content-length'));
    expect(sha256(Buffer.from(await second.arrayBuffer()))).not.toBe(sha256(bytes));
  });

  test('the same seed strikes the same byte, and another seed another one', async () => {
    const { path, bytes } = await placedFile(1_000_000);
    const struckAt = async (seed: number): Promise<number> => {
      const farm = await testFarm({ filePath: path, count: 1, faults: '1:corrupt', seed });
      const got = await bytesOf(urlOf(farm, 1));
      return got.findIndex((byte, index) => byte !== bytes[index]);
    };
    const [first, again, other] = [await struckAt(7), await struckAt(7), await struckAt(8)];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('reset and early-fin cut responses that are under way at once', async () => {
    const { path, bytes } = await placedFile(2_000_000);
    const farm = await testFarm({ filePath: path, count: 2, rates: [MIB], faults: '1:reset@25%,2:early-fin@25%' });
    const reset = collectingGet({ port: portOf(farm, 1) });
    const early = collectingGet({ port: portOf(farm, 2) });
    expect(await reset.ended).toBe('reset');
    expect(await early.ended).toBe('fin');
    expect(early.reply().body.equals(bytes.subarray(0, 500_000))).toBe(true);
  });

  test('a fault for a server that is not there is refused before anything starts', async () => {
    const { path } = await placedFile(10);
    await expect(startFarm({ filePath: path, count: 2, faults: '3:stall' })).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('files', () => {
  test('a file that is replaced or grows is another version, with another tag', async () => {
    const { path, folder } = await placedFile(1_000);
    const farm = await testFarm({ filePath: path, count: 1 });
    const first = await fetch(urlOf(farm, 1));
    await first.arrayBuffer();
    await appendFile(path, 'more');
    const grown = await fetch(urlOf(farm, 1));
    expect((await grown.arrayBuffer()).byteLength).toBe(1_004);
    await writeFile(join(folder, 'new'), 'quite another file');
    await rename(join(folder, 'new'), path);
    const replaced = await fetch(urlOf(farm, 1));
    expect(await replaced.text()).toBe('quite another file');
    expect(new Set([first, grown, replaced].map(({ headers }) => headers.get('etag'))).size).toBe(3);
  });

  test('with copies one server can be changed apart from the others, and nothing is left at the end', async () => {
    const { path, bytes } = await placedFile(1_000);
    const farm = await testFarm({ filePath: path, count: 2, copies: true });
    const replies = await Promise.all(farm.servers.map(({ url }) => fetch(url)));
    for (const reply of replies) expect(Buffer.from(await reply.arrayBuffer())).toEqual(bytes);
    expect(new Set(replies.map(({ headers }) => `${headers.get('etag')} ${headers.get('last-modified')}`)).size).toBe(1);
    const copy = farm.servers[0]?.filePath ?? '';
    await writeFile(copy, 'changed');
    expect((await bytesOf(urlOf(farm, 1))).toString()).toBe('changed');
    expect(await bytesOf(urlOf(farm, 2))).toEqual(bytes);
    await farm.close();
    expect(existsSync(dirname(dirname(copy)))).toBe(false);
  });

  test('a missing file, a folder and a busy port are wrong usage, each with its sentence', async () => {
    const { path: folder, remove } = await newFolder();
    onTestFinished(remove);
    await expect(startFarm({ filePath: join(folder, 'none'), count: 1 })).rejects.toThrow(/does not exist/u);
    await expect(startFarm({ filePath: folder, count: 1 })).rejects.toThrow(/is a folder/u);
    const { path } = await placedFile(10);
    const busy = await testFarm({ filePath: path, count: 1 });
    const port = portOf(busy, 1);
    const refused = startFarm({ filePath: path, ports: [0, port], copies: true });
    await expect(refused).rejects.toMatchObject({ name: 'PlaitError', code: 'usage' });
    await expect(refused).rejects.toThrow(new RegExp(`Port ${port} is in use: .*--ports`, 'u'));
    expect(await readdir(folder)).toEqual([]);
  });
});
