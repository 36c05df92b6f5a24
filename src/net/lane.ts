/** One socket to one origin, speaking one request at a time. */
import type { OnReadOpts, Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { IDLE_SOCKET_MS, TLS_GATHER_MS } from '../base/bounds.ts';
import type { Exchange, Transport } from './exchange.ts';
import { faultOfError, isForWantOfAuthority } from './fault-of-error.ts';
import type { NetFault } from './fault-of-error.ts';
import { GatherBuffer } from './gather-buffer.ts';
import type { LoopTurns } from './loop-turns.ts';
import { openSocket } from './open-socket.ts';
import type { RateLimit } from './rate-limit.ts';
import { requestText } from './request-head.ts';
import { headerValue, HeadReader } from './response-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { Trust } from './trust.ts';

/** What all lanes of a thread share, and whom a lane tells that it is free. */
export interface LaneHost {
  readonly limit: RateLimit;
  readonly turns: LoopTurns;
  readonly trust: Trust;
  /** One buffer for all plain lanes: each read is written before its callback returns. */
  plainBuffer(): Uint8Array;
  onIdle(lane: Lane): void;
  onClosed(lane: Lane): void;
}

const CLOSED_EARLY: NetFault = { code: 'closed-early', detail: '' };

/** Whether the connection outlives this response (RFC 9112 §9.3), given that the body's length is known. */
function keepsAlive(head: ResponseHead): boolean {
  const options = (headerValue(head.headers, 'connection') ?? '').toLowerCase().split(/[\s,]+/u);
  if (head.contentLength === null || options.includes('close')) return false;
  return head.minorVersion === 1 || options.includes('keep-alive');
}

export class Lane implements Transport {
  readonly origin: string;
  readonly #host: LaneHost;
  readonly #url: URL;
  readonly #onread: OnReadOpts;
  #socket: Socket;
  /** TLS only. */
  readonly #gather: GatherBuffer | null;
  #gatherTimer: NodeJS.Timeout | null = null;
  #idleTimer: NodeJS.Timeout | null = null;

  /** `held`: in the middle of a body that waits for its next exchange. */
  #state: 'idle' | 'head' | 'body' | 'held' | 'closed' = 'idle';
  /** The connection stands; a request that came before waits for it. */
  #ready = false;
  #exchange: Exchange | null = null;
  #reader = new HeadReader();
  /** Null while no answer is waited for. */
  #sentAtMs: number | null = null;
  /** This lane has carried an exchange before. */
  #reused = false;
  /** A byte of the present answer has come. */
  #heard = false;
  #bodyLeftBytes = 0;
  #keepAlive = false;
  /** The limit has put this lane in its queue. */
  #paused = false;

  /** @throws what `net.connect` and `tls.connect` throw for options they refuse. */
  constructor(url: URL, host: LaneHost) {
    this.origin = url.origin;
    this.#host = host;
    const gather = url.protocol === 'https:' ? new GatherBuffer() : null;
    this.#gather = gather;
    const buffer = gather === null ? () => host.plainBuffer() : () => gather.room(host.limit.readBytes());
    this.#url = url;
    this.#onread = { buffer, callback: (bytes, filled) => this.#onRead(bytes, filled) };
    this.#socket = this.#connect(gather === null ? null : host.trust.nearest());
  }

  /** Sends a request on an idle lane. */
  send(exchange: Exchange): void {
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#socket.ref();
    this.#exchange = exchange;
    this.#state = 'head';
    this.#heard = false;
    this.#reader = new HeadReader();
    if (this.#ready) this.#write(exchange);
  }

  flush(): void {
    if (this.#state === 'body' && this.#gather !== null && this.#gather.heldBytes > 0) this.#takeBody(this.#gather.take());
  }

  abandon(): void {
    this.#exchange = null;
    this.#close();
  }

  hold(): void {
    if (this.#state !== 'body') return;
    this.#exchange = null;
    this.#state = 'held';
    this.#socket.pause();
  }

  get isHeld(): boolean {
    return this.#state === 'held';
  }

  takeOn(exchange: Exchange): void {
    if (!this.isHeld) return;
    this.#exchange = exchange;
    this.#state = 'body';
    this.flush();
    if (this.#readsOn() && !this.#paused) this.#socket.resume();
  }

  #readsOn(): boolean {
    return this.#state !== 'held' && this.#state !== 'closed';
  }

  #connect(secureContext: SecureContext | null): Socket {
    const socket = openSocket(this.#url, this.#onread, secureContext, () => this.#onReady());
    // Of a socket whose place another has taken, nothing is heard any more.
    const hear = (act: () => void): void => {
      if (socket === this.#socket && this.#state !== 'closed') act();
    };
    socket.on('error', (error) =>
      hear(() => {
        const wider = secureContext !== null && isForWantOfAuthority(error) ? this.#host.trust.beyond(secureContext) : null;
        if (wider === null) this.#fail(faultOfError(error));
        else this.#socket = this.#connect(wider);
      }),
    );
    socket.on('end', () => hear(() => this.#fail(CLOSED_EARLY)));
    socket.on('close', () => hear(() => this.#fail(CLOSED_EARLY)));
    return socket;
  }

  /** No answer is waited for any more; gives the round trip. */
  #answered(): number {
    const sentAtMs = this.#sentAtMs;
    this.#sentAtMs = null;
    return sentAtMs === null ? 0 : this.#host.turns.answered(sentAtMs);
  }

  #onReady(): void {
    this.#host.turns.note();
    this.#ready = true;
    if (this.#exchange !== null) this.#write(this.#exchange);
  }

  #write(exchange: Exchange): void {
    this.#socket.write(requestText(exchange.request), 'latin1');
    this.#sentAtMs = this.#host.turns.sent();
  }

  readonly #resume = (): void => {
    this.#paused = false;
    if (this.#readsOn()) this.#socket.resume();
  };

  /** Takes one read. False stops the socket until the limit lets it go on; a TLS socket may still deliver a little. */
  #onRead(bytes: number, filled: Uint8Array): boolean {
    this.#host.turns.note();
    const mayGoOn = this.#host.limit.charge(bytes, this.#paused ? null : this.#resume);
    this.#paused ||= !mayGoOn;
    if (this.#state === 'head') this.#takeHead(filled.subarray(0, bytes));
    else if (this.#state === 'held') this.#gatherHeld(bytes);
    else if (this.#state !== 'body') this.#close(); // Bytes on an idle socket answer nobody.
    else if (this.#gather === null) this.#takeBody(filled.subarray(0, bytes));
    else this.#gatherBody(this.#gather, bytes);
    return !this.#paused && this.#readsOn();
  }

  #takeHead(bytes: Uint8Array): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    this.#heard = true;
    const step = this.#reader.push(bytes);
    if (step.kind === 'more') return;
    if (step.kind === 'bad') {
      this.#fail(step);
      return;
    }
    const { head } = step;
    const rest = bytes.subarray(step.bodyAt);
    this.#keepAlive = keepsAlive(head);
    const bodyBytes = exchange.onHead(head, this.#answered());
    if (this.#exchange !== exchange) return;
    if (bodyBytes === null) {
      this.#exchange = null;
      // An answer that is no longer wanted but has been read to its end leaves the socket good.
      if (this.#keepAlive && head.contentLength === rest.length && head.status !== 304 && head.status !== 204) this.#becomeIdle();
      else this.#close();
      return;
    }
    this.#bodyLeftBytes = bodyBytes;
    this.#state = 'body';
    if (rest.length > 0 || bodyBytes === 0) this.#takeBody(rest);
  }

  #gatherBody(gather: GatherBuffer, bytes: number): void {
    gather.keep(bytes);
    const enough = Math.min(this.#bodyLeftBytes, this.#exchange?.wantedBytes() ?? 0);
    if (gather.isFull || gather.heldBytes >= enough) this.flush();
    else this.#gatherTimer ??= setTimeout(() => {
      this.#gatherTimer = null;
      this.flush();
    }, TLS_GATHER_MS);
  }

  /** What a TLS socket still delivers of a body that is held comes before what is read later. */
  #gatherHeld(bytes: number): void {
    this.#gather?.keep(bytes);
    if (this.#gather === null || this.#gather.isFull) this.#close();
  }

  #takeBody(bytes: Uint8Array): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    const isTooLong = bytes.length > this.#bodyLeftBytes;
    const own = isTooLong ? bytes.subarray(0, this.#bodyLeftBytes) : bytes;
    this.#bodyLeftBytes -= own.length;
    if (this.#bodyLeftBytes > 0) {
      const wantsMore = exchange.onBody(own);
      if (!wantsMore && this.#exchange === exchange) this.abandon();
      return;
    }
    this.#exchange = null;
    // The lane is free, or gone, before the exchange has its last bytes: whoever hears of its end may need a lane at
    // once, and would otherwise open another one beside this. Nothing is read into the buffer before this returns.
    if (this.#keepAlive && !isTooLong) this.#becomeIdle();
    else this.#close();
    if (exchange.onBody(own)) exchange.onEnd({ kind: 'complete' });
  }

  #becomeIdle(): void {
    this.#state = 'idle';
    this.#reused = true;
    // An idle socket neither keeps the process alive nor outstays its welcome.
    this.#socket.unref();
    this.#idleTimer = setTimeout(() => this.#close(), IDLE_SOCKET_MS).unref();
    this.#host.onIdle(this);
  }

  #fail(fault: NetFault): void {
    if (this.#state === 'closed') return;
    // What was received before the end counts, and may even be all that was wanted.
    this.flush();
    const exchange = this.#exchange;
    this.#exchange = null;
    const stale = this.#reused && !this.#heard;
    this.#close();
    exchange?.onEnd({ kind: 'failed', stale, code: fault.code, detail: fault.detail });
  }

  #close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#answered();
    if (this.#gatherTimer !== null) clearTimeout(this.#gatherTimer);
    if (this.#idleTimer !== null) clearTimeout(this.#idleTimer);
    this.#socket.destroy();
    this.#host.onClosed(this);
  }
}
