/**
 * What a response head is worth, judged before a byte of its body is written: a pure function of what was asked and
 * what was answered (RFC 9110 §14, §15; RFC 9112 §6).
 */
import { cleanForeignText } from '../base/foreign-text.ts';
import type { FaultCode } from '../base/faults.ts';
import { countedBytes } from '../base/units.ts';
import { parseContentRange } from './content-range.ts';
import { headerValue } from './response-head.ts';
import type { ResponseHead } from './response-head.ts';
import { retryAfterMs } from './retry-after.ts';
import { isSameVersion, strongValidator } from './validator.ts';

/** What a request asked for, and what is known of the file. */
export interface Asked {
  readonly start: number;
  readonly end: number;
  readonly manner: 'range' | 'whole';
  readonly totalBytes: number | null;
  /** The strong validator that this address answered with before. */
  readonly validator: string | null;
  /** Further validators that were seen to stand for the same bytes. */
  readonly equals?: readonly string[];
}

export type Verdict =
  | {
      readonly kind: 'accept';
      /** Where in the file the body's first byte lies: the asked start, or 0 for a whole file. */
      readonly bodyStart: number;
      /** Where in the file the body ends; null where only its proper end can tell. What comes behind it is cut. */
      readonly bodyEnd: number | null;
      /** The body is as many bytes as that, bare: a lane can carry it. Otherwise it is chunked, or ends when it ends. */
      readonly isBare: boolean;
      readonly totalBytes: number | null;
      readonly validator: string | null;
    }
  /** A good answer that there is nothing at or behind the asked start: the file ends before it. */
  | { readonly kind: 'nothing'; readonly totalBytes: number; readonly validator: string | null }
  | Refusal;

export interface Refusal {
  readonly kind: 'refuse';
  readonly code: FaultCode;
  /** Cleaned. */
  readonly detail: string;
  readonly retryAfterMs: number | null;
  /** The size the server spoke of. */
  readonly totalBytes: number | null;
}

function refuse(code: FaultCode, detail: string, totalBytes: number | null = null): Refusal {
  return { kind: 'refuse', code, detail: cleanForeignText(detail), retryAfterMs: null, totalBytes };
}

function faultOfStatus(status: number): FaultCode {
  if (status === 404 || status === 410) return 'not-found';
  if (status === 401 || status === 403 || status === 407) return 'forbidden';
  if (status === 429) return 'too-many-requests';
  if (status === 412) return 'changed';
  return status === 408 || status === 500 || (status >= 502 && status <= 504) ? 'unavailable' : 'http-status';
}

/** Judges `head`, the final one, against `asked`. `wallClockMs` only stands in for a missing Date. */
export function checkResponse(asked: Asked, head: ResponseHead, wallClockMs: number): Verdict {
  if (head.status === 206 && asked.manner === 'range') return checkPart(asked, head, wallClockMs);
  if (head.status === 200) return checkWhole(asked, head, wallClockMs);
  if (head.status === 416 && asked.manner === 'range') return checkUnsatisfied(asked, head);
  const pause = retryAfterMs(headerValue(head.headers, 'retry-after'), headerValue(head.headers, 'date'), wallClockMs);
  return { ...refuse(faultOfStatus(head.status), `${head.status} ${head.reason}`), retryAfterMs: pause };
}

/** An encoded body is not the file's bytes, and is never decoded: refused unread. */
function encodingFault(head: ResponseHead): Refusal | null {
  const encoding = headerValue(head.headers, 'content-encoding') ?? '';
  if (encoding !== '' && encoding.toLowerCase() !== 'identity') return refuse('wrong-encoding', `Content-Encoding: ${encoding}`);
  const transfer = headerValue(head.headers, 'transfer-encoding');
  return transfer === null || transfer.toLowerCase() === 'chunked' ? null : refuse('wrong-encoding', `Transfer-Encoding: ${transfer}`);
}

