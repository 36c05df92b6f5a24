/**
 * `text` without the characters at its end that `unwanted` matches. A loop from the end, because a regular expression
 * for it tries anew at every such character in the midst of the text: quadratic work on text that others have chosen.
 * @param unwanted matches one character of one code unit, and is not global.
 */
export function withoutTrailing(text: string, unwanted: RegExp): string {
  let end = text.length;
  while (end > 0 && unwanted.test(text.charAt(end - 1))) end -= 1;
  return text.slice(0, end);
}
