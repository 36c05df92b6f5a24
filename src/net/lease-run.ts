/**
 * One lease from its first request to its end: redirects, checks, writing, shrinking. It is the one writer of its
 * range. It says `lease.opened` once the head is accepted and before the first byte is written, and `lease.ended`
 * exactly once, after the last.
 */
import { PlaitError } from '../base/errors.ts';
import { faultClassOf } from '../base/faults.ts';
import type { FaultCode } from '../base/faults.ts';
import { cleanForeignText, redactUrl } from '../base/foreign-text.ts';
import { BodyPlace } from './body-place.ts';
import { checkResponse } from './check-response.ts';
import type { Asked, Refusal, Verdict } from './check-response.ts';
import { dispositionFileName } from './content-disposition.ts';
import type { LeaseOpen, LeaseOutcome } from './data-plane.ts';
import { offeredDigest } from './digest-header.ts';
import type { Ending, Exchange, Transport } from './exchange.ts';
import type { KeptBody } from './kept-body.ts';
import type { LeaseHost, LeaseSide } from './lease-host.ts';
import type { Mirror } from './mirror.ts';
import { isPageInsteadOfFile } from './portal.ts';
import { isRedirect, nextAddress } from './redirect.ts';
import type { RangeRequest } from './request-head.ts';
import { headerValue } from './response-head.ts';
import { retryAfterMs } from './retry-after.ts';
import type { ResponseHead } from './response-head.ts';
import { preconditionOf } from './validator.ts';

export class LeaseRun implements Exchange {
  readonly mirror: Mirror;
  readonly #order: LeaseOpen;
  readonly #host: LeaseHost;
  readonly #side: LeaseSide;

  /** Set by `#ask`, before any transport looks at it. */
  request: RangeRequest;
  #asked: Asked;
  #transport: Transport | null = null;
  #onLane = false;

  readonly #body: BodyPlace;
  /** The head that was accepted, and how long it took; null before. */
  #opened: Pick<KeptBody, 'head' | 'roundTripMs'> | null = null;
  #ended = false;

  #redirects = 0;
  /** This lease has begun from the mirror's own URL, so a redirect's address is fresh. */
  #resolvedHere = false;
  #staleRetried = false;

  constructor(order: LeaseOpen, mirror: Mirror, host: LeaseHost, side: LeaseSide) {
    this.#order = order;
    this.mirror = mirror;
    this.#host = host;
    this.#side = side;
    this.#body = new BodyPlace(order.start, order.end);
    const first = mirror.resolved ?? mirror.url;
    this.#asked = this.#askedAt(first);
    this.request = this.#requestTo(first);
  }

