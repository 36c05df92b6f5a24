/**
 * Transfers that are an HTTP library's job: bodies without a length, chunked parts, and everything through a proxy.
 * undici is loaded when the first of them comes. It follows no redirect and decodes nothing; the same checks, the same
 * limit and the same writer stand behind it as behind a lane.
 */
import type { Dispatcher } from 'undici';
import { ANSWER_TIMEOUT_MS, HEAD_MAX_BYTES, IDLE_SOCKET_MS, INTERIM_RESPONSES_MAX } from '../base/bounds.ts';
import type { Exchange, Transport } from './exchange.ts';
import { faultOfError } from './fault-of-error.ts';
import type { RateLimit } from './rate-limit.ts';
import { requestFields } from './request-head.ts';
import type { RangeRequest } from './request-head.ts';
import { checkedHead } from './response-head.ts';
import type { HeadFault, ResponseHead } from './response-head.ts';
import type { Trust } from './trust.ts';

export interface LibraryOptions {
  readonly limit: RateLimit;
  readonly now: () => number;
  readonly trust: Trust;
}

/** The head as undici read it. It does not tell HTTP/1.0 from 1.1, which matters for keep-alive alone, and that is its own. */
function headOf(status: number, reason: string, rawHeaders: readonly (Buffer | string)[]): ResponseHead | HeadFault {
  const headers = new Map<string, string[]>();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toString('latin1').toLowerCase() ?? '';
    const value = rawHeaders[at + 1]?.toString('latin1') ?? '';
    headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  return checkedHead(status, 1, reason, headers);
}

class LibraryTransfer implements Transport, Dispatcher.DispatchHandler {
  readonly #options: LibraryOptions;
  /** `held`: the rest of the body waits for its next exchange. Null once nobody hears anything more. */
  #exchange: Exchange | 'held' | null;
  #controller: Dispatcher.DispatchController | null = null;
  #sentAtMs = 0;
  #interim = 0;
  #paused = false;

  constructor(exchange: Exchange, options: LibraryOptions) {
    this.#exchange = exchange;
    this.#options = options;
  }

  /** Nothing is held back here. */
  flush(): void {}

  abandon(): void {
    this.#exchange = null;
    this.#controller?.abort(new Error('no longer wanted'));
  }

  hold(): void {
    if (this.#exchange === null) return;
    this.#exchange = 'held';
    this.#controller?.pause();
  }

  get isHeld(): boolean {
    return this.#exchange === 'held';
  }

  takeOn(exchange: Exchange): void {
    if (!this.isHeld) return;
    this.#exchange = exchange;
    if (!this.#paused) this.#controller?.resume();
  }

  /** undici has a socket for this request; one that was abandoned while it waited is never sent. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    this.#sentAtMs = this.#options.now();
    if (this.#exchange === null) this.abandon();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, _headers: unknown, reason?: string): void {
    const exchange = this.#hearer();
    if (exchange === null) return;
    if (status < 200) {
      this.#interim += 1;
      if (this.#interim > INTERIM_RESPONSES_MAX) this.#refuse({ kind: 'bad', code: 'bad-head', detail: 'interim responses without end' });
      return;
    }
    const raw = Array.isArray(controller.rawHeaders) ? controller.rawHeaders : [];
    const head = headOf(status, reason ?? '', raw);
    if ('kind' in head) {
      this.#refuse(head);
      return;
    }
    const bodyBytes = exchange.onHead(head, this.#options.now() - this.#sentAtMs);
    if (bodyBytes === null && this.#exchange === exchange) this.abandon();
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const exchange = this.#hearer();
    if (exchange === null) {
      // Nothing comes while a body is held; should it, the next exchange must not miss it.
      this.abandon();
      return;
    }
    const mayGoOn = this.#options.limit.charge(chunk.length, this.#paused ? null : this.#resume);
    if (!mayGoOn && !this.#paused) {
      this.#paused = true;
      controller.pause();
    }
    const wantsMore = exchange.onBody(chunk);
    if (!wantsMore && this.#exchange === exchange) this.abandon();
  }

  onResponseEnd(): void {
    const exchange = this.#hearer();
    this.#exchange = null;
    exchange?.onEnd({ kind: 'complete' });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.fail(error);
  }

  fail(error: unknown): void {
    const exchange = this.#hearer();
    this.#exchange = null;
    // undici asks again by itself where a kept socket was closed before the request went out.
    exchange?.onEnd({ kind: 'failed', stale: false, ...faultOfError(error) });
  }

  #hearer(): Exchange | null {
    return this.#exchange === 'held' ? null : this.#exchange;
  }

  #refuse(fault: HeadFault): void {
    const exchange = this.#hearer();
    this.abandon();
    exchange?.onEnd({ kind: 'failed', stale: false, code: fault.code, detail: fault.detail });
  }

  readonly #resume = (): void => {
    this.#paused = false;
    if (this.#hearer() !== null) this.#controller?.resume();
  };
}

/** The door to the library: one dispatcher for each proxy and scheme. */
export class Library {
  readonly #options: LibraryOptions;
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>();
  #isClosed = false;

  constructor(options: LibraryOptions) {
    this.#options = options;
  }

  /** Sends a request, through `proxy` unless it is null. */
  send(exchange: Exchange, proxy: URL | null): Transport {
    const transfer = new LibraryTransfer(exchange, this.#options);
    this.#dispatch(transfer, exchange.request, proxy).catch((error: unknown) => transfer.fail(error));
    return transfer;
  }

  async #dispatch(transfer: LibraryTransfer, request: RangeRequest, proxy: URL | null): Promise<void> {
    const { url } = request;
    const dispatcher = await this.#dispatcherFor(url.protocol, proxy);
    if (this.#isClosed) return;
    const headers = requestFields(request).flatMap((field) => [field.name, field.value]);
    dispatcher.dispatch({ origin: url.origin, path: `${url.pathname}${url.search}`, method: 'GET', headers }, transfer);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = await Promise.allSettled(this.#dispatchers.values());
    for (const each of opened) if (each.status === 'fulfilled') await each.value.destroy();
  }

  #dispatcherFor(protocol: string, proxy: URL | null): Promise<Dispatcher> {
    const key = `${protocol} ${proxy?.href ?? ''}`;
    const known = this.#dispatchers.get(key);
    if (known !== undefined) return known;
    const opened = this.#open(protocol, proxy);
    this.#dispatchers.set(key, opened);
    return opened;
  }

  async #open(protocol: string, proxy: URL | null): Promise<Dispatcher> {
    const { Agent, ProxyAgent } = await import('./undici.ts');
    const needsTls = protocol === 'https:' || proxy?.protocol === 'https:';
    // An attempt that was cancelled while it connects cannot be taken back, so it has the same bound as a lane's.
    const connect = { timeout: ANSWER_TIMEOUT_MS, ...(needsTls ? { secureContext: this.#options.trust.all() } : {}) };
    const common = {
      allowH2: false,
      maxHeaderSize: HEAD_MAX_BYTES,
      // Waiting is the control plane's affair.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_SOCKET_MS,
      keepAliveMaxTimeout: IDLE_SOCKET_MS,
    };
    if (proxy === null) return new Agent({ ...common, connect });
    return new ProxyAgent({ ...common, uri: proxy.href, connectTimeout: ANSWER_TIMEOUT_MS, requestTls: connect, proxyTls: connect });
  }
}
