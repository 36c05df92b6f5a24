/**
 * How faults bend an honest answer. Two tables: faults that answer something else altogether, of which the newest in
 * force holds, and faults that change one thing about the answer, which all apply. Pure.
 */
import { lengthOf } from '../base/range.ts';
import type { ByteRange } from '../base/range.ts';
import { BIG_HEAD_BYTES, LONGER_BODY_BYTES } from '../base/bounds.ts';
import { fileAnswer, methodRefused, rangeNotSatisfiable, textAnswer } from './answer.ts';
import type { Answer, AskedFor, WireManner } from './answer.ts';
import type { FaultBoard } from './fault-board.ts';
import type { FaultName } from './fault-names.ts';
import type { Fault } from './fault.ts';
import { askedRange, contentRange } from './range-header.ts';
import type { Representation } from './representation.ts';

interface Bending {
  readonly asked: AskedFor;
  readonly representation: Representation;
  readonly fault: Fault;
}

type Bend = (answer: Answer, bending: Bending) => Answer;

const RETRY = (fault: Fault): Record<string, string> => {
  const value = fault.text ?? fault.amount;
  return value === null ? {} : { 'Retry-After': String(value) };
};

/** Faults that answer something else altogether. */
const INSTEAD: Partial<Record<FaultName, Bend>> = {
  '401': () => textAnswer(401, { 'WWW-Authenticate': 'Basic realm="the farm"' }, 'A password is needed.\n'),
  '403': () => textAnswer(403, {}, 'This file is not for you.\n'),
  '404': () => textAnswer(404, {}, 'No such file.\n'),
  '429': (_, { fault }) => textAnswer(429, RETRY(fault), 'Too many requests.\n'),
  '503': (_, { fault }) => textAnswer(503, RETRY(fault), 'Unavailable for now.\n'),
  'retry-after': (_, { fault }) => textAnswer(503, RETRY(fault), 'Unavailable for now.\n'),
  redirect: (_, { fault }) => textAnswer(302, { Location: fault.text ?? '/' }, 'It is elsewhere.\n'),
  'redirect-loop': (_, { asked }) => textAnswer(302, { Location: nextTurn(asked.path) }, 'It is elsewhere.\n'),
  portal: () => textAnswer(200, {}, '<!doctype html><title>Welcome</title><p>Please log in to use this network.</p>\n', 'text/html; charset=utf-8'),
  garbage: (answer) => ({ ...answer, manner: 'garbage' }),
  'endless-1xx': (answer) => ({ ...answer, manner: 'endless-1xx' }),
};

/** Faults that change one thing about the answer. */
const CHANGES: Partial<Record<FaultName, Bend>> = {
  '416': (answer, { asked, representation }) => (asked.headers.range === undefined ? answer : rangeNotSatisfiable({}, representation.sizeBytes)),
  'head-refused': (answer, { asked }) => (asked.method === 'HEAD' ? methodRefused() : answer),
  'no-range': (answer, { representation }) => withoutRanges(answer, representation),
  'wrong-range': (answer, bending) => moved(answer, bending, elsewhere),
  'off-by-one': (answer, bending) => moved(answer, bending, oneOff),
  'no-content-range': (answer) => without(answer, 'Content-Range'),
  'other-total': (answer) => replacing(answer, 'Content-Range', (value) => value.replace(/\d+$/u, (total) => String(Number(total) + 1))),
  'wrong-length': (answer) => padded(replacing(answer, 'Content-Length', (value) => String(Number(value) + 1)), 1),
  'longer-body': (answer) => padded(answer, LONGER_BODY_BYTES),
  gzip: (answer) => ({ ...answer, headers: { ...answer.headers, 'Content-Encoding': 'gzip' } }),
  shifted: (answer) => (answer.body.kind === 'file' ? { ...answer, body: { ...answer.body, shift: 1 } } : answer),
  multipart: asMultipart,
  chunked: (answer) => inManner(without(answer, 'Content-Length'), 'chunked'),
  'no-length': (answer) => inManner(without(answer, 'Content-Length'), 'no-length'),
  'two-lengths': (answer) => inManner(answer, 'two-lengths'),
  'length-and-te': (answer) => inManner(answer, 'length-and-te'),
  'slow-head': (answer) => inManner(answer, 'slow-head'),
  'big-head': (answer) => ({ ...answer, headers: { ...answer.headers, ...filler() } }),
};

