/** Where as many say one thing as another only a try can tell: which versions of the file are tried, in which order. Pure. */
import { SEARCH_COMBINATIONS_MAX } from '../../base/bounds.ts';
import { isSettled, signatureOf, wordsOn } from './search.ts';
import type { Decided, Search } from './search.ts';

export interface NextTry {
  readonly decided: readonly Decided[];
  /** Who is held to lie in it; null where it is not one alone. */
  readonly suspectId: number | null;
}

const hashesOf = (tie: Decided): readonly string[] => [...new Set(wordsOn(tie).values())];

/** Of every tie the other version than this mirror's. */
const against = (mirrorId: (tie: Decided) => number, decided: readonly Decided[]): readonly Decided[] =>
  decided.map((each) => {
    const word = wordsOn(each).get(mirrorId(each));
    return each.isTie && word === each.rightHash ? { ...each, rightHash: hashesOf(each).find((hash) => hash !== word) ?? each.rightHash } : each;
  });

/** Every combination of what was said at the ties, where there are few. */
function combinations(decided: readonly Decided[]): readonly (readonly Decided[])[] {
  const count = decided.reduce((product, each) => product * (each.isTie ? hashesOf(each).length : 1), 1);
  if (count > SEARCH_COMBINATIONS_MAX) return [];
  let found: readonly (readonly Decided[])[] = [[]];
  for (const each of decided) {
    const versions = each.isTie ? hashesOf(each).map((rightHash) => ({ ...each, rightHash })) : [each];
    found = found.flatMap((before) => versions.map((version) => [...before, version]));
  }
  return found;
}

/**
 * The next version to try: first of the two who differed first the one lies everywhere, then the other. When everything
 * has been looked at, each of the others does, or all who gave something, or whoever it takes.
 */
export function nextTry({ decided, todo, tried }: Search): NextTry | null {
  const ties = decided.filter(({ isTie }) => isTie);
  const [first] = ties;
  if (first === undefined) return null;
  const suspects = new Set(todo.length > 0 ? wordsOn(first).keys() : ties.flatMap((tie) => [...wordsOn(tie).keys()]));
  const isNew = (version: readonly Decided[]): boolean => !tried.has(signatureOf(version));
  for (const suspectId of suspects) {
    const version = against(() => suspectId, decided);
    if (isNew(version)) return { decided: version, suspectId };
  }
  if (todo.length > 0) return null;
  const version = [against(({ giverId }) => giverId, decided), ...combinations(decided)].find(isNew);
  return version === undefined ? null : { decided: version, suspectId: null };
}

/** Nothing is left to learn, and nothing to try. */
export const isExhausted = (search: Search): boolean => isSettled(search) && search.todo.length === 0 && search.untried.length === 0 && nextTry(search) === null;
