/** What the chosen actor knows at the shown moment: a tree that is walked with the arrow keys. */
import { useMemo, useState } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import { contextOf, contextRows } from '../story/context-rows.ts';
import type { ContextRow } from '../story/context-rows.ts';
import { turnedOver } from '../story/tree.ts';
import { walked } from '../story/walk.ts';
import type { ActorRow } from '../story/world.ts';
import { VirtualRows } from './virtual-rows.tsx';

const ROW_HEIGHT = 20;

interface Walk {
  /** Folds that were turned over. */
  readonly turned: ReadonlySet<string>;
  /** The row that the keys are at. */
  readonly activePath: string | null;
}

const rowId = (path: string): string => `knows-${path}`;

function Row({ line, isActive, onPick }: { readonly line: ContextRow; readonly isActive: boolean; readonly onPick: () => void }): ReactNode {
  const { path, level, key, text, kind, isOpen } = line;
  return (
    <div
      id={rowId(path)}
      className="context-row"
      role="treeitem"
      aria-level={level}
      aria-expanded={isOpen ?? undefined}
      data-active={isActive}
      data-fold={isOpen !== null}
      style={{ paddingLeft: 10 + (level - 1) * 14 }}
      onClick={onPick}
    >
      <span className="context-key">
        {isOpen === null ? null : <span className="twist" data-open={isOpen} aria-hidden="true" />}
        {key}
      </span>
      <span className="context-value" data-kind={kind} title={text}>
        {text}
      </span>
    </div>
  );
}

export function ContextPanel({ row }: { readonly row: ActorRow | null }): ReactNode {
  const [{ turned, activePath }, setWalk] = useState<Walk>({ turned: new Set(), activePath: null });
  const text = row?.snapshotText ?? 'null';
  const context = useMemo(() => contextOf(text), [text]);
  const rows = useMemo(() => contextRows(context, turned), [context, turned]);
  const activeIndex = rows.findIndex(({ path }) => path === activePath);

  const pick = ({ path, isOpen }: ContextRow, turn: boolean): void =>
    setWalk((before) => ({ activePath: path, turned: turn && isOpen !== null ? turnedOver(before.turned, path) : before.turned }));
  const press = (event: KeyboardEvent): void => {
    const isTurn = event.key === 'Enter' || event.key === ' ';
    const step = isTurn ? { to: activeIndex, turn: true } : walked(rows, activeIndex, event.key);
    const line = step === null ? undefined : rows[step.to];
    if (step === null || line === undefined) return;
    pick(line, step.turn);
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <section className="panel context" aria-label="What the actor knows">
      <header className="panel-head">
        <h2>What it knows</h2>
        <span className="quiet">{row === null ? '' : row.name}</span>
      </header>
      {rows.length === 0 ? <p className="nothing">{row === null ? 'Nothing, at this moment.' : 'Nothing: it has no context.'}</p> : null}
      <VirtualRows
        className="context-rows"
        role="tree"
        tabIndex={0}
        aria-label="The actor’s context"
        aria-activedescendant={activePath === null || activeIndex < 0 ? undefined : rowId(activePath)}
        onKeyDown={press}
        count={rows.length}
        rowHeight={ROW_HEIGHT}
        seen={activeIndex}
        renderRow={(index) => {
          const line = rows[index];
          return line === undefined ? null : <Row line={line} isActive={index === activeIndex} onPick={() => pick(line, true)} />;
        }}
      />
    </section>
  );
}
