/** Which bytes of a response's body are a lease's: where in the file the body stands, and how far the lease is written. */
const NOTHING = new Uint8Array(0);

export class BodyPlace {
  readonly #start: number;
  /** Where the lease is to stop: it only ever sinks. */
  end: number;
  writtenEnd: number;
  /** Where in the file the next body byte belongs. */
  at = 0;
  /** Where in the file the body ends; infinity while nobody knows. */
  bodyEnd = Number.POSITIVE_INFINITY;

  constructor(start: number, end: number) {
    this.#start = start;
    this.end = end;
    this.writtenEnd = start;
  }

  /** Where the lease stops: at its own end, or earlier where the body is shorter than what was asked for. */
  get stopAt(): number {
    return Math.min(this.end, this.bodyEnd);
  }

  get isThrough(): boolean {
    return this.writtenEnd >= this.stopAt;
  }

  /** Bytes until the lease stops, those included that lie before its start. */
  get wantedBytes(): number {
    return this.stopAt - this.at;
  }

  /** Whether the body goes on behind where it stands, to an end that is known. */
  get hasRest(): boolean {
    return this.at < this.bodyEnd && this.bodyEnd < Number.POSITIVE_INFINITY;
  }

  /** Whether a body of unknown length that ends where it stands is the whole file. */
  get isWholeFile(): boolean {
    return this.bodyEnd === Number.POSITIVE_INFINITY && this.at >= this.#start;
  }

  /**
   * The next body bytes: what of them is the lease's, none where all lie before its start (a whole file's beginning), and
   * what follows it.
   */
  cut(bytes: Uint8Array): { readonly own: Uint8Array; readonly rest: Uint8Array } {
    const from = Math.max(0, this.writtenEnd - this.at);
    const to = Math.min(bytes.length, this.wantedBytes);
    this.at += to;
    if (from === 0 && to === bytes.length) return { own: bytes, rest: NOTHING };
    return { own: from < to ? bytes.subarray(from, to) : NOTHING, rest: bytes.subarray(to) };
  }
}
