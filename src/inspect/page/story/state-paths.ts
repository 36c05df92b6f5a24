import { isRecord } from './json.ts';

/** A state's value as xstate writes it, as the paths of its innermost states: `{leased: 'draining'}` is `leased.draining`. */
export function statePaths(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const paths = statePaths(inner);
    return paths.length === 0 ? [key] : paths.map((path) => `${key}.${path}`);
  });
}

/** The innermost name of a path: what people are shown. */
export const leafOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1);

/** Whether a path is the given state or lies in it. The machine itself is ''. */
export const isWithin = (path: string, outer: string): boolean => outer === '' || path === outer || path.startsWith(`${outer}.`);
