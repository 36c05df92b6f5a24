/**
 * `make-ready-code DIST`: runs the script of `get` on two servers of its own, and keeps the code that V8 made of it
 * meanwhile. What a download calls first is in it, the rest is compiled when it is called, as ever.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';
import { READY_SCRIPT, readyCodeName, sealed } from '../src/base/ready-code.ts';

const file = Buffer.alloc(3 * 1024 * 1024, 'plait');

function serveRange({ headers }: IncomingMessage, response: ServerResponse): void {
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/u.exec(headers.range ?? '') ?? [];
  const body = file.subarray(Number(first), last === '' ? file.length : Number(last) + 1);
  response.writeHead(206, { 'content-length': body.length, 'content-range': `bytes ${first}-${Number(first) + body.length - 1}/${file.length}`, etag: '"plait"', 'accept-ranges': 'bytes' });
  response.end(body);
}

async function urlOf(server: Server): Promise<string> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/file`;
}

const scriptPath = join(resolve(process.argv[2] ?? 'dist'), READY_SCRIPT);
const folder = mkdtempSync(join(tmpdir(), 'plait-build-'));
const urls = await Promise.all([createServer(serveRange), createServer(serveRange)].map(urlOf));
process.argv = [process.execPath, 'plait', 'get', '--plain', '--output', join(folder, 'file'), ...urls];

const source = readFileSync(scriptPath);
const script = new Script(source.toString('latin1'), { filename: scriptPath });
process.once('exit', (status) => {
  const isExact = status === 0 && readFileSync(join(folder, 'file')).equals(file);
  rmSync(folder, { recursive: true, force: true });
  if (!isExact) throw new Error(`The download that makes the code failed with status ${status}.`);
  writeFileSync(readyCodeName(scriptPath), sealed(source, script.createCachedData()));
});
await script.runInThisContext()({ url: pathToFileURL(scriptPath).href, import: (path: string) => import(new URL(path, pathToFileURL(scriptPath)).href) });
