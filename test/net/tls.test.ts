import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { good, head, partBody, partHead } from './support/answers.ts';
import { startFaultServer } from './support/fault-server.ts';
import type { FaultServer, Script } from './support/fault-server.ts';
import { patternBytes } from './support/pattern.ts';
import { planeBench } from './support/plane-bench.ts';
import type { PlaneBench } from './support/plane-bench.ts';

const TOTAL = 1_000_000;
const open: { close(): Promise<void> }[] = [];

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

afterEach(async () => {
  for (const each of open.splice(0).toReversed()) await each.close();
});

describe.skipIf(!hasOpenssl())('TLS (needs openssl to make certificates)', () => {
  let folder = '';
  const certificate = (name: string, subject: string, more: readonly string[]): { key: string; cert: string } => {
    const key = join(folder, `${name}.key`);
    const cert = join(folder, `${name}.pem`);
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', cert, '-subj', subject, ...more], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  };
  /** `openssl req` makes no certificate of the past in all its versions; `openssl ca` does. */
  const expiredCertificate = (): { key: string; cert: string } => {
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('index.txt'), '');
    writeFileSync(at('serial'), '01\n');
    writeFileSync(at('ca.cnf'), `[ca]\ndefault_ca=c\n[c]\ndatabase=${at('index.txt')}\nserial=${at('serial')}\nnew_certs_dir=${folder}\ndefault_md=sha256\npolicy=p\nx509_extensions=x\n[p]\ncommonName=supplied\n[x]\nsubjectAltName=IP:127.0.0.1\n`);
    execFileSync('openssl', ['req', '-newkey', 'rsa:2048', '-nodes', '-keyout', at('expired.key'), '-out', at('expired.csr'), '-subj', '/CN=expired'], { stdio: 'ignore' });
    execFileSync('openssl', ['ca', '-selfsign', '-batch', '-config', at('ca.cnf'), '-in', at('expired.csr'), '-keyfile', at('expired.key'), '-out', at('expired.pem'), '-startdate', '20200101000000Z', '-enddate', '20200102000000Z'], { stdio: 'ignore' });
    return { key: readFileSync(at('expired.key'), 'utf8'), cert: readFileSync(at('expired.pem'), 'utf8') };
  };
  let right: { key: string; cert: string };
  let otherHost: { key: string; cert: string };
  let expired: { key: string; cert: string };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'plait-tls-'));
    right = certificate('right', '/CN=right', ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost', '-days', '2']);
    otherHost = certificate('other', '/CN=other', ['-addext', 'subjectAltName=DNS:other.test', '-days', '2']);
    expired = expiredCertificate();
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const serve = async (script: Script, identity: { key: string; cert: string }): Promise<FaultServer> => {
    const server = await startFaultServer(script, identity);
    open.push(server);
    return server;
  };
  const bench = (...caPem: string[]): PlaneBench => {
    const made = planeBench({ caPem });
    open.push(made);
    return made;
  };

  test('a server with a trusted certificate gives exact bytes, over one socket', async () => {
    const server = await serve(good(TOTAL, 'ETag: "a"'), right);
    const net = bench(right.cert);
    const mirror = net.addMirror(server.url);
    for (const [start, end] of [[0, 1], [1, 300_000], [300_000, 300_001], [300_001, TOTAL]] as const) {
      expect(await net.ended(net.open(mirror, start, end))).toMatchObject({ writtenEnd: end, outcome: { kind: 'done' } });
    }
    expect(net.file.subarray(0, TOTAL).equals(patternBytes(0, TOTAL))).toBe(true);
    expect(net.written.reduce((sum, times) => sum + times, 0)).toBe(TOTAL);
    expect(new Set(server.requests.map((request) => request.connection)).size).toBe(1);
  });

  test('by name, with SNI', async () => {
    const server = await serve(good(TOTAL), right);
    const net = bench(right.cert);
    expect(await net.ended(net.open(net.addMirror(server.url.replace('127.0.0.1', 'localhost')), 0, TOTAL))).toMatchObject({ outcome: { kind: 'done' } });
  });

  test('what trickles in is written though the gather buffer is not full', async () => {
    const server = await serve((request) => [partHead(request, TOTAL), { send: patternBytes(0, 1_000) }], right);
    const net = bench(right.cert);
    net.open(net.addMirror(server.url), 0, TOTAL);
    await net.until(() => net.plane.readings()[0]?.writtenEnd === 1_000);
    expect(net.file.subarray(0, 1_000).equals(patternBytes(0, 1_000))).toBe(true);
  });

  test('trickles between writes never shift a byte', async () => {
    const pieces = Array.from({ length: 60 }, (_, index) => index);
    let bench_: PlaneBench | null = null;
    // Every third piece waits until all before it is in the file, so that timed and full flushes take turns.
    const server = await serve((request) => [
      partHead(request, TOTAL),
      ...pieces.flatMap((piece) => [
        { send: patternBytes(piece * 16_000, (piece + 1) * 16_000) },
        ...(piece % 20 === 7 ? [{ wait: () => bench_?.until(() => (bench_?.plane.readings()[0]?.writtenEnd ?? 0) === (piece + 1) * 16_000) ?? Promise.resolve() }] : []),
      ]),
    ], right);
    const net = bench(right.cert);
    bench_ = net;
    expect(await net.ended(net.open(net.addMirror(server.url), 0, 960_000))).toMatchObject({ writtenEnd: 960_000, outcome: { kind: 'done' } });
    expect(net.file.subarray(0, 960_000).equals(patternBytes(0, 960_000))).toBe(true);
    expect(net.written.reduce((sum, times) => sum + times, 0)).toBe(960_000);
  });

  test('a shrink keeps what was gathered and not yet written', async () => {
    const server = await serve((request) => [partHead(request, TOTAL), { send: patternBytes(0, 30_000) }], right);
    const net = bench(right.cert);
    const lease = net.open(net.addMirror(server.url), 0, TOTAL);
    await net.until(() => net.plane.readings()[0]?.writtenEnd === 30_000);
    net.plane.post({ type: 'lease.shrink', leaseId: lease, end: 10_000 });
    expect(await net.ended(lease)).toMatchObject({ writtenEnd: 30_000, outcome: { kind: 'done' } });
  });

  test('an early close keeps the prefix', async () => {
    const server = await serve((request) => [partHead(request, TOTAL), { send: patternBytes(0, 123_456) }, { close: 'end' }], right);
    const net = bench(right.cert);
    expect(await net.ended(net.open(net.addMirror(server.url), 0, TOTAL))).toMatchObject({ writtenEnd: 123_456, outcome: { kind: 'failed', code: 'closed-early', inBody: true } });
    expect(net.file.subarray(0, 123_456).equals(patternBytes(0, 123_456))).toBe(true);
  });

  test('the library trusts the same certificates', async () => {
    const server = await serve(() => [head('200 OK', `Content-Length: ${TOTAL}`), { send: patternBytes(0, TOTAL) }], right);
    const net = bench(right.cert);
    expect(await net.ended(net.open(net.addMirror(server.url), 0, TOTAL, { manner: 'whole', totalBytes: TOTAL }))).toMatchObject({ writtenEnd: TOTAL, outcome: { kind: 'done' } });
  });

  test('a stranger’s certificate is refused before a word is said', async () => {
    const selfSigned = await serve((request) => [partHead(request, TOTAL), partBody(request, TOTAL)], right);
    const net = bench();
    const ended = await net.ended(net.open(net.addMirror(selfSigned.url), 0, 100));
    expect(ended.outcome).toMatchObject({ kind: 'failed', code: 'tls-failed', detail: expect.stringContaining('self-signed') });
    expect(selfSigned.requests).toEqual([]);
  });

  test('a certificate for another host is refused', async () => {
    const server = await serve(good(TOTAL), otherHost);
    const net = bench(otherHost.cert);
    expect((await net.ended(net.open(net.addMirror(server.url), 0, 100))).outcome).toMatchObject({ code: 'tls-failed', detail: expect.stringContaining('another host') });
    expect(server.requests).toEqual([]);
  });

  test('an expired certificate is refused', async () => {
    const server = await serve(good(TOTAL), expired);
    const net = bench(expired.cert);
    expect((await net.ended(net.open(net.addMirror(server.url), 0, 100))).outcome).toMatchObject({ code: 'tls-failed', detail: expect.stringContaining('expired') });
  });

  describe('through a proxy (CONNECT)', () => {
    /** A proxy whose tunnels all lead to `target`, whatever host they were asked for. */
    async function tunnelTo(target: FaultServer): Promise<{ url: string; asked: string[]; close(): Promise<void> }> {
      const asked: string[] = [];
      const sockets = new Set<Duplex>();
      const server = createServer((_request, response) => response.writeHead(500).end());
      server.on('connect', (request, client) => {
        asked.push(`${request.method} ${request.url}`);
        const upstream = connect(target.port, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 Connection established\r\n\r\n');
          upstream.pipe(client).pipe(upstream);
        });
        for (const socket of [client, upstream]) {
          sockets.add(socket);
          socket.on('error', () => undefined);
        }
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const address = server.address();
      const port = address === null || typeof address === 'string' ? 0 : address.port;
      const close = async (): Promise<void> => {
        for (const socket of sockets) socket.destroy();
        server.close();
        await once(server, 'close');
      };
      const proxy = { url: `http://127.0.0.1:${port}`, asked, close };
      open.push(proxy);
      return proxy;
    }

    const through = (proxy: string, caPem: string): PlaneBench => {
      const made = planeBench({ caPem: [caPem], env: { https_proxy: proxy } });
      open.push(made);
      return made;
    };

    // A name of nobody's: the proxy alone knows where it leads, and loopback itself is never proxied.
    const outside = (server: FaultServer): string => server.url.replace('127.0.0.1', 'other.test');

    test('exact bytes come in a tunnel, with the mirror’s own certificate', async () => {
      const server = await serve(good(TOTAL, 'ETag: "a"'), otherHost);
      const proxy = await tunnelTo(server);
      const net = through(proxy.url, otherHost.cert);
      const mirror = net.addMirror(outside(server));
      expect(await net.ended(net.open(mirror, 5, 300_000))).toMatchObject({ writtenEnd: 300_000, outcome: { kind: 'done' } });
      expect(net.file.subarray(5, 300_000).equals(patternBytes(5, 300_000))).toBe(true);
      expect(new Set(proxy.asked)).toEqual(new Set([`CONNECT other.test:${server.port}`]));
      expect(server.requests[0]?.headers.get('host')).toBe(`other.test:${server.port}`);
    });

    test('a certificate that is not the mirror’s is refused in the tunnel, too, before a word is said', async () => {
      const server = await serve(good(TOTAL), right);
      const proxy = await tunnelTo(server);
      const net = through(proxy.url, right.cert);
      expect((await net.ended(net.open(net.addMirror(outside(server)), 0, 100))).outcome).toMatchObject({ kind: 'failed', code: 'tls-failed' });
      expect(server.requests).toEqual([]);
    });
  });

  test('a server that speaks no TLS is refused', async () => {
    const server = await startFaultServer(good(TOTAL));
    open.push(server);
    const net = bench();
    // A plain server waits for a request's end that never comes in the clear: the handshake's bytes are no HTTP.
    const lease = net.open(net.addMirror(server.url.replace('http:', 'https:')), 0, 100);
    await expect.poll(() => server.sockets.size).toBe(1);
    for (const socket of server.sockets) socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    expect((await net.ended(lease)).outcome).toMatchObject({ code: 'tls-failed' });
  });
});
