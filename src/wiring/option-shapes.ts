/** Options come from programs that no compiler may have seen: each is held against the shape that its type promises. */
import { PlaitError } from '../base/errors.ts';
import type { DownloadOptions } from './options.ts';

interface Shape {
  readonly fits: (value: unknown) => boolean;
  /** "The option urls has to be …". */
  readonly says: string;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);
const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);
const isHeader = (value: unknown): boolean => isObject(value) && isText(value['name']) && isText(value['value']);

const TEXT: Shape = { fits: isText, says: 'text' };
const NUMBER: Shape = { fits: (value) => typeof value === 'number' && !Number.isNaN(value), says: 'a number' };
const SWITCH: Shape = { fits: (value) => typeof value === 'boolean', says: 'true or false' };

const SHAPES: Readonly<Record<keyof DownloadOptions, Shape>> = {
  urls: { fits: areTexts, says: 'a list of URLs as texts, such as [\'https://example.org/file.iso\']' },
  output: TEXT,
  cwd: TEXT,
  checksum: { fits: (value) => isText(value) || areTexts(value), says: 'text such as \'sha-256=9f86…\', or a list of such' },
  pieces: { fits: isObject, says: 'an object of lengthBytes, algorithm and hashes' },
  connections: NUMBER,
  limitBytesPerSec: NUMBER,
  resume: SWITCH,
  force: SWITCH,
  waitMs: NUMBER,
  whenDiskFull: { fits: (value) => value === 'pause' || value === 'stop', says: '\'pause\' or \'stop\'' },
  headers: { fits: (value) => Array.isArray(value) && value.every(isHeader), says: 'a list of objects of name and value, both texts' },
  caPem: { fits: areTexts, says: 'a list of certificates in PEM, as texts' },
  env: { fits: isObject, says: 'an object such as process.env' },
  inspect: { fits: (value) => typeof value === 'function', says: 'a function' },
  seed: NUMBER,
  signal: { fits: (value) => value instanceof AbortSignal, says: 'an AbortSignal' },
};

function usage(message: string): never {
  throw new PlaitError('usage', message);
}

const isKnown = (name: string): name is keyof DownloadOptions => Object.hasOwn(SHAPES, name);

/** The option that was probably meant: one whose name goes on from this one, or the other way round. */
function likeliest(name: string): string {
  const small = name.toLowerCase();
  const like = Object.keys(SHAPES).find((known) => known.toLowerCase().startsWith(small) || small.startsWith(known.toLowerCase()));
  return like === undefined ? `the options are ${Object.keys(SHAPES).join(', ')}` : `is ${like} meant?`;
}

/**
 * What is left out, or undefined, takes its default.
 * @throws PlaitError `usage` for what is no object of options, an option that there is not, and one of another shape.
 */
export function checkShapes(options: unknown): void {
  if (!isObject(options)) usage('A download needs an object of options: give at least { urls: [\'https://example.org/file.iso\'] }.');
  for (const [name, value] of Object.entries(options)) {
    if (!isKnown(name)) usage(`There is no option ${name}: ${likeliest(name)}`.replace(/[^?.]$/u, '$&.'));
    if (value !== undefined && !SHAPES[name].fits(value)) usage(`The option ${name} has to be ${SHAPES[name].says}.`);
  }
  if (options['urls'] === undefined) usage(`The option urls is missing: give ${SHAPES.urls.says}.`);
}
