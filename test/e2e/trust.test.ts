import { describe, expect, test } from 'vitest';
import { makeCertificate } from '../support/certificates.ts';
import { hashOf, MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { exactly, lastLine, TestEnv } from '../support/plait.ts';
import { isInstalled, unlessMissing } from '../support/programs.ts';
import { serveFile, urlsOf } from '../support/served.ts';

describe('checksums', () => {
  test.each([
    ['sha-256', 'sha256'],
    ['sha-512', 'sha512'],
    ['sha-1', 'sha1'],
    ['md5', 'md5'],
  ])('a right %s is told as such', async (algorithm, hashName) => {
    const env = await TestEnv.create();
    const source = await env.source(MIB + 17);
    const origin = await startOrigin((request, response) => answerOracle(request, response, source));
    const ended = await env.run(['get', '--json', '-c', `${algorithm}=${await hashOf(source.path, hashName)}`, `${origin.url}/file.bin`]);
    expect(ended.status).toBe(0);
    expect(lastLine(ended)).toMatchObject({ type: 'done', verified: 'checksum' });
    expect(await env.verdict('file.bin')).toEqual(exactly(source));
  });

  test('of several every one has to hold, whichever is named last', async () => {
    const env = await TestEnv.create();
    const source = await env.source(MIB);
    const origin = await startOrigin((request, response) => answerOracle(request, response, source));
    const right = ['-c', `sha-256=${source.sha256}`];
    const wrong = ['-c', `md5=${'0'.repeat(32)}`];
    for (const both of [[...wrong, ...right], [...right, ...wrong]]) {
      const ended = await env.run(['get', '-q', ...both, `${origin.url}/file.bin`]);
      expect(ended).toMatchObject({ status: 4, stderr: expect.stringMatching(/ md5 is /u) });
      expect(await env.left()).toEqual(['file.bin.plait-bad']);
    }
    const ended = await env.run(['get', '--json', ...right, ...right, '-c', `md5=${await hashOf(source.path, 'md5')}`, `${origin.url}/file.bin`]);
    expect(ended.status).toBe(0);
    expect(lastLine(ended)).toMatchObject({ type: 'done', verified: 'checksum' });
  });

  test('a wrong one ends with 4: no file under the name, the bytes set aside and never gone on from', async () => {
    const env = await TestEnv.create();
    const source = await env.source(MIB);
    const origin = await startOrigin((request, response) => answerOracle(request, response, source));
    const wrong = await env.run(['get', '--json', '-c', `sha-256=${'0'.repeat(64)}`, `${origin.url}/file.bin`]);
    expect(wrong.status).toBe(4);
    expect(lastLine(wrong)).toMatchObject({ type: 'error', code: 'checksum-mismatch', exitCode: 4, message: expect.stringMatching(/file\.bin\.plait-bad/u) });
    expect(await env.left()).toEqual(['file.bin.plait-bad']);
    const right = await env.run(['get', '--json', '-c', `sha-256=${source.sha256}`, `${origin.url}/file.bin`]);
    expect(right.status).toBe(0);
    expect(lastLine(right)).toMatchObject({ resumedBytes: 0 });
    expect(await env.verdict('file.bin')).toEqual(exactly(source));
    expect(await env.left()).toEqual(['file.bin', 'file.bin.plait-bad']);
  });

  test.each(['corrupt=100K', 'flip=700000', 'shifted'])('with a checksum, a mirror with %s never gets a wrong file its name', async (fault) => {
    const env = await TestEnv.create();
    const source = await env.source(2 * MIB);
    const farm = await serveFile(source, { count: 2, rates: [4 * MIB], faults: `1:${fault}` });
    const ended = await env.run(['get', '--json', '-c', `sha-256=${source.sha256}`, ...urlsOf(farm)]);
    if (ended.status === 0) expect(await env.verdict('file.bin')).toEqual(exactly(source));
    else {
      expect(ended.status).toBe(4);
      expect(await env.left()).toEqual(['file.bin.plait-bad']);
    }
  });
});

describe.skipIf(!isInstalled('openssl'))(`https${unlessMissing('openssl')}`, () => {
  test('a certificate of an authority that --ca names is trusted; without it nothing is fetched and the sentence says why', async () => {
    const env = await TestEnv.create();
    const source = await env.source(2 * MIB);
    const tls = makeCertificate(env.aside('good'));
    const origin = await startOrigin((request, response) => answerOracle(request, response, source), { tls });
    const untrusted = await env.run(['get', '-w', '0', `${origin.url}/file.bin`]);
    expect(untrusted.status).toBe(3);
    expect(untrusted.stderr).toMatch(/^plait: .*certificate.*\n$/u);
    expect(origin.requests).toHaveLength(0);
    expect(await env.left()).toEqual([]);
    const trusted = await env.run(['get', '--json', '--ca', tls.certPath, `${origin.url}/file.bin`]);
    expect(trusted).toMatchObject({ status: 0, stderr: '' });
    expect(await env.verdict('file.bin')).toEqual(exactly(source));
  });

  test('an authority that only the system knows is trusted, also beside those that --ca names', async () => {
    const env = await TestEnv.create();
    const source = await env.source(2 * MIB);
    const [system, named] = [makeCertificate(env.aside('system')), makeCertificate(env.aside('named'))];
    const origins = await Promise.all([system, named].map((tls) => startOrigin((request, response) => answerOracle(request, response, source), { tls })));
    for (const more of [[], ['--ca', named.certPath, `${origins[1]?.url}/file.bin`]]) {
      const ended = await env.run(['get', '--json', '-f', '-o', 'file.bin', `${origins[0]?.url}/file.bin`, ...more], { env: { SSL_CERT_FILE: system.certPath } });
      expect(ended).toMatchObject({ status: 0, stderr: '' });
      expect(await env.verdict('file.bin')).toEqual(exactly(source));
      expect(ended.lines).not.toContainEqual(expect.objectContaining({ kind: 'server-retired' }));
    }
    expect(origins.every(({ requests }) => requests.length > 0)).toBe(true);
  });

  test('of several mirrors, those whose certificate is of another name or authority are left out and named', async () => {
    const env = await TestEnv.create();
    const source = await env.source(2 * MIB);
    const good = makeCertificate(env.aside('good'));
    const stranger = makeCertificate(env.aside('stranger'));
    const otherName = makeCertificate(env.aside('other-name'), 'DNS:example.org');
    const origins = await Promise.all([stranger, otherName, good].map((tls) => startOrigin((request, response) => answerOracle(request, response, source), { tls })));
    const ended = await env.run(['get', '--json', '--ca', good.certPath, '--ca', otherName.certPath, ...origins.map(({ url }) => `${url}/file.bin`)]);
    expect(ended.status).toBe(0);
    expect(await env.verdict('file.bin')).toEqual(exactly(source));
    expect(origins.map(({ requests }) => requests.length > 0)).toEqual([false, false, true]);
    for (const server of [1, 2]) expect(ended.lines).toContainEqual(expect.objectContaining({ kind: 'server-retired', server, why: expect.stringMatching(/certificate/u) }));
  });

  test('https is not left for http by a redirect', async () => {
    const env = await TestEnv.create();
    const tls = makeCertificate(env.aside('good'));
    const plain = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: 100 }));
    const origin = await startOrigin((_, response) => response.writeHead(302, { Location: `${plain.url}/file.bin` }).end(), { tls });
    const ended = await env.run(['get', '-w', '0', '--ca', tls.certPath, `${origin.url}/file.bin`]);
    expect(ended.status).toBe(3);
    expect(plain.requests).toHaveLength(0);
  });
});

