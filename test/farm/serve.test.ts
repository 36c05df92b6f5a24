/** `plait serve` as people and scripts use it: lines in, lines out, signals and exit statuses. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { processIo } from '../../src/commands/command-io.ts';
import type { CommandIo } from '../../src/commands/command-io.ts';
import { serve } from '../../src/commands/serve.ts';
import { isListening } from './support/is-listening.ts';
import { serveProcess } from './support/serve-process.ts';
import type { ServeProcess } from './support/serve-process.ts';
import { placedFile } from './support/test-file.ts';
import { portOf, testFarm } from './support/test-farm.ts';

const ALIVE = /^Port: (\d+), Status: Alive, To shut down server (\d) enter E\2$/u;
const DEAD = /^Port: (\d+), Status: Dead, To start server (\d) enter S\2$/u;

const urlsIn = (line: string): string[] => line.match(/http:[^"]+/gu) ?? [];

async function started(farm: ServeProcess, servers: number): Promise<number[]> {
  await farm.line((line) => line.startsWith('To end the farm'));
  const alive = farm.lines.map((line) => ALIVE.exec(line)).filter((match) => match !== null);
  expect(alive.map((match) => Number(match[2]))).toEqual(Array.from({ length: servers }, (_, index) => index + 1));
  return alive.map((match) => Number(match[1]));
}

describe('plait serve before it stands', () => {
  test('a signal ends it while it hashes its file: no server is started, and it exits with 143', async () => {
    const { path } = await placedFile(1_000);
    const said: string[] = [];
    const output = new Writable({
      write(chunk, _encoding, done) {
        said.push(String(chunk));
        done();
      },
    });
    const io: CommandIo = {
      ...processIo(),
      stdout: output,
      stderr: output,
      onSignal(listener) {
        listener('SIGTERM');
        return () => undefined;
      },
    };
    expect(await serve(path, { ports: '0', servers: '1', plain: true }, io)).toBe(143);
    expect(said).toEqual([]);
  });
});

describe('plait serve in plain lines', () => {
  test('E1 shuts server 1 down, S1 starts it on its port, anything else is explained, q ends with 0', async () => {
    const { path, bytes } = await placedFile(1_000);
    const farm = serveProcess('-n', '2', '-p', '0', path);
    const [first = 0, second = 0] = await started(farm, 2);
    expect(farm.lines.some((line) => line.includes(`plait get -p ${first},${second}`))).toBe(true);
    expect(farm.lines.some((line) => line.includes(`curl -o file.bin http://127.0.0.1:${first}/`))).toBe(true);
    farm.enter('e1');
    await farm.line((line) => DEAD.exec(line)?.[1] === String(first));
    expect(await isListening(first)).toBe(false);
    expect(await isListening(second)).toBe(true);
    farm.enter('S1');
    await expect.poll(() => farm.lines.filter((line) => ALIVE.exec(line)?.[1] === String(first)).length).toBe(2);
    expect(Buffer.from(await (await fetch(`http://127.0.0.1:${first}/`)).arrayBuffer())).toEqual(bytes);
    farm.enter('what now?');
    farm.enter('E9');
    await expect.poll(farm.errors).toMatch(/"what now\?" is no order.*There is no server 9/su);
    farm.enter('Q');
    expect(await farm.exited).toBe(0);
    expect(await Promise.all([first, second].map(isListening))).toEqual([false, false]);
  });

  test('the end of standard input does not end the farm; SIGTERM does, with 143', async () => {
    const { path } = await placedFile(1_000);
    const farm = serveProcess('-p', '0', path);
    const [port = 0] = await started(farm, 1);
    farm.endInput();
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
    farm.kill('SIGTERM');
    expect(await farm.exited).toBe(143);
    expect(await isListening(port)).toBe(false);
  });

  test.each([['SIGINT', 130], ['SIGHUP', 129]] as const)('%s ends it with %d, and no server is left', async (signal, status) => {
    const { path } = await placedFile(1_000);
    const farm = serveProcess('-p', '0,0', path);
    const ports = await started(farm, 2);
    farm.kill(signal);
    expect(await farm.exited).toBe(status);
    expect(await Promise.all(ports.map(isListening))).toEqual([false, false]);
  });

  test('a farm that is killed takes its servers and their copies along', async () => {
    const { path } = await placedFile(1_000);
    const farm = serveProcess('-p', '0,0', '--copies', '--json', path);
    const ports = urlsIn(await farm.line((line) => line.includes('"type":"farm"'))).map((url) => Number(new URL(url).port));
    const copy = /"path":"([^"]+)"/u.exec(await farm.line((line) => line.includes('"type":"server"')))?.[1] ?? '';
    expect(existsSync(copy)).toBe(true);
    farm.kill('SIGKILL');
    expect(await farm.exited).toBe('SIGKILL');
    await expect.poll(() => Promise.all(ports.map(isListening)), { timeout: 20_000 }).toEqual([false, false]);
    await expect.poll(() => existsSync(dirname(dirname(copy))), { timeout: 20_000 }).toBe(false);
  });
});

test('--json tells the farm, each change and each second, one object a line', async () => {
  const { path } = await placedFile(1_000);
  const farm = serveProcess('-p', '0', '--json', '--fault', '1:slow=20K', path);
  const ready = await farm.line((line) => line.includes('"type":"farm"'));
  expect(JSON.parse(ready)).toMatchObject({ type: 'farm', name: 'file.bin', bytes: 1_000, t: expect.any(Number) });
  await farm.line((line) => line.includes('slow=20480'));
  await (await fetch(urlsIn(ready)[0] ?? '')).arrayBuffer();
  await farm.line((line) => /"requests":1,"bytes":1000,/u.test(line));
  farm.enter('e1');
  await farm.line((line) => line.includes('"state":"dead"'));
  farm.enter('q');
  expect(await farm.exited).toBe(0);
  for (const line of farm.lines) expect(JSON.parse(line)).toMatchObject({ type: expect.any(String), t: expect.any(Number) });
});

describe('wrong usage ends with 2 and one sentence', () => {
  test.each([
    [['none.bin'], /none\.bin does not exist/u],
    [['/'], /is a folder/u],
    [['-p', '70000', '{file}'], /70000/u],
    [['-n', '0', '{file}'], /--servers/u],
    [['-n', '2', '-p', '12000,12001,12002', '{file}'], /--servers says 2 and --ports names 3/u],
    [['--rate', 'fast', '{file}'], /--rate/u],
    [['--latency', 'long', '{file}'], /--latency/u],
    [['--seed', 'x', '{file}'], /--seed/u],
    [['--fault', '1:explode', '{file}'], /1:explode.*die/su],
    [['-p', '0', '--host', '203.0.113.7', '{file}'], /203\.0\.113\.7.*--host/u],
    [['--plain', '--json', '{file}'], /--plain/u],
  ])('%j', async (args, says) => {
    const { path } = await placedFile(10);
    const farm = serveProcess(...args.map((arg) => (arg === '{file}' ? path : arg)));
    expect(await farm.exited).toBe(2);
    expect(farm.errors()).toMatch(says);
    expect(farm.errors().trim().split('\n')).toHaveLength(1);
    expect(farm.lines).toEqual([]);
  });

  test('a port in use is named, with what to do', async () => {
    const { path } = await placedFile(10);
    const port = portOf(await testFarm({ filePath: path, count: 1 }), 1);
    const farm = serveProcess('-p', `0,${port}`, path);
    expect(await farm.exited).toBe(2);
    expect(farm.errors()).toBe(`plait: Port ${port} is in use: choose others with --ports, or 0 for a free one.\n`);
  });
});
