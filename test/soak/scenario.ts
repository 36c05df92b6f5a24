/** What a seed of the soak means: which servers fail how and when, and what is done to the client. Pure. */
import { seededRandom } from '../support/seeded.ts';

export const SERVERS = 4;
export const KIB = 1024;
export const MIB = 1024 * KIB;

/** The files that farms stand for; a scenario takes one of them. */
export const FILE_SIZES: readonly number[] = [70_001, MIB + 1, 3 * MIB];

export type Moment = 'start' | { readonly atBytes: number };

export type ServerTrouble =
  | { readonly kind: 'fault'; readonly fault: string; readonly moment: Moment }
  | { readonly kind: 'kill'; readonly moment: Moment; readonly revives: boolean };

/** What ends a run of the client before its file is there. */
export type Ending = 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'abort';

export interface SoakScenario {
  readonly seed: number;
  readonly fileIndex: number;
  /** By server, from 0. At least one has none. */
  readonly troubles: readonly (readonly ServerTrouble[])[];
  /** The real program in a process of its own, or the library in this one. */
  readonly client: 'process' | 'library';
  /** Runs that are ended early, each at so many bytes; one more run then finishes. */
  readonly endings: readonly { readonly ending: Ending; readonly atBytes: number }[];
  readonly limitBytesPerSec: number | null;
  readonly connections: number | null;
  readonly hasChecksum: boolean;
  /** A server whose bytes are wrong under right headers is among them. */
  readonly hasLiar: boolean;
  /** One server tells another size, and of the others all but the good one may be of no use: one word against one, which is exit 7. */
  readonly mayTie: boolean;
}

/** What the network and careless servers do. Those that cost seconds are rare. */
const FAULTS = [
  'reset', 'early-fin', 'refuse', 'no-range', 'wrong-range', 'off-by-one', 'wrong-length', 'no-content-range', 'longer-body', 'gzip', 'chunked', 'no-length',
  'multipart', 'retag', 'weak-tag', 'no-tag', '401', '403', '404', '416', '429=1', '503', '503=1', 'retry-after=never', 'redirect-loop', 'redirect=ftp://127.0.0.1/x',
  'head-refused', 'garbage', 'big-head', 'endless-1xx', 'two-lengths', 'length-and-te', 'idle-bytes', 'slow=200K',
] as const;
const SLOW_FAULTS = ['stall', 'trickle', 'slow-head', 'slow=8K'] as const;
/** At most one server of four tells another size, or sends other bytes: more of them would be a majority or a tie. */
const LIES = ['shrink', 'grow', 'other-total', 'portal', 'corrupt', 'flip', 'shifted', 'change'] as const;
/** Lies about the size, for which each mirror has a vote. */
const SIZE_LIES: ReadonlySet<string> = new Set(['shrink', 'grow', 'other-total']);
/** Lies that only a hash finds for certain. */
const QUIET_LIES: ReadonlySet<string> = new Set(['corrupt', 'flip', 'shifted', 'change']);

const SLOW_SHARE = 0.02;
const LIAR_SHARE = 0.12;
const KILL_SHARE = 0.2;
const FAULT_SHARE = 0.5;
const PROCESS_SHARE = 0.35;
const ENDINGS_MAX = 3;

export function scenarioOf(seed: number): SoakScenario {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <Value>(values: readonly Value[]): Value => {
    const value = values[below(values.length)];
    if (value === undefined) throw new Error('There is nothing to pick from.');
    return value;
  };
  const fileIndex = below(FILE_SIZES.length);
  const sizeBytes = FILE_SIZES[fileIndex] ?? MIB;
  const momentOf = (): Moment => (random() < 0.5 ? 'start' : { atBytes: below(sizeBytes) });
  const good = below(SERVERS);
  const liar = random() < LIAR_SHARE ? (good + 1 + below(SERVERS - 1)) % SERVERS : null;
  let hasLiar = false;
  let tellsOtherSize = false;
  const troubles = Array.from({ length: SERVERS }, (_, server): readonly ServerTrouble[] => {
    if (server === good) return [];
    if (server === liar) {
      const fault = pick(LIES);
      hasLiar = QUIET_LIES.has(fault);
      tellsOtherSize = SIZE_LIES.has(fault);
      return [{ kind: 'fault', fault, moment: momentOf() }];
    }
    const found: ServerTrouble[] = [];
    if (random() < FAULT_SHARE) found.push({ kind: 'fault', fault: random() < SLOW_SHARE ? pick(SLOW_FAULTS) : pick(FAULTS), moment: momentOf() });
    if (random() < KILL_SHARE) found.push({ kind: 'kill', moment: { atBytes: below(sizeBytes) }, revives: random() < 0.5 });
    return found;
  });
  const client = random() < PROCESS_SHARE ? 'process' : 'library';
  const endings = Array.from({ length: random() < 0.5 ? 0 : 1 + below(ENDINGS_MAX) }, () => ({
    ending: client === 'process' ? pick(['SIGKILL', 'SIGKILL', 'SIGTERM', 'SIGINT'] as const) : ('abort' as const),
    atBytes: below(sizeBytes),
  }));
  return {
    seed,
    fileIndex,
    troubles,
    client,
    endings,
    limitBytesPerSec: endings.length > 0 || random() < 0.1 ? 12 * MIB : null,
    connections: random() < 0.3 ? 1 + below(8) : null,
    // Without a hash a quiet liar cannot always be found out: that is not promised.
    hasChecksum: hasLiar || random() < 0.5,
    hasLiar,
    mayTie: tellsOtherSize && troubles.filter((each) => each.length === 0).length === 1,
  };
}

/** One line that says what a seed is about. */
export function scenarioText({ fileIndex, troubles, client, endings, hasChecksum }: SoakScenario): string {
  const when = (moment: Moment): string => (moment === 'start' ? '' : `@${moment.atBytes}`);
  const servers = troubles.map((each) => (each.length === 0 ? 'good' : each.map((trouble) => (trouble.kind === 'fault' ? `${trouble.fault}${when(trouble.moment)}` : `kill${when(trouble.moment)}${trouble.revives ? '+revive' : ''}`)).join('+')));
  const ends = endings.map(({ ending, atBytes }) => `${ending}@${atBytes}`);
  return `${FILE_SIZES[fileIndex] ?? 0} bytes, servers [${servers.join(', ')}], ${client}${ends.length === 0 ? '' : `, ended by ${ends.join(', ')}`}${hasChecksum ? ', checksum' : ''}`;
}