describe('secrets stay with their origin', () => {
  const BASIC = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  const withUser = (url: string): string => url.replace('://', '://user:p%40ss@');

  test('user and password of a URL are sent to that server at once, and to no other', async () => {
    const env = await TestEnv.create();
    const sizeBytes = MIB;
    const guarded = await startOrigin((request, response) => {
      if (request.headers.authorization === BASIC) answerOracle(request, response, { sizeBytes });
      else response.writeHead(401, { 'WWW-Authenticate': 'Basic' }).end();
    });
    const open = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes }));
    const ended = await env.run(['get', '--json', `${withUser(guarded.url)}/f.bin`, `${open.url}/f.bin`]);
    expect(ended.status).toBe(0);
    expect(guarded.requests.every(({ headers }) => headers.authorization === BASIC)).toBe(true);
    expect(open.requests.length).toBeGreaterThan(0);
    expect(open.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true);
    expect(ended.stdout).not.toMatch(/p%40ss|p@ss|dXNlcjpwQHNz/u);
  });

  test('a redirect to another origin gets neither the password nor the headers of the command line', async () => {
    const env = await TestEnv.create();
    const store = await startOrigin((request, response) => answerOracle(request, response, { sizeBytes: MIB }));
    const front = await startOrigin((_, response) => response.writeHead(302, { Location: `${store.url}/bytes` }).end());
    const ended = await env.run(['get', '--json', '-H', 'X-Secret: rose', '-H', 'Cookie: a=b', `${withUser(front.url)}/f.bin`]);
    expect(ended.status).toBe(0);
    expect(await env.left()).toEqual(['f.bin']);
    expect(front.requests[0]?.headers).toMatchObject({ authorization: BASIC, 'x-secret': 'rose', cookie: 'a=b' });
    for (const { headers } of store.requests) {
      expect(Object.keys(headers)).not.toContain('authorization');
      expect(Object.keys(headers)).not.toContain('x-secret');
      expect(Object.keys(headers)).not.toContain('cookie');
    }
  });

  test('a redirect within the origin keeps them', async () => {
    const env = await TestEnv.create();
    const origin = await startOrigin((request, response) => {
      if (request.url === '/f.bin') response.writeHead(307, { Location: '/bytes' }).end();
      else answerOracle(request, response, { sizeBytes: 1000 });
    });
    const ended = await env.run(['get', '--json', '-H', 'X-Secret: rose', `${origin.url}/f.bin`]);
    expect(ended.status).toBe(0);
    expect(origin.requests.every(({ headers }) => headers['x-secret'] === 'rose')).toBe(true);
  });
});
