import { resolve } from 'node:path';
import { FARM_SERVERS_MAX } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import { parsePorts } from '../base/ports.ts';
import { parseBytes, parseMs } from '../base/units.ts';
import type { FarmOptions } from '../farm/farm.ts';
import type { ShowFlags } from './show-machines.ts';

/** The flags of `plait serve` as commander gives them: text, not yet read. */
export interface ServeFlags extends ShowFlags {
  readonly servers?: string;
  readonly ports?: string;
  readonly host?: string;
  readonly rate?: string;
  readonly latency?: string;
  readonly fault?: string;
  readonly slowStart?: boolean;
  readonly seed?: string;
  readonly copies?: boolean;
  readonly plain?: boolean;
  readonly json?: boolean;
  readonly tui?: boolean;
}

const DEFAULT_SERVERS = 5;
const FIRST_PORT = 12_000;
const PORT_STEP = 1_000;

/**
 * The farm that the flags describe.
 *
 * @throws PlaitError `usage`, naming the flag and what it takes.
 */
export function farmOptionsOf(filePath: string, flags: ServeFlags, cwd: string): FarmOptions {
  return {
    filePath: resolve(cwd, filePath),
    ports: portsOf(flags),
    host: flags.host,
    rates: listOf('--rate', flags.rate, parseBytes, 'rates such as 8M,500K (0 for no cap)'),
    latencies: listOf('--latency', flags.latency, parseMs, 'times such as 50ms,1s (a bare number is seconds)'),
    faults: flags.fault,
    slowStart: flags.slowStart,
    seed: flags.seed === undefined ? undefined : wholeNumber('--seed', flags.seed, 0, 2 ** 31),
    copies: flags.copies,
  };
}

/** Named ports, so many free ones (`-n 3 -p 0`), or 12000, 13000, 14000 and on. */
function portsOf(flags: ServeFlags): number[] {
  const servers = flags.servers === undefined ? undefined : wholeNumber('--servers', flags.servers, 1, FARM_SERVERS_MAX);
  if (flags.ports === undefined) return Array.from({ length: servers ?? DEFAULT_SERVERS }, (_, position) => FIRST_PORT + position * PORT_STEP);
  const ports = parsePorts(flags.ports);
  if (servers === undefined || servers === ports.length) return ports;
  if (ports.length === 1 && ports[0] === 0) return Array.from({ length: servers }, () => 0);
  throw new PlaitError('usage', `--servers says ${servers} and --ports names ${ports.length}: let them agree, or leave one out.`);
}

function listOf(flag: string, text: string | undefined, parse: (text: string) => number | null, takes: string): number[] | undefined {
  return text?.split(',').map((entry) => {
    const value = parse(entry);
    if (value === null) throw new PlaitError('usage', `${flag} takes ${takes}, and "${entry.trim()}" is none.`);
    return value;
  });
}

function wholeNumber(flag: string, text: string, least: number, most: number): number {
  const value = /^\d{1,10}$/u.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value) || value < least || value > most) throw new PlaitError('usage', `${flag} takes a whole number from ${least} to ${most}, not "${text}".`);
  return value;
}
