import { FARM_SERVERS_MAX, LATENCY_MAX_MS } from '../base/bounds.ts';
import { PlaitError } from '../base/errors.ts';
import type { FarmInput, ScheduledOrder } from '../machines/farm.ts';
import { parseFaultList } from './fault-grammar.ts';
import type { Fault, ServerFault } from './fault.ts';

export interface FarmOptions {
  /** The file that every server serves. */
  readonly filePath: string;
  /** One server each; 0 for any free port. */
  readonly ports?: readonly number[] | undefined;
  /** Where no ports are named: so many servers on free ports. Default 5. */
  readonly count?: number | undefined;
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** Caps in bytes a second, server by server; the last repeats; 0 for none. */
  readonly rates?: readonly number[] | undefined;
  /** Delays of each response's first byte in milliseconds, server by server; the last repeats. */
  readonly latencies?: readonly number[] | undefined;
  /** In the grammar of `--fault`. */
  readonly faults?: string | undefined;
  readonly slowStart?: boolean | undefined;
  /** Of whatever faults leave to chance. Default 1. */
  readonly seed?: number | undefined;
  /** Each server serves a copy of its own, in a temporary folder that goes with the farm. */
  readonly copies?: boolean | undefined;
  /** Aborting it before the farm stands ends the start with an AbortError, and leaves nothing behind; later it does nothing. */
  readonly signal?: AbortSignal | undefined;
}

/** One server, as the options want it. */
export interface ServerWish {
  readonly port: number;
  readonly rateBytesPerSec: number | null;
  readonly latencyMs: number;
  /** Those that its process sees to by itself. */
  readonly faults: readonly Fault[];
}

/**
 * Reads the options into one wish a server, and what the farm's machine sees to: deaths and revivals.
 *
 * @throws PlaitError `usage`.
 */
export function farmWish(options: FarmOptions): { servers: ServerWish[]; input: FarmInput } {
  const ports = options.ports ?? Array.from({ length: options.count ?? 5 }, () => 0);
  if (ports.length === 0 || ports.length > FARM_SERVERS_MAX) {
    throw new PlaitError('usage', `A farm has 1 to ${FARM_SERVERS_MAX} servers, not ${ports.length}.`);
  }
  const faults = parseFaultList(options.faults ?? '');
  const stray = faults.find(({ server }) => server > ports.length);
  if (stray !== undefined) throw new PlaitError('usage', `A fault is for server ${stray.server}, and there are only ${ports.length}.`);
  const slowest = options.latencies?.find((ms) => ms > LATENCY_MAX_MS);
  if (slowest !== undefined) throw new PlaitError('usage', `A latency of ${slowest} ms is more than ${LATENCY_MAX_MS} ms: choose a shorter one.`);
  const servers = ports.map((port, position) => ({
    port,
    rateBytesPerSec: atOrLast(options.rates, position) || null,
    latencyMs: atOrLast(options.latencies, position),
    faults: faults.filter(({ server, fault }) => server === position + 1 && !isTheFarms(fault)).map(({ fault }) => fault),
  }));
  return { servers, input: { servers: ports.length, schedule: scheduleOf(faults), deadAtStart: deadAtStart(faults) } };
}

/** A process cannot revive itself, and deaths by the clock are shown in the farm's machine. */
const isTheFarms = ({ name, moment }: Fault): boolean => name === 'revive' || (name === 'die' && (moment.kind === 'start' || moment.kind === 'time'));

function scheduleOf(faults: readonly ServerFault[]): ScheduledOrder[] {
  return faults.flatMap(({ server, fault: { name, moment } }): ScheduledOrder[] => {
    if (moment.kind !== 'time' || (name !== 'die' && name !== 'revive')) return [];
    return [{ index: server, order: name === 'die' ? 'server.kill' : 'server.start', afterMs: moment.ms }];
  });
}

const deadAtStart = (faults: readonly ServerFault[]): number[] =>
  [...new Set(faults.filter(({ fault }) => fault.name === 'die' && fault.moment.kind === 'start').map(({ server }) => server))];

/** The value at a position, where the last one repeats and none at all is 0. */
const atOrLast = (values: readonly number[] | undefined, position: number): number => values?.[Math.min(position, values.length - 1)] ?? 0;
