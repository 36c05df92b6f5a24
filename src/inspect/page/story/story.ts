/**
 * Everything that was received, bounded, and how the actors stood after any message of it. Messages lie in chunks, each
 * with the world before its first: a checkpoint. Stepping back is a short fold from the nearest one.
 */
import { Bars } from './bars.ts';
import { entryOf, Shared } from './entry.ts';
import type { Entry, EventEntry, Word, WordEntry } from './entry.ts';
import { CHUNK_ENTRIES, ENTRIES_MAX, TEXT_MAX, WORDS_MAX } from './limits.ts';
import { copyOf, newWorld, take } from './world.ts';
import type { World } from './world.ts';

interface Chunk {
  readonly firstNumber: number;
  /** How everything stood before its first message. */
  readonly before: World;
  readonly entries: Entry[];
  /** Characters of its messages. */
  textLength: number;
}

export interface StoryLimits {
  readonly entries: number;
  readonly text: number;
  readonly chunk: number;
}

const LIMITS: StoryLimits = { entries: ENTRIES_MAX, text: TEXT_MAX, chunk: CHUNK_ENTRIES };

export class Story {
  /** How everything stands now. */
  readonly now: World = newWorld();
  readonly bars = new Bars();
  /** What was said beside the actors' messages, oldest first. */
  readonly words: WordEntry[] = [];
  /** Who speaks; null before the first message. */
  hello: Extract<Word, { is: 'hello' }> | null = null;
  /** How the command ended; null while it has not. */
  end: Extract<Word, { is: 'end' }> | null = null;
  /** Lines that were no message: a recording that was cut ends in one. */
  unreadable = 0;
  /** Messages that somebody before this page had to drop. */
  dropped = 0;
  readonly #limits: StoryLimits;
  readonly #shared = new Shared();
  readonly #chunks: Chunk[] = [];
  #count = 0;
  #textLength = 0;

  constructor(limits: StoryLimits = LIMITS) {
    this.#limits = limits;
  }

  /** The number of the last message; 0 before the first. */
  get last(): number {
    return this.now.number;
  }

  /** The number of the first message that is still kept. */
  get first(): number {
    return this.#chunks[0]?.firstNumber ?? 1;
  }

  /** Takes a line of the stream in. */
  add(text: string): void {
    const entry = this.#read(text);
    if (entry === null) return;
    this.#chunkFor(entry, text.length).entries.push(entry);
    this.#count += 1;
    this.#textLength += text.length;
    take(this.now, entry);
    this.bars.take(entry, this.now.actors.get(entry.actorId));
    if (entry.kind === 'word') this.#hear(entry);
    this.#letGo();
  }

  #read(text: string): Entry | null {
    try {
      return entryOf(text, this.last + 1, this.#shared);
    } catch {
      this.unreadable += 1;
      return null;
    }
  }

  #chunkFor(entry: Entry, textLength: number): Chunk {
    const open = this.#chunks.at(-1);
    if (open !== undefined && open.entries.length < this.#limits.chunk) {
      open.textLength += textLength;
      return open;
    }
    const chunk = { firstNumber: entry.number, before: copyOf(this.now), entries: [], textLength };
    this.#chunks.push(chunk);
    return chunk;
  }

  #hear(entry: WordEntry): void {
    this.words.push(entry);
    if (this.words.length > WORDS_MAX) this.words.shift();
    const { word } = entry;
    if (word.is === 'dropped') this.dropped += word.count;
    else if (word.is === 'hello') this.hello = word;
    else if (word.is === 'end') this.end = word;
  }

  #letGo(): void {
    while (this.#chunks.length > 1 && (this.#count > this.#limits.entries || this.#textLength > this.#limits.text)) {
      const oldest = this.#chunks.shift();
      if (oldest === undefined) return;
      this.#count -= oldest.entries.length;
      this.#textLength -= oldest.textLength;
    }
  }

  #chunkOf(number: number): Chunk | undefined {
    const first = this.#chunks[0];
    // All chunks but the last are full, so that a number tells its chunk.
    return first === undefined ? undefined : this.#chunks[Math.floor((number - first.firstNumber) / this.#limits.chunk)];
  }

  /** A message by its number; undefined where it is no longer kept, or not there yet. */
  entry(number: number): Entry | undefined {
    const chunk = this.#chunkOf(number);
    return chunk?.entries[number - chunk.firstNumber];
  }

  /** The number of the last message at this time or before it. */
  numberAt(atMs: number): number {
    let low = this.first;
    let high = this.last;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.entry(middle)?.atMs ?? 0) <= atMs) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** How everything stood after message `number`: of a place no longer kept, as near as can be told. */
  worldAt(number: number): World {
    if (number >= this.last) return this.now;
    const kept = Math.max(number, this.first - 1);
    const chunk = this.#chunkOf(Math.max(kept, this.first));
    if (chunk === undefined) return newWorld();
    const world = copyOf(chunk.before);
    for (const entry of chunk.entries) {
      if (entry.number > kept) break;
      take(world, entry);
    }
    return world;
  }

  /** Calls back with every event that is kept and comes after message `after`, oldest first. */
  forEachEvent(after: number, call: (event: EventEntry) => void): void {
    for (const chunk of this.#chunks) {
      if (chunk.firstNumber + chunk.entries.length <= after) continue;
      for (const entry of chunk.entries) if (entry.number > after && entry.kind === 'event') call(entry);
    }
  }
}
