/** A password and a token that must be seen by their origin alone: everything else that leaves the program is searched. */
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingHttpHeaders } from 'node:http';
import { expect, test } from 'vitest';
import { KIB, MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { TestEnv } from '../support/plait.ts';
import type { Ended } from '../support/plait.ts';
import { hasWritten } from '../support/served.ts';

const USER = 'canary-user';
const PASSWORD = 'cänary:p@ss/word';
const TOKEN = 'canary-token-7d1f';
const BASIC = Buffer.from(`${USER}:${PASSWORD}`, 'utf8').toString('base64');
const USERINFO = `${USER}:${encodeURIComponent(PASSWORD)}`;
/** Every spelling in which the secrets could slip out. */
const SECRETS = [USER, PASSWORD, encodeURIComponent(PASSWORD), BASIC, TOKEN, 'query-canary'];

const secretsIn = (text: string): readonly string[] => SECRETS.filter((secret) => text.includes(secret));
const headerText = (headers: IncomingHttpHeaders): string => JSON.stringify(headers);

const withUser = (url: string): string => url.replace('://', `://${USERINFO}@`);

/** Whatever a run has said and left on the disk holds no secret. */
async function expectNoLeak(env: TestEnv, ended: Ended): Promise<void> {
  expect(secretsIn(ended.stdout)).toEqual([]);
  expect(secretsIn(ended.stderr)).toEqual([]);
  for (const name of await readdir(env.folder)) {
    expect(secretsIn(name)).toEqual([]);
    expect(secretsIn((await readFile(env.path(name))).toString('latin1'))).toEqual([]);
    expect(secretsIn((await readFile(env.path(name))).toString('utf8'))).toEqual([]);
  }
}

test.each([['--json'], ['--plain']])('%s: through redirects, mirrors, retries and a stop, only its origin sees a secret', async (report) => {
  const env = await TestEnv.create();
  const sizeBytes = 2 * MIB;
  const stranger = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes }));
  const mirror = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes }));
  const own = await startOrigin((request, response, nth) => {
    // It refuses, fails, and sends away; what it says to people repeats what it was told.
    if (nth % 5 === 1) response.writeHead(503, { 'Retry-After': '0' }).end();
    else if (nth % 5 === 2) response.destroy();
    else if (nth % 5 === 3) response.writeHead(302, { Location: `${stranger.url}/else/where?x=1` }).end();
    else answerOracle(request, response, { sizeBytes });
  });
  const args = ['get', report, '-i', '20ms', '-l', '2M', '-H', `X-Token: ${TOKEN}`, `${withUser(own.url)}/f.bin?key=query-canary`, `${mirror.url}/f.bin`];
  const plait = env.start(args);
  if (report === '--json') await hasWritten(plait, 300 * KIB);
  else await plait.said(/^Total: \d/mu);
  plait.kill('SIGTERM');
  const stopped = await plait.ended;
  expect(stopped.status).toBe(143);
  await expectNoLeak(env, stopped);
  const ended = await env.run(args.filter((arg) => arg !== '-l' && arg !== '2M'));
  expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
  await expectNoLeak(env, ended);
  // Its own origin gets them with each request; the header is for every origin that was named, the password for its own.
  expect(own.requests.length).toBeGreaterThan(1);
  for (const { headers } of own.requests) expect(headers).toMatchObject({ authorization: `Basic ${BASIC}`, 'x-token': TOKEN });
  for (const { headers } of mirror.requests) {
    expect(headers.authorization).toBeUndefined();
    expect(headers['x-token']).toBe(TOKEN);
  }
  for (const { headers, path } of stranger.requests) {
    expect(secretsIn(headerText(headers))).toEqual([]);
    expect(secretsIn(path)).toEqual([]);
  }
});

test.each([
  ['no server that answers', ['http://U@127.0.0.1:1/f.bin?key=query-canary', '-w', '0'], 3],
  ['a wrong scheme', ['ftp://U@127.0.0.1/f.bin?key=query-canary'], 2],
  ['a broken URL', ['http://U@127.0.0.1:99999/f.bin?key=query-canary'], 2],
  ['a header that cannot be sent', ['-H', 'Range: canary-token-7d1f', 'http://U@127.0.0.1:1/f'], 2],
  ['a header with a line end', ['-H', 'X: canary-token-7d1f\r\nY: z', 'http://U@127.0.0.1:1/f'], 2],
  ['a folder that is not there', ['-o', 'none/f', 'http://U@127.0.0.1:1/f?key=query-canary'], 5],
] as const)('what is said of %s holds no secret', async (_, args, status) => {
  const env = await TestEnv.create();
  for (const report of ['--json', '--plain']) {
    const ended = await env.run(['get', report, ...args.map((arg) => arg.replace('U@', `${USERINFO}@`))]);
    expect(ended.status).toBe(status);
    expect(ended.stdout + ended.stderr).not.toBe('');
    await expectNoLeak(env, ended);
  }
});

/** Breaks the program from within, as a bug would: the first socket that is made throws something odd. */
const BUG = `
import { Socket } from 'node:net';
const connect = Socket.prototype.connect;
Socket.prototype.connect = function (...args) {
  const error = new Error('broken on purpose');
  error.request = { args };
  throw error;
};
`;

test('a crash of the program itself says nothing secret', async () => {
  const env = await TestEnv.create();
  const { writeFile } = await import('node:fs/promises');
  await writeFile(env.aside('bug.mjs'), BUG);
  for (const report of ['--json', '--plain']) {
    const ended = await env.run(['get', report, '-w', '0', '-H', `X-Token: ${TOKEN}`, `http://${USERINFO}@127.0.0.1:9/f.bin?key=query-canary`], { env: { NODE_OPTIONS: `--import=${env.aside('bug.mjs')}` } });
    expect(ended.status).not.toBe(0);
    await expectNoLeak(env, ended);
  }
});
