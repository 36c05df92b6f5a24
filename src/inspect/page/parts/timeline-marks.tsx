/** Decisions over the timeline: a mark each, and its words where there is room for them. */
import type { ReactNode } from 'react';
import type { WordEntry } from '../story/entry.ts';
import { counted } from '../story/times.ts';

const TROUBLE = /lost|retired|quarantined|refused|refuted|disk-full|started-over|stopping/u;
const GOOD = /returned|admitted|resumed|went-on|size-known/u;
/** Words of a decision that are shown beside its mark; the whole sentence is its title. */
const WORDS_PX = 6.1;
const NEAREST_PX = 9;

export interface ShownWord {
  readonly entry: WordEntry;
  readonly text: string;
  readonly tone: 'trouble' | 'good' | 'ready';
  readonly x: number;
  /** How much room its words have; 0 for none. */
  readonly room: number;
}

function wordsOf({ word }: WordEntry): { readonly text: string; readonly tone: ShownWord['tone'] } | null {
  if (word.is === 'decision') return { text: word.why === '' ? word.decision : word.why, tone: TROUBLE.test(word.decision) ? 'trouble' : GOOD.test(word.decision) ? 'good' : 'ready' };
  if (word.is === 'dropped') return { text: `${counted(word.count, 'message')} missing`, tone: 'trouble' };
  if (word.is === 'end') return { text: `ended with exit status ${word.exitStatus}`, tone: word.exitStatus === 0 ? 'good' : 'trouble' };
  return null;
}

/** The marks that fit side by side; where two would meet, trouble is kept, else the later. */
export function shownWords(words: readonly WordEntry[], xOf: (atMs: number) => number, widthPx: number): readonly ShownWord[] {
  const marks: ShownWord[] = [];
  for (const entry of words) {
    const said = wordsOf(entry);
    const x = xOf(entry.atMs);
    if (said === null || x < -1 || x > widthPx + 1) continue;
    const before = marks.at(-1);
    if (before !== undefined && x - before.x < NEAREST_PX) {
      if (before.tone === 'trouble' && said.tone !== 'trouble') continue;
      marks.pop();
    }
    marks.push({ entry, ...said, x, room: 0 });
  }
  return marks.map((mark, index) => {
    const room = (marks[index + 1]?.x ?? widthPx) - mark.x - 12;
    return { ...mark, room: room < 40 ? 0 : Math.min(room, mark.text.length * WORDS_PX + 8) };
  });
}

interface TimelineMarksProps {
  readonly marks: readonly ShownWord[];
  readonly position: number;
  readonly onGoTo: (number: number) => void;
}

export const TimelineMarks = ({ marks, position, onGoTo }: TimelineMarksProps): ReactNode => (
  <div className="marks" role="group" aria-label="Decisions">
    {marks.map(({ entry, text, tone, x, room }) => (
      <button
        key={entry.number}
        type="button"
        className="mark"
        data-tone={tone}
        data-later={entry.number > position}
        style={{ left: x }}
        title={`${(entry.atMs / 1_000).toFixed(2)} s: ${text}`}
        aria-label={`${(entry.atMs / 1_000).toFixed(2)} seconds: ${text}`}
        onClick={() => onGoTo(entry.number)}
      >
        <span className="flag" />
        {room === 0 ? null : (
          <span className="mark-words" style={{ width: room }}>
            {text}
          </span>
        )}
      </button>
    ))}
  </div>
);
