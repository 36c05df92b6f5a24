/**
 * How finished rows get through Ink. Ink takes what it is given apart into cells and puts them together again, ten times
 * a second, changed or not: that cost more than all the rest of the view. So a row passes through it as one sign, and
 * the paint takes the sign's place on the way out. Ink lays out, compares and writes as always; it only sees short lines.
 */
import type { Writable } from 'node:stream';

/** Unicode's first private area: each sign takes one column, and what Ink is given holds no others. */
const FIRST_SIGN = 0xe0_00;
const LAST_SIGN = 0xf8_ff;
const SIGNS = /([\u{E000}-\u{F8FF}])( *)/gu;

/** A row's paint, and the columns it takes. */
export interface Painted {
  readonly text: string;
  readonly columns: number;
}

const BLANK: Painted = { text: '', columns: 0 };

/** A row's two signs take turns. The one that was written last keeps its paint: Ink writes a line again only where it has changed. */
interface RowSigns {
  readonly signs: readonly [string, string];
  written: string;
  standing: string;
}

/** The rows of one part of the screen. */
export interface SignBlock {
  readonly rows: RowSigns[];
}

export class SignBook {
  readonly #paints = new Map<string, { readonly owner: RowSigns; readonly painted: Painted }>();
  readonly #free: RowSigns[] = [];
  #next = FIRST_SIGN;

  /**
   * The signs that stand for a part of `height` rows, a line each. Empty rows have theirs, too: where Ink writes only what
   * has changed behind a sign, it takes the sign for one column, and would wipe the paint off if the next came and went.
   */
  signsFor(block: SignBlock, rows: readonly Painted[], height: number): string {
    while (block.rows.length < height) block.rows.push(this.#take());
    return block.rows.slice(0, height).map((row, at) => this.#signFor(row, rows[at] ?? BLANK)).join('\n');
  }

  /** The part has gone; its signs are for the next one that comes. */
  giveBack(block: SignBlock): void {
    this.#free.push(...block.rows.splice(0));
  }

  /** There are more signs than any screen has rows. */
  #take(): RowSigns {
    const freed = this.#free.pop();
    if (freed !== undefined) {
      // Whatever stood there is another part's: nothing of it is what this one has, however alike.
      for (const sign of freed.signs) this.#paints.delete(sign);
      return freed;
    }
    if (this.#next >= LAST_SIGN) throw new RangeError('A screen cannot have so many rows.');
    const signs = [String.fromCharCode(this.#next), String.fromCharCode(this.#next + 1)] as const;
    this.#next += 2;
    return { signs, written: signs[1], standing: signs[0] };
  }

  #signFor(row: RowSigns, painted: Painted): string {
    if (this.#paints.get(row.standing)?.painted.text === painted.text) return row.standing;
    row.standing = row.signs[0] === row.written ? row.signs[1] : row.signs[0];
    this.#paints.set(row.standing, { owner: row, painted });
    return row.standing;
  }

  /** What Ink writes, with the paint in the signs' places. */
  unveiled(text: string): string {
    return text.replace(SIGNS, (found, sign: string, blanks: string) => {
      const entry = this.#paints.get(sign);
      if (entry === undefined) return found;
      entry.owner.written = sign;
      // The blanks up to the next sign were laid out for a sign of one column.
      return entry.painted.text + ' '.repeat(blanks === '' ? 0 : Math.max(0, blanks.length + 1 - entry.painted.columns));
    });
  }

  /** The terminal as Ink is to see it: what is written to it is unveiled. */
  over(stdout: Writable): Writable {
    return new Proxy(stdout, {
      get: (target, name) => {
        if (name === 'write') return (chunk: unknown, ...rest: readonly []) => target.write(typeof chunk === 'string' ? this.unveiled(chunk) : chunk, ...rest);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}
