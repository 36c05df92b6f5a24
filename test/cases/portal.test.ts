import { expect, test } from 'vitest';
import { checkedHead } from '../../src/net/response-head.ts';
import { isPageInsteadOfFile } from '../../src/net/portal.ts';
import { MIB } from '../support/oracle.ts';
import { answerOracle, startOrigin } from '../support/origin.ts';
import { TestEnv } from '../support/plait.ts';

const PAGE = '<html><body>Please log in to use this network.</body></html>';

test('case 38: a web page where an .iso was asked for is no file, also from the only server', async () => {
  const env = await TestEnv.create();
  const login = await startOrigin((_, response) => response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8' }).end(PAGE));
  const portal = await startOrigin((request, response) => {
    if (request.url === '/direct.iso') response.writeHead(200, { 'Content-Type': 'text/html', 'Content-Length': PAGE.length }).end(PAGE);
    else response.writeHead(302, { Location: `${login.url}/login.html` }).end();
  });
  for (const name of ['direct.iso', 'redirected.iso']) {
    const ended = await env.run(['get', '-w', '0', `${portal.url}/${name}`]);
    expect(ended).toMatchObject({ status: 3, stderr: expect.stringMatching(/^plait: .*web page instead of the file.*\n$/u) });
    expect(await env.left()).toEqual([]);
  }
});

test('case 38: after the login the same command gets the file', async () => {
  const env = await TestEnv.create();
  const origin = await startOrigin((request, response, nth) => {
    if (nth <= 2) response.writeHead(200, { 'Content-Type': 'text/html' }).end(PAGE);
    else answerOracle(request, response, { sizeBytes: MIB });
  });
  expect(await env.run(['get', '-n', '1', `${origin.url}/f.iso`])).toMatchObject({ status: 0, stderr: '' });
  expect(await env.verdict('f.iso')).toMatchObject({ sizeBytes: MIB, firstWrongByte: null });
});

test.each([
  ['http://h/file.iso', 'text/html', true],
  ['http://h/file.tar.gz', 'TEXT/HTML; charset=x', true],
  ['http://h/file.7z', 'application/xhtml+xml', true],
  ['http://h/file.iso', 'application/octet-stream', false],
  ['http://h/file.iso', 'text/htmlish', false],
  ['http://h/page.html', 'text/html', false],
  ['http://h/index.php', 'text/html', false],
  ['http://h/', 'text/html', false],
  ['http://h/wiki/Download', 'text/html', false],
  ['http://h/v1.24', 'text/html', false],
])('case 38: %s answered with %s: a page instead of the file: %j', (url, type, isPage) => {
  const head = checkedHead(200, 1, 'OK', new Map([['content-type', [type]]]));
  if ('kind' in head) throw new Error(head.detail);
  expect(isPageInsteadOfFile(new URL(url), head)).toBe(isPage);
});
