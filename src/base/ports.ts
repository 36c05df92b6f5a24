import { PORTS_MAX } from './bounds.ts';
import { PlaitError } from './errors.ts';

const ENTRY = /^(\d{1,5})(?:-(\d{1,5}))?$/u;
const HIGHEST_PORT = 65_535;

/**
 * The ports of `12000,13000-13002`, in the order given. 0 stands for any free port and may come more than once; every
 * other port comes once.
 *
 * @throws PlaitError `usage`, naming the entry that is no port.
 */
export function parsePorts(text: string): number[] {
  const ports: number[] = [];
  const seen = new Set<number>();
  for (const entry of text.split(',')) {
    const { first, last } = spanOf(entry.trim());
    if (ports.length + (last - first) >= PORTS_MAX) {
      throw new PlaitError('usage', `The list of ports names more than ${PORTS_MAX}: give fewer.`);
    }
    for (let port = first; port <= last; port += 1) {
      if (port !== 0 && seen.has(port)) throw new PlaitError('usage', `The list of ports names ${port} twice: give each port once.`);
      seen.add(port);
      ports.push(port);
    }
  }
  return ports;
}

/** First and last port of one entry, both included. */
function spanOf(entry: string): { first: number; last: number } {
  const match = ENTRY.exec(entry);
  const first = Number(match?.[1] ?? Number.NaN);
  const last = match?.[2] === undefined ? first : Number(match[2]);
  const isRange = match?.[2] !== undefined;
  if (last < first) throw new PlaitError('usage', `The range of ports ${entry} is reversed: write it as ${last}-${first}.`);
  // 0 means "any", so a range cannot begin with it.
  if (Number.isNaN(first) || last > HIGHEST_PORT || (isRange && first === 0)) {
    throw new PlaitError('usage', `"${entry}" is neither a port (0 to ${HIGHEST_PORT}) nor a range of ports such as 12000-12004.`);
  }
  return { first, last };
}