/** The validator to go on with, or the refusal of another version. */
function checkVersion(asked: Asked, head: ResponseHead, wallClockMs: number): { readonly validator: string | null } | Refusal {
  if (asked.validator === null) return { validator: strongValidator(head.headers, wallClockMs) };
  const known = [asked.validator, ...(asked.equals ?? [])].find((validator) => isSameVersion(head.headers, validator));
  if (known !== undefined) return { validator: known };
  return refuse('changed', `${strongValidator(head.headers, wallClockMs) ?? 'no validator'} instead of ${asked.validator}`);
}

function checkPart(asked: Asked, head: ResponseHead, wallClockMs: number): Verdict {
  const encoding = encodingFault(head);
  if (encoding !== null) return encoding;
  const type = headerValue(head.headers, 'content-type') ?? '';
  if (/^multipart\//iu.test(type)) return refuse('wrong-range', 'a multipart answer to one range');
  const text = headerValue(head.headers, 'content-range');
  if (text === null) return refuse('wrong-range', 'a 206 without Content-Range');
  const range = parseContentRange(text);
  if (range?.kind !== 'range') return refuse('wrong-range', `Content-Range: ${text}`);
  if (range.totalBytes !== null && asked.totalBytes !== null && range.totalBytes !== asked.totalBytes) {
    return refuse('other-size', `${countedBytes(range.totalBytes)} instead of ${asked.totalBytes}`, range.totalBytes);
  }
  // A later start would leave a gap and an earlier one is not what was asked. A shorter end is legal.
  if (range.start !== asked.start || range.end > asked.end) return refuse('wrong-range', `Content-Range: ${text}`);
  const totalBytes = range.totalBytes ?? asked.totalBytes;
  // Parts of a file of unknown size cannot be planned; the same server's whole answer may tell the size.
  if (totalBytes === null) return refuse('no-ranges', 'parts without the size of the whole');
  if (range.end > totalBytes) return refuse('wrong-range', `Content-Range: ${text}`);
  const rangeBytes = range.end - range.start;
  if (head.contentLength !== null && head.contentLength !== rangeBytes) {
    return refuse('wrong-length', `Content-Length ${head.contentLength} for ${countedBytes(rangeBytes)}`);
  }
  const version = checkVersion(asked, head, wallClockMs);
  if ('kind' in version) return version;
  // Without any length the body is believed only if it reaches the range's end.
  const isBare = !head.headers.has('transfer-encoding');
  return { kind: 'accept', bodyStart: range.start, bodyEnd: range.end, isBare, totalBytes, validator: version.validator };
}

function checkWhole(asked: Asked, head: ResponseHead, wallClockMs: number): Verdict {
  const encoding = encodingFault(head);
  if (encoding !== null) return encoding;
  const announced = head.contentLength;
  if (announced !== null && asked.totalBytes !== null && announced !== asked.totalBytes) {
    return refuse('other-size', `${countedBytes(announced)} instead of ${asked.totalBytes}`, announced);
  }
  if (asked.manner === 'range' && announced !== 0) return refuse('no-ranges', '200 for a range', announced);
  const version = checkVersion(asked, head, wallClockMs);
  if ('kind' in version) return version;
  // An empty file has no part that could be sent as a 206.
  if (announced !== null && announced <= asked.start) return { kind: 'nothing', totalBytes: announced, validator: version.validator };
  const totalBytes = announced ?? asked.totalBytes;
  return { kind: 'accept', bodyStart: 0, bodyEnd: totalBytes, isBare: announced !== null, totalBytes, validator: version.validator };
}

function checkUnsatisfied(asked: Asked, head: ResponseHead): Verdict {
  const range = parseContentRange(headerValue(head.headers, 'content-range') ?? '');
  if (range?.kind !== 'unsatisfied') return refuse('http-status', `${head.status} ${head.reason}`);
  const { totalBytes } = range;
  if (asked.totalBytes !== null && totalBytes !== asked.totalBytes) {
    return refuse('other-size', `${countedBytes(totalBytes)} instead of ${asked.totalBytes}`, totalBytes);
  }
  // It has bytes at the asked start and refuses them all the same.
  if (totalBytes > asked.start) return refuse('http-status', `${head.status} for bytes that it has`, totalBytes);
  // The validator of an error response is the error page's, if anyone's (RFC 9110 §8.8): it is not compared.
  return { kind: 'nothing', totalBytes, validator: null };
}
