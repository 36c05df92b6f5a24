/** What a download is asked for, and the checks that need no server and no disk. */
import type { InspectionEvent } from 'xstate';
import { LANES_ASKED_MAX, LANES_PER_SERVER_MAX, MIRRORS_MAX } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import type { Decision } from '../machines/decisions.ts';
import type { HeaderField } from '../net/credentials.ts';
import { parseMirrorUrl, sameMirrorKey } from '../net/url.ts';
import { parseChecksum } from '../store/checksum.ts';
import { checkPieces } from '../store/pieces.ts';
import type { Checksum, PieceList } from '../store/store.ts';
import { checkShapes } from './option-shapes.ts';

export type { HeaderField } from '../net/credentials.ts';

/** Options of `download`. Only `urls` is needed. */
export interface DownloadOptions {
  /** Mirrors of one file: http and https. The same URL twice is once. */
  readonly urls: readonly string[];
  /** A file, or an existing folder to put it in. Default: the first URL's name, in the working folder. */
  readonly output?: string;
  /** What relative paths count from. Default: the process's working folder. */
  readonly cwd?: string;
  /** `sha-256=HEX`, or sha-512, sha-1, md5; checked before the file gets its name. Of several every one has to hold. */
  readonly checksum?: string | readonly string[];
  /** Hashes of the file's pieces, in order: each piece is checked as it comes. A piece is `lengthBytes` long, the last one the rest. */
  readonly pieces?: { readonly lengthBytes: number; readonly algorithm: string; readonly hashes: readonly string[] };
  /** Most lanes to one server. Default: found out, 6 at most. */
  readonly connections?: number;
  /** Cap of the whole download. */
  readonly limitBytesPerSec?: number;
  /** Go on from a journal that fits. Default true. */
  readonly resume?: boolean;
  /** Replace an existing regular file. Default false. */
  readonly force?: boolean;
  /** How long to go on while no server delivers, in ms. Default 30,000. */
  readonly waitMs?: number;
  /** What a full disk does: `pause` (the default) keeps everything until `resume()`; `stop` ends with code `disk-full`. */
  readonly whenDiskFull?: 'pause' | 'stop';
  /** For the origins of `urls`, and no other. */
  readonly headers?: readonly HeaderField[];
  /** PEM certificates of authorities to trust beside the system's. */
  readonly caPem?: readonly string[];
  /** Proxies are read from it. Default: the process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /**
   * Hears of every actor, event and snapshot of the machines while it runs, as xstate's own `inspect` does, and of every
   * decision. It is called in the midst of their work: it must be quick, and must not throw. `openInspector` makes one.
   */
  readonly inspect?: (heard: InspectionEvent | Decision) => void;
  /** Of the jitter in pauses. Default: a random one. */
  readonly seed?: number;
  /** Aborting it is the same as `abort()`. */
  readonly signal?: AbortSignal;
}

/** Options that have been checked, with every default in place. */
export interface CheckedOptions {
  readonly urls: readonly URL[];
  readonly output: string | null;
  readonly cwd: string;
  /** One an algorithm at most. */
  readonly checksums: readonly Checksum[];
  readonly pieces: PieceList | null;
  readonly maxLanes: number;
  readonly limitBytesPerSec: number | null;
  readonly resume: boolean;
  readonly force: boolean;
  readonly waitMs: number;
  readonly waitsForRoom: boolean;
  readonly headers: readonly HeaderField[];
  readonly caPem: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly seed: number;
}

const WAIT_MS = 30_000;

function usage(message: string): never {
  throw new PlaitError('usage', message);
}

/** A rate cap as the library takes it; null for none. */
export function checkLimit(rateBytesPerSec: number | null): number | null {
  if (rateBytesPerSec !== null && !(Number.isFinite(rateBytesPerSec) && rateBytesPerSec > 0)) {
    usage(`A limit of ${rateBytesPerSec} bytes a second makes no sense: give a number above 0, or none.`);
  }
  return rateBytesPerSec;
}

/** How many lanes a server may have. */
export function checkLanes(lanes: number): number {
  if (!Number.isInteger(lanes) || lanes < 1 || lanes > LANES_ASKED_MAX) usage(`${lanes} connections to a server make no sense: give a number from 1 to ${LANES_ASKED_MAX}.`);
  return lanes;
}

function checksumsOf(texts: readonly string[]): readonly Checksum[] {
  const byAlgorithm = new Map<string, Checksum>();
  for (const checksum of texts.map(parseChecksum)) {
    const { algorithm, hex } = byAlgorithm.get(checksum.algorithm) ?? checksum;
    if (hex !== checksum.hex) usage(`Two unlike ${algorithm} checksums were given, ${hex} and ${checksum.hex}: a file has only one.`);
    byAlgorithm.set(algorithm, checksum);
  }
  return [...byAlgorithm.values()];
}

/**
 * @throws PlaitError `usage`, with one sentence that names the option.
 */
export function checkOptions(options: DownloadOptions, randomSeed: () => number): CheckedOptions {
  checkShapes(options);
  if (options.urls.length === 0) usage('No URL was given: name at least one server to download from.');
  if (options.urls.length > MIRRORS_MAX) usage(`${options.urls.length} URLs are too many: ${MIRRORS_MAX} mirrors are the limit.`);
  const urls = new Map<string, URL>();
  for (const text of options.urls) {
    const url = parseMirrorUrl(text);
    const key = sameMirrorKey(url);
    if (!urls.has(key)) urls.set(key, url);
  }
  const waitMs = options.waitMs ?? WAIT_MS;
  if (!(waitMs >= 0)) usage(`A wait of ${waitMs} ms makes no sense: give 0 or more.`);
  if (options.output === '') usage('The output has an empty name: give a file or an existing folder.');
  return {
    urls: [...urls.values()],
    output: options.output ?? null,
    cwd: options.cwd ?? process.cwd(),
    checksums: checksumsOf([options.checksum ?? []].flat()),
    pieces: options.pieces === undefined ? null : checkPieces(options.pieces.lengthBytes, options.pieces.algorithm, options.pieces.hashes),
    maxLanes: checkLanes(options.connections ?? LANES_PER_SERVER_MAX),
    limitBytesPerSec: checkLimit(options.limitBytesPerSec ?? null),
    resume: options.resume ?? true,
    force: options.force ?? false,
    waitMs,
    waitsForRoom: (options.whenDiskFull ?? 'pause') === 'pause',
    headers: options.headers ?? [],
    caPem: options.caPem ?? [],
    env: options.env ?? process.env,
    seed: options.seed ?? randomSeed(),
  };
}
