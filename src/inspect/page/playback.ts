/**
 * What the page knows and what its user has chosen: the story, the position in it, the chosen actor. Panels are drawn
 * from it; it tells them at most once a picture that something is new.
 */
import { Story } from './story/story.ts';
import { ENTRIES_PER_FRAME } from './story/limits.ts';
import { sameStates } from './story/world.ts';
import type { ActorRow, World } from './story/world.ts';

export type Link = 'connecting' | 'open' | 'closed';

/** What a panel is drawn from. A new one for every picture on which something is new. */
export interface Shown {
  readonly link: Link;
  /** The number of the message as of which everything is shown. */
  readonly position: number;
  /** Whether the position goes with the newest message. */
  readonly isFollowing: boolean;
  readonly isPlaying: boolean;
  readonly speed: number;
  readonly first: number;
  readonly last: number;
  readonly world: World;
  readonly chosenId: string | null;
  /** Lines that have come and are not taken in yet. */
  readonly waiting: number;
}

export const SPEEDS = [0.25, 1, 4, 16] as const;

export class Playback {
  readonly story = new Story();
  #link: Link = 'connecting';
  #position: number | null = null;
  #isPlaying = false;
  #speed = 1;
  #chosenId: string | null = null;
  /** While it plays: the time in the story, between two messages. */
  #playedMs = 0;
  #queue: string[] = [];
  #taken = 0;
  #shown: Shown;
  #isDue = false;
  #drawnAtMs: number | null = null;
  readonly #listeners = new Set<() => void>();

  constructor() {
    this.#shown = this.#look();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly shown = (): Shown => this.#shown;

  /** Lines of the stream. They are taken in a few thousand a picture; of a page that nobody sees, at once. */
  receive(lines: readonly string[]): void {
    for (const line of lines) if (line !== '') this.#queue.push(line);
    if (document.hidden) {
      this.#takeIn(Infinity);
      this.#tell();
    } else this.#plan();
  }

  connected(link: Link): void {
    this.#link = link;
    this.#plan();
  }

  choose(actorId: string | null): void {
    this.#chosenId = actorId;
    this.#plan();
  }

  /** Shows everything as of a message. */
  goTo(number: number): void {
    this.#isPlaying = false;
    this.#position = Math.max(this.story.first, Math.min(number, this.story.last));
    this.#plan();
  }

  step(by: number): void {
    this.goTo(this.#shown.position + by);
  }

  /** The next message, or the one before, at which the chosen actor changed its state. */
  stepToChange(direction: 1 | -1): void {
    const { position, chosenId, world } = this.#shown;
    const row = chosenId === null ? undefined : world.actors.get(chosenId);
    if (row === undefined) return;
    const number = direction === 1 ? this.#changeAfter(position, row) : this.#changeBefore(position, row);
    if (number !== undefined) this.goTo(number);
  }

  #changeBefore(position: number, row: ActorRow): number | undefined {
    return row.change.number < position ? row.change.number : this.story.worldAt(position - 1).actors.get(row.id)?.change.number;
  }

  #changeAfter(position: number, row: ActorRow): number | undefined {
    for (let number = position + 1; number <= this.story.last; number += 1) {
      const entry = this.story.entry(number);
      if (entry?.kind === 'snapshot' && entry.actorId === row.id && !sameStates(entry.states, row.states)) return number;
    }
    return undefined;
  }

  /** Goes with the newest message again. */
  follow(): void {
    this.#isPlaying = false;
    this.#position = null;
    this.#plan();
  }

  /** Stops where it is, or goes on: with what happens where it was following, else from where it stands. */
  togglePlay(): void {
    const { position, isFollowing, isPlaying, last } = this.#shown;
    if (isPlaying) this.goTo(position);
    else if (isFollowing && this.#link === 'open') this.goTo(last);
    else {
      // At the end it begins again, as every player does.
      this.#position = position >= last ? this.story.first : position;
      this.#playedMs = this.story.entry(this.#position)?.atMs ?? 0;
      this.#isPlaying = true;
      this.#plan();
    }
  }

  setSpeed(speed: number): void {
    this.#speed = speed;
    this.#plan();
  }

  #takeIn(most: number): void {
    const end = Math.min(this.#queue.length, this.#taken + most);
    for (; this.#taken < end; this.#taken += 1) this.story.add(this.#queue[this.#taken] ?? '');
    if (this.#taken < this.#queue.length) return;
    this.#queue = [];
    this.#taken = 0;
  }

  #play(passedMs: number): void {
    this.#playedMs += passedMs * this.#speed;
    let position = this.#position ?? this.story.last;
    for (let next = this.story.entry(position + 1); next !== undefined && next.atMs <= this.#playedMs; next = this.story.entry(position + 1)) position += 1;
    this.#position = position;
    if (position >= this.story.last) {
      this.#isPlaying = false;
      if (this.#link === 'open') this.#position = null;
    }
  }

  #plan(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame((atMs) => {
      this.#isDue = false;
      this.#takeIn(ENTRIES_PER_FRAME);
      if (this.#isPlaying) this.#play(this.#drawnAtMs === null ? 0 : atMs - this.#drawnAtMs);
      this.#drawnAtMs = this.#isPlaying ? atMs : null;
      this.#tell();
      if (this.#isPlaying || this.#queue.length > 0) this.#plan();
    });
  }

  #tell(): void {
    this.#shown = this.#look();
    for (const listener of this.#listeners) listener();
  }

  #look(): Shown {
    const { first, last } = this.story;
    const position = Math.min(Math.max(this.#position ?? last, first - 1), last);
    // The present world changes in place: another object tells a panel that it has.
    const world = { ...this.story.worldAt(position) };
    // Before anybody has chosen, the first machine is shown.
    const chosenId = this.#chosenId ?? [...world.actors.values()].find(({ machineId }) => machineId !== '')?.id ?? null;
    return {
      link: this.#link,
      position,
      isFollowing: this.#position === null,
      isPlaying: this.#isPlaying,
      speed: this.#speed,
      first,
      last,
      world,
      chosenId,
      waiting: this.#queue.length - this.#taken,
    };
  }
}
