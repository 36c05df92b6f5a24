import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { connectionOf } from './connection.ts';
import type { Connection } from './connection.ts';
import type { ChildConfig, ChildReport } from './child-messages.ts';
import { cutConnection, exchange } from './exchange.ts';
import type { Exchanges } from './exchange.ts';
import { faultLabel } from './fault.ts';
import type { Fault } from './fault.ts';
import { FaultWatch } from './fault-watch.ts';
import { FileSource } from './file-source.ts';
import { Pacer } from './pacer.ts';
import { seededRandom } from './seeded-random.ts';

export interface ChildServerEvents {
  /** A request has come; said for each one, at its moment. */
  requestArrived(atMs: number): void;
  /** A fault wants this process dead. */
  dieNow(fault: Fault): void;
}

/** One server: its sockets, its faults and its pace. It lives as long as its process. */
export class ChildServer {
  readonly #config: ChildConfig;
  readonly #events: ChildServerEvents;
  readonly #connections = new Map<Socket, Connection>();
  readonly #source: FileSource;
  readonly #shared: Exchanges;
  readonly #nowMs: () => number;
  #requests = 0;

  private constructor(config: ChildConfig, source: FileSource, nowMs: () => number, events: ChildServerEvents) {
    this.#config = config;
    this.#events = events;
    this.#source = source;
    this.#nowMs = nowMs;
    const watch = new FaultWatch({
      faults: config.faults,
      nowMs,
      sizeBytes: config.file.sizeBytes,
      sentBytes: config.sentBytes,
      onDue: (fault) => this.#strike(fault),
    });
    this.#shared = { source, watch, pacer: new Pacer(nowMs), latencyMs: config.latencyMs, nowMs, random: seededRandom(config.seed) };
    if (config.sha256 !== null) source.setSha256(config.sha256);
    this.#shared.pacer.setRate(config.rateBytesPerSec);
  }

  /**
   * Opens the file and listens. Rejects with a system error where either does not work.
   *
   * @param nowMs reads the clock that all processes of the farm share
   */
  static async listen(config: ChildConfig, nowMs: () => number, events: ChildServerEvents): Promise<{ server: ChildServer; port: number }> {
    const child = new ChildServer(config, await FileSource.open(config.file), nowMs, events);
    const server = createServer((request, response) => child.#onRequest(request, response));
    server.on('connection', (socket) => child.#onConnection(socket));
    // Stalled and slow responses are the farm's business: no timer of Node's own may end them.
    server.requestTimeout = 0;
    server.keepAliveTimeout = 60_000;
    const port = await listening(server, config);
    child.#shared.watch.advance();
    if (config.beganAtMs !== null) child.begin(config.beganAtMs);
    return { server: child, port };
  }

  begin(atMs: number): void {
    this.#shared.watch.begin(atMs);
  }

  addFault(fault: Fault): void {
    this.#shared.watch.add(fault);
  }

  setSha256(sha256: string): void {
    this.#source.setSha256(sha256);
  }

  report(): ChildReport {
    const { watch } = this.#shared;
    return {
      connections: this.#connections.size,
      requests: this.#requests,
      sentBytes: watch.sentBytes,
      faults: watch.board.inForce.map(faultLabel),
    };
  }

  #onConnection(socket: Socket): void {
    this.#shared.watch.advance();
    if (this.#shared.watch.board.has('refuse')) {
      socket.destroy();
      return;
    }
    this.#connections.set(socket, connectionOf(socket, this.#config.slowStart ? this.#config.latencyMs : null));
    socket.once('close', () => this.#connections.delete(socket));
    // Clients reset connections as they like; Node closes the socket, and there is nothing else to do.
    socket.on('error', () => {});
  }

  #onRequest(request: IncomingMessage, response: ServerResponse): void {
    this.#requests += 1;
    this.#events.requestArrived(this.#nowMs());
    const connection = this.#connections.get(request.socket);
    if (connection === undefined) return;
    // Pipelined requests wait for their turn: a connection's buffers and window serve one response at a time.
    connection.lastExchange = connection.lastExchange
      .then(() => exchange(request, response, connection, this.#shared))
      .catch(() => {
        // The file could not be read: all that an HTTP server can still do is to break off.
        connection.socket.destroy();
      });
  }

  /** What a fault does the moment it comes into force, beyond bending the answers to come. */
  #strike(fault: Fault): void {
    const { watch, pacer } = this.#shared;
    const slowBytesPerSec = watch.board.newestOf(['slow'])?.amount ?? Infinity;
    const rateBytesPerSec = Math.min(slowBytesPerSec, this.#config.rateBytesPerSec ?? Infinity);
    pacer.setRate(rateBytesPerSec === Infinity ? null : rateBytesPerSec);
    if (fault.name === 'die') this.#events.dieNow(fault);
    if (fault.name !== 'reset' && fault.name !== 'early-fin') return;
    for (const connection of this.#connections.values()) {
      if (connection.stopResponse !== null) cutConnection(connection, fault.name);
    }
  }
}

function listening(server: Server, { host, port }: ChildConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}
