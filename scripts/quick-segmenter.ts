/**
 * What stands for `Intl.Segmenter` in the built view. To make the first one takes 25 ms, and Ink asks for the characters of
 * every row it writes; nearly all rows are made of signs that are one character each, which needs no looking up.
 */

/**
 * Signs that never join with one another: printable ASCII, a line's end and an escape, letters of the West, what our
 * pictures are made of, and the signs that stand for rows.
 */
export const APART = /^[\n\u001B\u0020-\u007E\u00A1-\u00AC\u00AE-\u02FF\u03A3\u2010-\u2027\u2190-\u2193\u2212\u2500-\u25FF\uE000-\uF8FF]*$/u;

class SignsApart {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  containing(codeUnitIndex = 0): Intl.SegmentData | undefined {
    const segment = this.#text[codeUnitIndex];
    return segment === undefined ? undefined : { segment, index: codeUnitIndex, input: this.#text };
  }

  *[Symbol.iterator](): Generator<Intl.SegmentData> {
    const input = this.#text;
    for (let index = 0; index < input.length; index += 1) yield { segment: input.charAt(index), index, input };
  }
}

export class QuickSegmenter {
  readonly #make: () => Intl.Segmenter;
  #segmenter: Intl.Segmenter | null = null;

  constructor(locales?: string, options?: Intl.SegmenterOptions) {
    const { Segmenter } = Intl;
    this.#make = () => new Segmenter(locales, options);
  }

  /** Characters as people see them, of either kind; nobody here asks for words. */
  segment(text: string): SignsApart | Intl.Segments {
    if (APART.test(text)) return new SignsApart(text);
    this.#segmenter ??= this.#make();
    return this.#segmenter.segment(text);
  }
}
