/** The tree of actors: searched, filtered, walked with the arrow keys. */
import { memo, useMemo, useState } from 'react';
import type { KeyboardEvent, ReactNode, Ref } from 'react';
import { shownState, stateCounts, treeRows, turnedOver, unfoldedFor } from '../story/tree.ts';
import type { TreeRow } from '../story/tree.ts';
import { walked } from '../story/walk.ts';
import { hasEnded } from '../story/world.ts';
import type { World } from '../story/world.ts';
import { StateChip } from './state-chip.tsx';
import { VirtualRows } from './virtual-rows.tsx';
import { toneOf } from '../story/tones.ts';

const ROW_HEIGHT = 26;
/** States offered as filters; the rarest of more would only be noise. */
const FILTERS_MAX = 10;

/** Where in the tree its user is. */
interface Walk {
  /** Folds that were turned over. */
  readonly turned: ReadonlySet<string>;
  /** The row that the keys are at. */
  readonly activeKey: string | null;
  /** For which actor the folds were last seen to. */
  readonly chosenId: string | null;
}

interface ActorTreeProps {
  readonly world: World;
  readonly chosenId: string | null;
  readonly onChoose: (actorId: string) => void;
  readonly searchRef: Ref<HTMLInputElement>;
  readonly treeRef: Ref<HTMLDivElement>;
}

const rowId = (key: string): string => `row-${key}`;

const Row = memo(function Row({ row, isChosen, isActive, onPick }: { readonly row: TreeRow; readonly isChosen: boolean; readonly isActive: boolean; readonly onPick: (row: TreeRow, turn: boolean) => void }): ReactNode {
  const { actor, level, label, count, isOpen } = row;
  return (
    <div
      id={rowId(row.key)}
      role="treeitem"
      aria-level={level}
      aria-selected={isChosen}
      aria-expanded={isOpen ?? undefined}
      className="tree-row"
      data-chosen={isChosen}
      data-active={isActive}
      data-ended={actor !== null && hasEnded(actor)}
      data-group={actor === null}
      style={{ paddingLeft: 6 + (level - 1) * 14 }}
      onClick={() => onPick(row, actor === null)}
    >
      <span
        className="twist"
        data-open={isOpen}
        aria-hidden="true"
        onClick={(event) => {
          event.stopPropagation();
          onPick(row, true);
        }}
      />
      <span className="tree-name">{label}</span>
      {actor === null ? <span className="tree-count">{count.toLocaleString('en')}</span> : <TreeState row={row} />}
    </div>
  );
});

function TreeState({ row: { actor } }: { readonly row: TreeRow }): ReactNode {
  if (actor === null) return null;
  return (
    <>
      {actor.address === '' ? null : (
        <span className="tree-address" title={actor.address}>
          {actor.address.replace(/^(?:127\.0\.0\.1|localhost|\[::1\])(?=:)/u, '')}
        </span>
      )}
      <StateChip state={shownState(actor)} />
    </>
  );
}

export function ActorTree({ world, chosenId, onChoose, searchRef, treeRef }: ActorTreeProps): ReactNode {
  const [search, setSearch] = useState('');
  const [states, setStates] = useState<ReadonlySet<string>>(new Set());
  const [walk, setWalk] = useState<Walk>({ turned: new Set(), activeKey: null, chosenId: null });
  // Chosen elsewhere, an actor may lie folded away.
  if (chosenId !== walk.chosenId) setWalk({ turned: chosenId === null ? walk.turned : unfoldedFor(world.actors, chosenId, walk.turned), activeKey: chosenId, chosenId });
  const rows = useMemo(() => treeRows(world.actors, { turned: walk.turned, search, states }), [world, walk.turned, search, states]);
  const counts = useMemo(() => stateCounts(world.actors.values()), [world]);
  const activeIndex = rows.findIndex(({ key }) => key === walk.activeKey);

  const pick = (row: TreeRow, turn: boolean): void => {
    const isFold = turn && row.isOpen !== null;
    setWalk((before) => ({ ...before, activeKey: row.key, turned: isFold ? turnedOver(before.turned, row.key) : before.turned }));
    if (!isFold && row.actor !== null) onChoose(row.actor.id);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') {
      const row = rows[activeIndex];
      if (row !== undefined) pick(row, row.actor === null);
    } else {
      const step = walked(rows, activeIndex, event.key);
      const row = step === null ? undefined : rows[step.to];
      if (step === null || row === undefined) return;
      pick(row, step.turn);
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section className="panel actors" aria-label="Actors">
      <header className="panel-head">
        <h2>Actors</h2>
        <span className="quiet">{world.actors.size.toLocaleString('en')}</span>
        <input ref={searchRef} type="search" placeholder="Search  /" aria-label="Search actors by name or state" value={search} onChange={({ target }) => setSearch(target.value)} />
      </header>
      <div className="filters" role="group" aria-label="Show only actors in these states">
        {counts.slice(0, FILTERS_MAX).map(([state, count]) => (
          <button key={state} type="button" className="chip filter" data-tone={toneOf(state)} aria-pressed={states.has(state)} onClick={() => setStates((before) => turnedOver(before, state))}>
            {state} <b>{count.toLocaleString('en')}</b>
          </button>
        ))}
      </div>
      <div
        ref={treeRef}
        className="tree"
        role="tree"
        tabIndex={0}
        aria-label="Actors, each with its state"
        aria-activedescendant={activeIndex < 0 ? undefined : rowId(rows[activeIndex]?.key ?? '')}
        onKeyDown={press}
      >
        <VirtualRows
          className="tree-scroll"
          role="presentation"
          count={rows.length}
          rowHeight={ROW_HEIGHT}
          seen={activeIndex}
          renderRow={(index) => {
            const row = rows[index];
            return row === undefined ? null : <Row row={row} isChosen={row.key === chosenId} isActive={index === activeIndex} onPick={pick} />;
          }}
        />
        {rows.length === 0 ? <p className="nothing">{search === '' && states.size === 0 ? 'No actor has been heard of yet.' : 'No actor fits.'}</p> : null}
      </div>
    </section>
  );
}