/** The answer as the faults in force make it. */
export function bend(answer: Answer, asked: AskedFor, representation: Representation, faults: FaultBoard): Answer {
  const bentBy = (table: Partial<Record<FaultName, Bend>>, fault: Fault, bent: Answer): Answer =>
    table[fault.name]?.(bent, { asked, representation, fault }) ?? bent;
  const instead = faults.inForce.find((fault) => INSTEAD[fault.name] !== undefined);
  const begun = instead === undefined ? answer : bentBy(INSTEAD, instead, answer);
  // The oldest first, so that a newer fault bends what the older ones left.
  return faults.inForce.reduceRight((bent, fault) => bentBy(CHANGES, fault, bent), begun);
}

function nextTurn(path: string): string {
  const turn = Number(/[?&]turn=(\d+)/u.exec(path)?.[1] ?? 0) + 1;
  return `${path.replace(/\?.*$/su, '')}?turn=${turn}`;
}

function withoutRanges(answer: Answer, { sizeBytes }: Representation): Answer {
  const whole = answer.status === 206 || answer.status === 416 ? fileAnswer(200, answer.headers, { start: 0, end: sizeBytes }) : answer;
  return without(without(whole, 'Content-Range'), 'Accept-Ranges');
}

/** A 206 with the true bytes of another range, truthfully labelled. */
function moved(answer: Answer, { asked, representation: { sizeBytes } }: Bending, where: (range: ByteRange, sizeBytes: number) => ByteRange): Answer {
  const range = askedRange(asked.headers.range, sizeBytes);
  if (answer.status !== 206 || range === null || range === 'unsatisfiable') return answer;
  const other = where(range, sizeBytes);
  return fileAnswer(206, { ...answer.headers, 'Content-Range': contentRange(other, sizeBytes) }, other);
}

function elsewhere(range: ByteRange, sizeBytes: number): ByteRange {
  const start = range.start === 0 ? Math.floor(sizeBytes / 2) : Math.floor(range.start / 2);
  return { start, end: Math.min(sizeBytes, start + lengthOf(range)) };
}

function oneOff(range: ByteRange, sizeBytes: number): ByteRange {
  const by = range.start > 0 ? -1 : 1;
  const start = Math.min(range.start + by, sizeBytes - 1);
  return { start, end: Math.max(start + 1, Math.min(range.end + by, sizeBytes)) };
}

const BOUNDARY = 'the-farm-s-boundary';

/** The one range as the only part of a multipart/byteranges (RFC 9110 §14.6), which nobody asked for. */
function asMultipart(answer: Answer): Answer {
  const { body, headers, status } = answer;
  if (status !== 206 || body.kind !== 'file') return answer;
  const before = `--${BOUNDARY}\r\nContent-Type: ${headers['Content-Type'] ?? ''}\r\nContent-Range: ${headers['Content-Range'] ?? ''}\r\n\r\n`;
  const after = `\r\n--${BOUNDARY}--\r\n`;
  const length = before.length + lengthOf(body.range) + after.length;
  const outer = { ...headers, 'Content-Type': `multipart/byteranges; boundary=${BOUNDARY}`, 'Content-Length': String(length) };
  return without({ ...answer, headers: outer, body: { ...body, before, after } }, 'Content-Range');
}

function padded(answer: Answer, bytes: number): Answer {
  const { body } = answer;
  return body.kind === 'file' ? { ...answer, body: { ...body, after: `${body.after}${'+'.repeat(bytes)}` } } : answer;
}

const inManner = (answer: Answer, manner: WireManner): Answer => (answer.body.kind === 'none' ? answer : { ...answer, manner });

function without(answer: Answer, name: string): Answer {
  return { ...answer, headers: Object.fromEntries(Object.entries(answer.headers).filter(([other]) => other !== name)) };
}

function replacing(answer: Answer, name: string, change: (value: string) => string): Answer {
  const value = answer.headers[name];
  return value === undefined ? answer : { ...answer, headers: { ...answer.headers, [name]: change(value) } };
}

function filler(): Record<string, string> {
  const lines = 64;
  return Object.fromEntries(Array.from({ length: lines }, (_, line) => [`X-Filler-${line}`, 'f'.repeat(BIG_HEAD_BYTES / lines)]));
}
