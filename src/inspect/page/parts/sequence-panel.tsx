/** The sequence diagram: who told whom what, in order, a row for each event. */
import { memo, useDeferredValue, useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import type { EventEntry } from '../story/entry.ts';
import { EventList, lifelinesFor, lifelinesOf } from '../story/sequence.ts';
import type { Lifelines } from '../story/sequence.ts';
import type { Story } from '../story/story.ts';
import type { World } from '../story/world.ts';
import { VirtualRows } from './virtual-rows.tsx';

const ROW_HEIGHT = 30;
const TIME_PX = 56;

interface SequencePanelProps {
  readonly story: Story;
  readonly world: World;
  readonly position: number;
  readonly chosenId: string | null;
  readonly onGoTo: (number: number) => void;
  readonly onChoose: (actorId: string) => void;
}

interface SequenceRowProps {
  readonly event: EventEntry;
  readonly lifelines: Lifelines;
  /** Name of an actor without a lifeline of its own. */
  readonly nameOf: (actorId: string | null) => string;
  readonly isLast: boolean;
  readonly onGoTo: (number: number) => void;
}

const SequenceRow = memo(function SequenceRow({ event, lifelines, nameOf, isLast, onGoTo }: SequenceRowProps): ReactNode {
  const { ids, columns } = lifelines;
  const all = ids.length + 1;
  const column = (id: string | null): number => (id === null ? -1 : (columns.get(id) ?? ids.length));
  const from = column(event.sourceId);
  const to = column(event.actorId);
  const middle = (at: number): number => (at < 0 ? 0 : ((at + 0.5) / all) * 100);
  const left = Math.min(middle(from), middle(to));
  const width = Math.abs(middle(from) - middle(to));
  const other = from === ids.length ? nameOf(event.sourceId) : to === ids.length ? nameOf(event.actorId) : '';
  // Words stand over the arrow's beginning; far to the right they would not fit, and end with it.
  const isRight = (left + width / 2) > 55;
  return (
    <div className="seq-row" data-last={isLast} onClick={() => onGoTo(event.number)} title={`Message ${event.number.toLocaleString('en')}: go to this moment`}>
      <span className="seq-time">{(event.atMs / 1_000).toFixed(3)}</span>
      <div className="seq-lines">
        {from === to ? (
          <span className="seq-self" style={{ left: `${middle(to)}%` }} data-side={isRight ? 'left' : 'right'} />
        ) : (
          <span className="seq-arrow" data-way={middle(from) < middle(to) ? 'right' : 'left'} data-outside={from < 0} style={{ left: `${left}%`, width: `${width}%` }} />
        )}
        <span className="seq-words" style={isRight ? { right: `calc(${100 - left - width}% + 7px)` } : { left: `calc(${left}% + 7px)` }}>
          {event.eventType}
          {other === '' || event.eventType.endsWith(other) ? null : <i> {other}</i>}
        </span>
      </div>
    </div>
  );
});

export function SequencePanel({ story, world, position, chosenId, onGoTo, onChoose }: SequencePanelProps): ReactNode {
  const [typed, setTyped] = useState('');
  const search = useDeferredValue(typed.trim());
  // The same lifelines are the same object, so that rows that are drawn stay as they are.
  const key = JSON.stringify(lifelinesFor(world.actors, chosenId));
  const lifelines = useMemo(() => lifelinesOf(JSON.parse(key) as string[]), [key]);
  const events = useMemo(() => new EventList(story, lifelines, search), [story, lifelines, search]);
  const count = events.countTo(position);
  const nameOf = useMemo(() => (actorId: string | null) => (actorId === null ? '' : (story.now.actors.get(actorId)?.name ?? actorId)), [story]);
  return (
    <section className="panel sequence" aria-label="Sequence of events">
      <header className="panel-head">
        <h2>Events</h2>
        <span className="quiet" data-testid="event-count">
          {count.toLocaleString('en')}
        </span>
        <input type="search" placeholder="Only events named…" aria-label="Show only events whose name contains this" value={typed} onChange={({ target }) => setTyped(target.value)} />
      </header>
      <div className="seq-heads" style={{ paddingLeft: TIME_PX }}>
        {lifelines.ids.map((id) => (
          <button key={id} type="button" className="seq-head" data-chosen={id === chosenId} onClick={() => onChoose(id)} title={`Choose ${nameOf(id)}`}>
            {nameOf(id)}
          </button>
        ))}
        <span className="seq-head quiet">others</span>
      </div>
      <div className="seq-body">
        <div className="seq-grid" style={{ left: TIME_PX }} aria-hidden="true">
          {[...lifelines.ids, 'others'].map((id) => (
            <span key={id} data-chosen={id === chosenId} />
          ))}
        </div>
        <VirtualRows
          className="seq-scroll"
          role="log"
          aria-live="off"
          aria-label="Events, oldest first"
          tabIndex={0}
          count={count}
          rowHeight={ROW_HEIGHT}
          followsEnd
          renderRow={(index) => {
            const event = events.at(index);
            return event === null ? null : <SequenceRow event={event} lifelines={lifelines} nameOf={nameOf} isLast={index === count - 1} onGoTo={onGoTo} />;
          }}
        />
        {count === 0 ? <p className="nothing">{search === '' ? 'No event so far.' : 'No event has that name.'}</p> : null}
      </div>
    </section>
  );
}
