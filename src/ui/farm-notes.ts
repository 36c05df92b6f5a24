/** What happens in a farm, in sentences, from one view to the next. */
import type { FarmServerView, FarmView } from '../farm/farm.ts';
import { faultWords } from './draw/farm-row.ts';

/** What happened, and when, in ms since the view came up. */
export interface FarmNote {
  readonly atMs: number;
  readonly text: string;
}

function stateNote(before: FarmServerView, now: FarmServerView): string | null {
  if (before.state === now.state) return null;
  if (now.state === 'alive') return `Server ${now.index} is alive on port ${now.port}.`;
  if (now.state === 'dead') return now.trouble === null ? `Server ${now.index} is dead: it was killed.` : `Server ${now.index} is dead. ${now.trouble}`;
  return null;
}

function faultNotes(before: FarmServerView, now: FarmServerView): readonly string[] {
  const came = now.faults.filter((fault) => !before.faults.includes(fault));
  const went = before.faults.filter((fault) => !now.faults.includes(fault));
  const notes = came.map((fault) => `Server ${now.index} has a fault now: ${faultWords(fault)}.`);
  return went.length > 0 && now.faults.length === 0 && now.state === 'alive' ? [...notes, `Server ${now.index} is healed.`] : notes;
}

export function notesBetween(before: FarmView, now: FarmView): readonly string[] {
  const notes: string[] = [];
  if (before.state === 'ready' && now.state === 'serving') notes.push('The first request has come: the clock of the faults runs.');
  for (const server of now.servers) {
    const was = before.servers[server.index - 1];
    if (was === undefined || was === server) continue;
    const note = stateNote(was, server);
    if (note !== null) notes.push(note);
    notes.push(...faultNotes(was, server));
  }
  return notes;
}