  /**
   * Sends the first request, or goes on with the body that an earlier lease has left. Not called before the lease's owner
   * can hear facts.
   */
  start(kept: KeptBody | null = null): void {
    if (kept !== null && this.#goOn(kept)) return;
    this.#resolvedHere = this.mirror.resolved === null;
    this.#ask(this.mirror.resolved ?? this.mirror.url, false);
  }

  shrink(end: number): void {
    if (this.#ended) return;
    // What a lane holds back is written first: the new end must not lie below it.
    this.#transport?.flush();
    if (this.#ended) return;
    const body = this.#body;
    body.end = Math.min(body.end, Math.max(end, body.writtenEnd));
    this.#side.emit({ type: 'lease.shrunk', leaseId: this.#order.leaseId, end: body.end });
    if (body.writtenEnd < body.end) return;
    if (!this.#keepsRest([])) this.#transport?.abandon();
    this.#finish({ kind: 'done' });
  }

  cancel(code: FaultCode): void {
    if (this.#ended) return;
    this.#transport?.flush();
    this.#transport?.abandon();
    this.#fail(code, '');
  }

  onHead(head: ResponseHead, roundTripMs: number): number | null {
    if (this.#ended) return null;
    if (isRedirect(head.status)) {
      this.#follow(head);
      return null;
    }
    this.#side.answered?.(head);
    // Held against what is known now: another lane may have had this server's first answer since this was asked.
    const asked = { ...this.#asked, validator: this.mirror.validatorAt(this.request.url), equals: this.mirror.validatorsAt(this.request.url) };
    if (isPageInsteadOfFile(this.mirror.url, head)) {
      this.#fail('web-page', '');
      return null;
    }
    const verdict = checkResponse(asked, head, this.#host.wallClockMs());
    // A 200 to a range tells how a whole answer would come.
    if (head.status === 200) this.mirror.wholeHasLength = head.contentLength !== null;
    if (verdict.kind === 'refuse') {
      this.#refused(verdict);
      return null;
    }
    if (verdict.kind === 'accept' && !verdict.isBare && this.#onLane) {
      if (this.#order.manner === 'range') this.mirror.partsNeedLibrary = true;
      this.#askAgain(this.request.url);
      return null;
    }
    return this.#open(verdict, head, roundTripMs);
  }

  onBody(bytes: Uint8Array): boolean {
    if (this.#ended) return false;
    this.#side.received(bytes.length);
    return this.#take(bytes);
  }

  wantedBytes(): number {
    return this.#body.wantedBytes;
  }

  onEnd(ending: Ending): void {
    if (this.#ended) return;
    this.#transport = null;
    if (ending.kind === 'complete') {
      // It has ended by its own framing, short of where it was to stop, or this would have been done. Where nobody knows
      // the size, that end is the file's end.
      if (this.#body.isWholeFile) this.#finish({ kind: 'done' });
      else this.#fail('closed-early', 'the body ended too soon');
    } else if (ending.stale && !this.#staleRetried) {
      // The server closed a kept socket just as it was used again: nobody's fault, and asked once more for free.
      this.#staleRetried = true;
      this.#ask(this.request.url, true);
    } else {
      this.#fail(ending.code, ending.detail);
    }
  }

  /** The rest of a kept body is as good as a new answer: its head is judged by what is known now. */
  #goOn({ request, head, roundTripMs, at, rest, transport }: KeptBody): boolean {
    this.#asked = this.#askedAt(request.url);
    const verdict = this.#ended ? null : checkResponse(this.#asked, head, this.#host.wallClockMs());
    if (verdict?.kind !== 'accept' || transport?.isHeld === false) {
      transport?.abandon();
      return false;
    }
    this.request = request;
    this.#open({ ...verdict, bodyStart: at }, head, roundTripMs);
    if (this.#ended) transport?.abandon();
    else {
      this.#transport = transport;
      // What had come already comes before whatever the transport has.
      if (this.#take(rest)) transport?.takeOn(this);
    }
    return true;
  }

  #askedAt(url: URL): Asked {
    const { start, manner, totalBytes } = this.#order;
    return { start, end: this.#body.end, manner, totalBytes, validator: this.mirror.validatorAt(url), equals: this.mirror.validatorsAt(url) };
  }

  #requestTo(url: URL): RangeRequest {
    const range = this.#order.manner === 'range' ? { start: this.#order.start, end: this.#body.end } : null;
    const asksDigest = this.#side.hearsDigest === true && !this.mirror.digestAsked;
    return this.#host.requestFor(url, range, preconditionOf(this.mirror.validatorsAt(url)), asksDigest);
  }

  #ask(url: URL, fresh: boolean): void {
    if (this.#ended) return;
    this.#asked = this.#askedAt(url);
    this.request = this.#requestTo(url);
    const mayUseLane = this.#order.manner === 'range' ? !this.mirror.partsNeedLibrary : this.mirror.wholeHasLength;
    const sent = this.#host.send(this, mayUseLane, fresh);
    this.#transport = sent.transport;
    this.#onLane = sent.onLane;
  }

  /** Asks anew once the present transport has let go, so that its socket can be used again. */
  #askAgain(url: URL): void {
    this.#transport = null;
    queueMicrotask(() => this.#ask(url, false));
  }

  #follow(head: ResponseHead): void {
    const next = nextAddress(this.request.url, headerValue(head.headers, 'location'), this.#redirects);
    if (next.kind === 'refuse') {
      this.#fail(next.code, next.detail);
      return;
    }
    const pauseMs = retryAfterMs(headerValue(head.headers, 'retry-after'), headerValue(head.headers, 'date'), this.#host.wallClockMs());
    if (pauseMs !== null && pauseMs > 0) {
      // It asks for a pause before the redirected request (RFC 9110 §10.2.3): the next lease goes there at once.
      this.#fail('unavailable', cleanForeignText(`${head.status} ${head.reason}`), pauseMs);
      this.mirror.resolved = next.url;
      return;
    }
    this.#redirects += 1;
    this.#askAgain(next.url);
  }

  #refused(refusal: Refusal): void {
    const isGone = refusal.code === 'not-found' || refusal.code === 'forbidden';
    if (isGone && !this.#resolvedHere) {
      // The address of an earlier redirect has run out: the mirror may lead elsewhere now.
      this.#resolvedHere = true;
      this.mirror.resolved = null;
      this.#askAgain(this.mirror.url);
      return;
    }
    this.#fail(refusal.code, refusal.detail, refusal.retryAfterMs, refusal.totalBytes);
  }

  #open(verdict: Exclude<Verdict, Refusal>, head: ResponseHead, roundTripMs: number): number | null {
    const { url } = this.request;
    this.mirror.answered(url, verdict.validator);
    if (this.request.asksDigest) this.mirror.digestAsked = true;
    this.#opened = { head, roundTripMs };
    if (verdict.kind === 'accept') {
      this.#body.at = verdict.bodyStart;
      this.#body.bodyEnd = verdict.bodyEnd ?? Number.POSITIVE_INFINITY;
    }
    this.#side.emit({
      type: 'lease.opened',
      leaseId: this.#order.leaseId,
      head: {
        totalBytes: verdict.totalBytes,
        validator: verdict.validator,
        roundTripMs,
        address: redactUrl(url.href),
        digest: offeredDigest(head.headers),
        fileName: dispositionFileName(headerValue(head.headers, 'content-disposition')),
      },
    });
    // Whoever heard of it may have ended the lease.
    if (this.#ended) return null;
    if (verdict.kind === 'accept') return this.#body.bodyEnd - this.#body.at;
    this.#finish({ kind: 'done' });
    return null;
  }

  #take(bytes: Uint8Array): boolean {
    const { own, rest } = this.#body.cut(bytes);
    if (own.length > 0 && !this.#write(own)) return false;
    if (!this.#body.isThrough) return true;
    this.#keepsRest(rest);
    this.#finish({ kind: 'done' });
    return false;
  }

  /** What follows of a whole file's body, `rest` of it received already, is for the next lease of this mirror. */
  #keepsRest(rest: ArrayLike<number>): boolean {
    const { at, bodyEnd, hasRest } = this.#body;
    if (this.#order.manner === 'range' || this.#side.keep === undefined || this.#opened === null || !hasRest) return false;
    const isAllHere = at + rest.length >= bodyEnd;
    if (!isAllHere && this.#transport === null) return false;
    const transport = isAllHere ? null : this.#transport;
    transport?.hold();
    // The bytes are the transport's again when this returns.
    this.#side.keep({ ...this.#opened, request: this.request, at, rest: Uint8Array.from(rest), transport });
    return true;
  }

  #write(bytes: Uint8Array): boolean {
    try {
      this.#side.write(this.#body.writtenEnd, bytes);
    } catch (error) {
      this.#transport?.abandon();
      const isFull = error instanceof PlaitError && error.code === 'disk-full';
      this.#fail(isFull ? 'disk-full' : 'disk-failed', error instanceof PlaitError ? error.message : String(error));
      return false;
    }
    this.#body.writtenEnd += bytes.length;
    this.#side.progressed(this.#body.writtenEnd);
    return true;
  }

  #fail(code: FaultCode, detail: string, retryAfterMs: number | null = null, totalBytes: number | null = null): void {
    const inBody = this.#opened !== null;
    // An address that redirects led to and that gives no good answer is resolved anew the next time.
    if (!inBody && faultClassOf(code) !== 'ours') this.mirror.resolved = null;
    this.#finish({ kind: 'failed', code, detail, retryAfterMs, totalBytes, inBody });
  }

  #finish(outcome: LeaseOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#transport = null;
    this.#side.emit({ type: 'lease.ended', leaseId: this.#order.leaseId, writtenEnd: this.#body.writtenEnd, outcome });
  }
}
