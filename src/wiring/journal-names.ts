/** What the journal calls each mirror, and what an earlier run's journal says in terms of today's. */
import { createHash } from 'node:crypto';
import type { RecoveredWork } from '../machines/rulings/on-course.ts';
import type { Recovered } from '../store/store.ts';

interface NamedMirror {
  readonly href: string;
  /** Redacted. */
  readonly url: string;
}

/**
 * 12 bits of the query's hash: enough to tell a few mirrors apart, and too few to tell the query, which may be a secret:
 * of a million guesses 244 fit.
 */
const markOf = ({ href, url }: NamedMirror): string => createHash('sha256').update(`${url}${new URL(href).search}`).digest('hex').slice(0, 3);

/** The mirrors' names by their numbers: the redacted URL, and where several have the same one, a mark of the query with it. */
export function journalNames(mirrors: ReadonlyMap<number, NamedMirror>): Map<number, string> {
  const counts = new Map<string, number>();
  for (const { url } of mirrors.values()) counts.set(url, (counts.get(url) ?? 0) + 1);
  return new Map([...mirrors].map(([mirrorId, mirror]) => [mirrorId, counts.get(mirror.url) === 1 ? mirror.url : `${mirror.url}#${markOf(mirror)}`]));
}

/** Bytes of those who are not among today's mirrors are nobody's, and are compared as such. */
export function recoveredWork(recovered: Recovered, names: ReadonlyMap<number, string>): RecoveredWork {
  const known = new Map([...names].map(([mirrorId, name]) => [name, mirrorId]));
  const runs = recovered.runs.map(({ start, end, url }) => ({ start, end, mirrorId: known.get(url) ?? 0 }));
  // Of what nobody had judged, nothing can be shown any more without its mirror.
  const provisional = recovered.provisional.flatMap(({ start, end, url }) => {
    const mirrorId = known.get(url);
    return mirrorId === undefined ? [] : [{ start, end, mirrorId }];
  });
  return { totalBytes: recovered.totalBytes, runs, provisional, unread: recovered.unread };
}
