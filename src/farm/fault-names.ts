/**
 * Every fault that a server of the farm can have, with a sentence of which the server is the subject, and what may
 * stand after `=`. Names are the words of `--fault`; the numbers are the statuses that the server answers with.
 */

/** What may stand after `=`: nothing, a rate, a file offset, seconds, or any text. `?` marks one that may be left out. */
export type FaultValueKind = 'none' | 'rate' | 'offset?' | 'seconds?' | 'text';

interface FaultDescription {
  readonly value: FaultValueKind;
  readonly says: string;
}

export const FARM_FAULTS = {
  die: { value: 'none', says: 'is killed, sockets and all' },
  revive: { value: 'none', says: 'is started again on the same port' },
  heal: { value: 'none', says: 'loses every fault that it has by then' },
  stall: { value: 'none', says: 'stops sending for good and keeps its sockets open' },
  slow: { value: 'rate', says: 'sends no faster than this from then on' },
  trickle: { value: 'none', says: 'sends a byte a second on each connection' },
  corrupt: { value: 'offset?', says: 'sends the byte at this offset inverted, or without an offset one byte of each answer' },
  flip: { value: 'offset?', says: 'sends the byte at this offset with one bit flipped, or without an offset one byte of each answer' },
  shifted: { value: 'none', says: 'sends right headers and bytes that are off by one' },
  change: { value: 'none', says: 'serves another version from then on: other bytes, tag and date, same size' },
  retag: { value: 'none', says: 'changes its entity tag and nothing else' },
  'weak-tag': { value: 'none', says: 'marks its entity tag as weak' },
  'no-tag': { value: 'none', says: 'sends no entity tag' },
  shrink: { value: 'none', says: 'serves only the first half of the file' },
  grow: { value: 'none', says: 'serves a file that is a quarter longer' },
  reset: { value: 'none', says: 'resets connections: those with a body under way at once, later ones halfway' },
  'early-fin': { value: 'none', says: 'closes connections short of the announced length: at once, later ones halfway' },
  refuse: { value: 'none', says: 'accepts connections and closes them at once' },
  'no-range': { value: 'none', says: 'answers every request with the whole file' },
  'wrong-range': { value: 'none', says: 'answers with another range than the one asked for' },
  'off-by-one': { value: 'none', says: 'answers with a range that is one byte off' },
  'wrong-length': { value: 'none', says: 'announces and sends one byte more than its range has' },
  'no-content-range': { value: 'none', says: 'leaves Content-Range out of a 206' },
  'other-total': { value: 'none', says: 'speaks of a file one byte longer in Content-Range' },
  'longer-body': { value: 'none', says: 'sends a kibibyte more than it announced' },
  gzip: { value: 'none', says: 'says that the body is gzip though asked for identity' },
  chunked: { value: 'none', says: 'sends the body in chunks, without a length' },
  'no-length': { value: 'none', says: 'sends the body without a length and closes at its end' },
  multipart: { value: 'none', says: 'answers a range with multipart/byteranges' },
  '401': { value: 'none', says: 'asks for a password' },
  '403': { value: 'none', says: 'forbids the file' },
  '404': { value: 'none', says: 'does not have the file' },
  '416': { value: 'none', says: 'can satisfy no range' },
  '429': { value: 'seconds?', says: 'answers that there are too many requests, with Retry-After where seconds are given' },
  '503': { value: 'seconds?', says: 'answers that it is unavailable, with Retry-After where seconds are given' },
  'retry-after': { value: 'text', says: 'answers 503 with this very text as Retry-After' },
  redirect: { value: 'text', says: 'redirects to this URL' },
  'redirect-loop': { value: 'none', says: 'redirects to itself without end' },
  'head-refused': { value: 'none', says: 'answers HEAD with 405' },
  portal: { value: 'none', says: 'answers with the page of a captive portal and status 200' },
  garbage: { value: 'none', says: 'answers with a status line that is not HTTP' },
  'big-head': { value: 'none', says: 'sends a response head of 64 KiB' },
  'slow-head': { value: 'none', says: 'sends its response head a byte a second' },
  'endless-1xx': { value: 'none', says: 'sends interim responses and never a final one' },
  'two-lengths': { value: 'none', says: 'sends two unlike Content-Lengths' },
  'length-and-te': { value: 'none', says: 'sends both Content-Length and Transfer-Encoding' },
  'idle-bytes': { value: 'none', says: 'sends bytes on idle connections' },
} as const satisfies Record<string, FaultDescription>;

export type FaultName = keyof typeof FARM_FAULTS;

// JavaScript puts names that are numbers first; people look for words first.
export const FAULT_NAMES: readonly string[] = Object.keys(FARM_FAULTS).sort((a, b) => Number(/^\d/u.test(a)) - Number(/^\d/u.test(b)));

export const isFaultName = (name: string): name is FaultName => Object.hasOwn(FARM_FAULTS, name);

export const faultValueKind = (name: FaultName): FaultValueKind => FARM_FAULTS[name].value;
