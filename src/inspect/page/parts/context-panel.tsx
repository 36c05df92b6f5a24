/** What the chosen actor knows at the shown moment. */
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { contextOf, contextRows } from '../story/context-rows.ts';
import { turnedOver } from '../story/tree.ts';
import type { ActorRow } from '../story/world.ts';
import { VirtualRows } from './virtual-rows.tsx';

const ROW_HEIGHT = 20;

export function ContextPanel({ row }: { readonly row: ActorRow | null }): ReactNode {
  const [turned, setTurned] = useState<ReadonlySet<string>>(new Set());
  const text = row?.snapshotText ?? 'null';
  const context = useMemo(() => contextOf(text), [text]);
  const rows = useMemo(() => contextRows(context, turned), [context, turned]);
  return (
    <section className="panel context" aria-label="What the actor knows">
      <header className="panel-head">
        <h2>What it knows</h2>
        <span className="quiet">{row === null ? '' : row.name}</span>
      </header>
      {rows.length === 0 ? <p className="nothing">{row === null ? 'Nothing, at this moment.' : 'Nothing: it has no context.'}</p> : null}
      <VirtualRows
        className="context-rows"
        role="list"
        tabIndex={0}
        aria-label="The actor’s context"
        count={rows.length}
        rowHeight={ROW_HEIGHT}
        renderRow={(index) => {
          const line = rows[index];
          if (line === undefined) return null;
          const fold = (): void => setTurned((before) => turnedOver(before, line.path));
          return (
            <div className="context-row" role="listitem" style={{ paddingLeft: 10 + (line.level - 1) * 14 }}>
              {line.isOpen === null ? (
                <span className="context-key">{line.key}</span>
              ) : (
                <button type="button" className="context-key fold" aria-expanded={line.isOpen} onClick={fold}>
                  <span className="twist" data-open={line.isOpen} aria-hidden="true" />
                  {line.key}
                </button>
              )}
              <span className="context-value" data-kind={line.kind} title={line.text}>
                {line.text}
              </span>
            </div>
          );
        }}
      />
    </section>
  );
}
