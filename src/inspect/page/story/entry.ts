/** One message of the stream, read: what the page's folds need of it, and its text for whoever looks closer. */
import { isRecord, recordOf, textOf } from './json.ts';
import type { JsonRecord } from './json.ts';
import type { TakenStep } from '../../messages.ts';
import { statePaths } from './state-paths.ts';
import { stepsOf } from './taken.ts';
import type { ActorStatus } from './world.ts';

interface Numbered {
  /** Counted from 1 over everything that was received: a position in the story is such a number. */
  readonly number: number;
  readonly atMs: number;
}

/** Where a segment was, and whose it was, when a snapshot was taken. */
export interface Place {
  readonly mirrorId: number;
  readonly start: number | null;
  readonly end: number | null;
}

/** What an actor is, as long as it is there. */
export interface ActorIdentity {
  /** Its id in its parent: `coordinator`, `server-3`. */
  readonly name: string;
  /** The id of its machine; of what is no machine, ''. */
  readonly machineId: string;
  readonly parentId: string | null;
  /** Of a mirror, the host and port of its URL; '' of others. */
  readonly address: string;
  /** Its machine's definition as JSON; '' where it has none. */
  readonly definition: string;
}

export interface ActorEntry extends Numbered, ActorIdentity {
  readonly kind: 'actor';
  readonly actorId: string;
  readonly states: readonly string[];
  readonly status: ActorStatus;
  readonly place: Place | null;
  readonly text: string;
}

export interface SnapshotEntry extends Numbered {
  readonly kind: 'snapshot';
  readonly actorId: string;
  readonly eventType: string;
  readonly states: readonly string[];
  readonly status: ActorStatus;
  readonly place: Place | null;
  /** The transitions that led here. */
  readonly taken: readonly TakenStep[];
  readonly text: string;
}

export interface EventEntry extends Numbered {
  readonly kind: 'event';
  readonly actorId: string;
  /** Who sent it; null where it came from outside the machines. */
  readonly sourceId: string | null;
  readonly eventType: string;
  readonly text: string;
}

export interface GoneEntry extends Numbered {
  readonly kind: 'gone';
  readonly actorId: string;
}

/** What is said beside the actors' own messages. */
export type Word =
  | { readonly is: 'hello'; readonly plait: string; readonly command: string; readonly startedAt: string; readonly recording: string | null }
  | { readonly is: 'decision'; readonly decision: string; readonly why: string; readonly mirrorId: number | null; readonly segmentId: number | null }
  | { readonly is: 'dropped'; readonly count: number }
  | { readonly is: 'end'; readonly exitStatus: number };

export interface WordEntry extends Numbered {
  readonly kind: 'word';
  readonly actorId: '';
  readonly word: Word;
}

export type Entry = ActorEntry | SnapshotEntry | EventEntry | GoneEntry | WordEntry;

/** What comes again and again (definitions, ids, state paths) is kept once. */
export class Shared {
  readonly #texts = new Map<string, string>();
  readonly #paths = new Map<string, readonly string[]>();
  readonly #machineIds = new Map<string, string>();

  text(text: string): string {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, text);
    return text;
  }

  /** The id of the machine that a definition defines; '' for what is no machine. */
  machineId(definition: string): string {
    const known = this.#machineIds.get(definition);
    if (known !== undefined) return known;
    const machineId = machineIdOf(definition);
    this.#machineIds.set(definition, machineId);
    return machineId;
  }

  paths(paths: readonly string[]): readonly string[] {
    const key = paths.join(' ');
    const known = this.#paths.get(key);
    if (known !== undefined) return known;
    this.#paths.set(key, paths);
    return paths;
  }
}

const STATUSES: readonly string[] = ['active', 'done', 'error', 'stopped'];
const statusOf = (value: unknown): ActorStatus => (STATUSES.includes(textOf(value)) ? (value as ActorStatus) : 'active');
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);

function addressOf(snapshot: JsonRecord): string {
  const url = textOf(recordOf(snapshot['context'])['url']);
  return URL.canParse(url) ? new URL(url).host : '';
}

function placeOf(snapshot: JsonRecord): Place | null {
  const context = recordOf(snapshot['context']);
  const mirrorId = numberOrNull(context['mirrorId']);
  return mirrorId === null ? null : { mirrorId, start: numberOrNull(context['start']), end: numberOrNull(context['end']) };
}

/** A definition that can be drawn has states; the others are promises and callbacks. */
function machineIdOf(definition: string): string {
  if (!definition.includes('"states"')) return '';
  const config: unknown = JSON.parse(definition);
  return isRecord(config) ? textOf(config['id']) : '';
}

function wordOf(message: JsonRecord): Word | null {
  const type = textOf(message['type']);
  if (type === 'plait.hello') {
    const recording = message['recording'];
    return { is: 'hello', plait: textOf(message['plait']), command: textOf(message['command']), startedAt: textOf(message['startedAt']), recording: typeof recording === 'string' ? recording : null };
  }
  if (type === 'plait.dropped') return { is: 'dropped', count: numberOrNull(message['count']) ?? 0 };
  if (type === 'plait.end') return { is: 'end', exitStatus: numberOrNull(message['exitStatus']) ?? 0 };
  if (type !== 'plait.decision') return null;
  const decision = recordOf(message['decision']);
  return { is: 'decision', decision: textOf(decision['kind']), why: textOf(decision['why']), mirrorId: numberOrNull(decision['mirrorId']), segmentId: numberOrNull(decision['segmentId']) };
}

/** Reads a message; null for what is no message, or of a type that this page does not know. @throws SyntaxError */
export function entryOf(text: string, number: number, shared: Shared): Entry | null {
  const message: unknown = JSON.parse(text);
  if (!isRecord(message)) return null;
  const atMs = numberOrNull(message['t']) ?? 0;
  const actorId = shared.text(textOf(message['sessionId']));
  const snapshot = recordOf(message['snapshot']);
  const stands = (): Pick<SnapshotEntry, 'states' | 'status' | 'place'> => ({
    states: shared.paths(statePaths(snapshot['value'])),
    status: statusOf(snapshot['status']),
    place: placeOf(snapshot),
  });
  const eventType = (): string => shared.text(textOf(recordOf(message['event'])['type']));
  switch (textOf(message['type'])) {
    case '@xstate.actor': {
      const definition = shared.text(textOf(message['definition']));
      const parentId = textOf(message['parentId']);
      return {
        kind: 'actor',
        number,
        atMs,
        actorId,
        name: textOf(message['name']),
        machineId: shared.machineId(definition),
        parentId: parentId === '' ? null : shared.text(parentId),
        address: addressOf(snapshot),
        definition,
        ...stands(),
        text,
      };
    }
    case '@xstate.snapshot':
      return { kind: 'snapshot', number, atMs, actorId, eventType: eventType(), ...stands(), taken: stepsOf(message['taken']), text };
    case '@xstate.event': {
      const sourceId = textOf(message['sourceId']);
      return { kind: 'event', number, atMs, actorId, sourceId: sourceId === '' ? null : shared.text(sourceId), eventType: eventType(), text };
    }
    case 'plait.gone':
      return { kind: 'gone', number, atMs, actorId };
    default: {
      const word = wordOf(message);
      return word === null ? null : { kind: 'word', actorId: '', number, atMs, word };
    }
  }
}
