/**
 * What the machines have told since the start, as far as it is kept, and those who read it. Each message is put into
 * text once, for all readers. When the oldest are let go, what every actor was by then is remembered in their place, so
 * that a late reader still gets every actor, and its present state from what is kept.
 */
import { CHRONICLE_BYTES_MAX, CHRONICLE_GONE_MAX } from '../base/bounds.ts';
import { VERSION } from '../base/version.ts';
import type { Inspected } from '../metrics/event-tap.ts';
import { MESSAGES_VERSION } from './messages.ts';
import type { InspectMessage } from './messages.ts';
import { Teller } from './teller.ts';

/** A message as it is sent and written. */
export interface Told {
  readonly type: InspectMessage['type'];
  readonly t: number;
  /** Of the actor that it is about; null where it is about none. */
  readonly sessionId: string | null;
  /** The message as one line of JSON, without its end. */
  readonly text: string;
}

export type Reader = (told: Told) => void;

export interface ChronicleInput {
  readonly command: string;
  /** A monotonic clock, in ms. */
  readonly nowMs: () => number;
  /** The wall clock, in ms since 1970. */
  readonly wallMs: () => number;
}

/** What an actor was when the kept messages begin. */
interface Before {
  readonly actor: Told;
  readonly snapshot: Told | null;
  readonly gone: Told | null;
}

/**
 * Machines' definitions as JSON texts within JSON. They are by far the longest part of what is told, and each machine has
 * thousands of actors and one definition.
 */
const definitionTexts = new Map<string, string>();
/** What is shorter is as soon written anew: the definitions of actors that are no machines. */
const DEFINITION_KEPT_CHARS = 200;

function definitionText(definition: string): string {
  if (definition.length < DEFINITION_KEPT_CHARS) return JSON.stringify(definition);
  const text = definitionTexts.get(definition) ?? JSON.stringify(definition);
  definitionTexts.set(definition, text);
  return text;
}

function textOf(message: InspectMessage): string {
  if (message.type !== '@xstate.actor') return JSON.stringify(message);
  const { definition, ...others } = message;
  return `${JSON.stringify(others).slice(0, -1)},"definition":${definitionText(definition)}}`;
}

export const toldOf = (message: InspectMessage): Told => ({
  type: message.type,
  t: message.t,
  sessionId: 'sessionId' in message ? message.sessionId : null,
  text: textOf(message),
});

export class Chronicle {
  readonly #teller: Teller;
  readonly #hello: Told;
  readonly #readers = new Set<Reader>();
  readonly #before = new Map<string, Before>();
  /** In order; those before `#first` are let go. */
  #kept: Told[] = [];
  #first = 0;
  #keptChars = 0;
  #letGo = 0;
  #goneBefore = 0;

  constructor({ command, nowMs, wallMs }: ChronicleInput) {
    const startedAt = new Date(wallMs()).toISOString();
    this.#hello = toldOf({ type: 'plait.hello', t: 0, version: MESSAGES_VERSION, plait: VERSION, command, startedAt, recording: null });
    this.#teller = new Teller({ nowMs, wallMs, startedAtMs: nowMs(), say: (message) => this.#keep(toldOf(message)) });
  }

  /** To be given to the machines: `inspect` of `download` and of `startFarm`. */
  readonly hear = (heard: Inspected): void => this.#teller.hear(heard);

  /** The last message of all. */
  end(exitStatus: number): void {
    this.#keep(toldOf({ type: 'plait.end', t: this.#teller.t(), exitStatus }));
  }

  /** Tells `reader` the past, then whatever comes, until the function that is given back is called. */
  read(reader: Reader): () => void {
    for (const told of this.past()) reader(told);
    this.#readers.add(reader);
    return () => this.#readers.delete(reader);
  }

  /** Everything that a reader who comes now is told first. */
  past(): readonly Told[] {
    const before = [...this.#before.values()].flatMap(({ actor, snapshot, gone }) => [actor, snapshot, gone].filter((told) => told !== null));
    const kept = this.#kept.slice(this.#first);
    const dropped = this.#letGo > 0 ? [toldOf({ type: 'plait.dropped', t: kept[0]?.t ?? 0, count: this.#letGo })] : [];
    return [this.#hello, ...before.sort((a, b) => a.t - b.t), ...dropped, ...kept];
  }

  /** What a reader is told that has missed `count` messages: so many, and every live actor as it stands now. */
  afterMissing(count: number): readonly Told[] {
    return [toldOf({ type: 'plait.dropped', t: this.#teller.t(), count }), ...Array.from(this.#teller.present(), toldOf)];
  }

  #keep(told: Told): void {
    this.#kept.push(told);
    this.#keptChars += told.text.length;
    while (this.#keptChars > CHRONICLE_BYTES_MAX && this.#first < this.#kept.length - 1) this.#letGoOfFirst();
    for (const reader of this.#readers) reader(told);
  }

  #letGoOfFirst(): void {
    const told = this.#kept[this.#first];
    this.#first += 1;
    // The room of what was let go is given back in one piece, now and then.
    if (this.#first * 2 > this.#kept.length) {
      this.#kept = this.#kept.slice(this.#first);
      this.#first = 0;
    }
    if (told === undefined) return;
    this.#letGo += 1;
    this.#keptChars -= told.text.length;
    this.#rememberActor(told);
  }

  #rememberActor(told: Told): void {
    const { sessionId, type } = told;
    if (sessionId === null) return;
    const before = this.#before.get(sessionId);
    if (type === '@xstate.actor') this.#before.set(sessionId, { actor: told, snapshot: null, gone: null });
    if (before === undefined) return;
    if (type === '@xstate.snapshot') this.#before.set(sessionId, { ...before, snapshot: told });
    if (type === 'plait.gone') {
      this.#before.set(sessionId, { ...before, gone: told });
      this.#goneBefore += 1;
      if (this.#goneBefore > CHRONICLE_GONE_MAX) this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    for (const [sessionId, { gone }] of this.#before) {
      if (gone === null) continue;
      this.#before.delete(sessionId);
      this.#goneBefore -= 1;
      return;
    }
  }
}
