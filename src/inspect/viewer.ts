/**
 * One viewer on a web socket. It gets the past, then the present, in frames of several messages; and it can never hold
 * anybody up: what it does not read in time it misses, and is told so.
 */
import type { WebSocket } from 'ws';
import { VIEWER_BUFFER_BYTES_MAX, VIEWER_FRAME_MS } from '../base/bounds.ts';
import type { Chronicle, Told } from './chronicle.ts';

/** What a viewer understands: all of it, several messages a frame; or what Stately's inspector does, one a frame. */
export type Dialect = 'plait' | 'stately';

export class Viewer {
  readonly #socket: WebSocket;
  readonly #chronicle: Chronicle;
  readonly #dialect: Dialect;
  readonly #stopReading: () => void;
  #frame: string[] = [];
  /** How many messages it has missed since it fell behind; null while it keeps up. */
  #missed: number | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(socket: WebSocket, chronicle: Chronicle, dialect: Dialect) {
    this.#socket = socket;
    this.#chronicle = chronicle;
    this.#dialect = dialect;
    this.#stopReading = chronicle.read((told) => this.#hear(told));
    this.#send();
  }

  /** It has gone. */
  readonly leave = (): void => {
    this.#stopReading();
    clearTimeout(this.#timer);
  };

  #hear(told: Told): void {
    if (told.type === 'plait.end') return this.#sayLast(told);
    if (this.#missed !== null) {
      this.#missed += 1;
      return;
    }
    this.#add(told);
    this.#timer ??= setTimeout(() => this.#send(), VIEWER_FRAME_MS);
  }

  #add(told: Told): void {
    if (this.#dialect === 'plait' || told.type.startsWith('@xstate.')) this.#frame.push(told.text);
  }

  /** Nothing follows, so nothing may be put off. */
  #sayLast(end: Told): void {
    if (this.#missed !== null) this.#tellMissed(this.#missed);
    this.#add(end);
    this.#write();
  }

  #send(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#write();
    // Once too much waits for it, it misses what comes, until it has read most of that.
    const isBehind = this.#socket.bufferedAmount > (this.#missed === null ? VIEWER_BUFFER_BYTES_MAX : VIEWER_BUFFER_BYTES_MAX / 2);
    if (isBehind) {
      this.#missed ??= 0;
      this.#timer = setTimeout(() => this.#send(), VIEWER_FRAME_MS);
      return;
    }
    if (this.#missed === null) return;
    if (this.#missed > 0) this.#tellMissed(this.#missed);
    this.#missed = null;
    this.#write();
  }

  #tellMissed(count: number): void {
    for (const told of this.#chronicle.afterMissing(count)) this.#add(told);
  }

  #write(): void {
    const texts = this.#frame;
    this.#frame = [];
    if (texts.length === 0 || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#dialect === 'plait') this.#socket.send(texts.join('\n'));
    else for (const text of texts) this.#socket.send(text);
  }
}
