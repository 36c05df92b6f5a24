/** The page: one moment of the story in five panels. */
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import type { Playback } from './playback.ts';
import { useKeys } from './keys.ts';
import { ActorTree } from './parts/actor-tree.tsx';
import { ChartPanel } from './parts/chart-panel.tsx';
import { ContextPanel } from './parts/context-panel.tsx';
import { Help } from './parts/help.tsx';
import { SequencePanel } from './parts/sequence-panel.tsx';
import { TimelinePanel } from './parts/timeline-panel.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { sinceStart } from './story/times.ts';

/** What of each panel takes the focus, in the order of the keys 1 to 5. */
const PANELS = ['.tree', '.chart-scroll', '.context-rows', '.seq-scroll', '.timeline-scroll'] as const;
/** In a narrow window the right shows one of these at a time. */
const TABS = ['chart', 'events'] as const;

export function App({ playback }: { readonly playback: Playback }): ReactNode {
  const shown = useSyncExternalStore(playback.subscribe, playback.shown);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [tab, setTab] = useState<(typeof TABS)[number]>('chart');
  const search = useRef<HTMLInputElement>(null);
  const tree = useRef<HTMLDivElement>(null);
  const { world, position, chosenId } = shown;
  const row = chosenId === null ? null : (world.actors.get(chosenId) ?? null);
  const { story } = playback;
  const choose = useCallback((actorId: string) => playback.choose(actorId), [playback]);
  const goTo = useCallback((number: number) => playback.goTo(number), [playback]);
  const targets = useMemo(
    () => ({
      focusSearch: () => search.current?.focus(),
      focusPanel: (panel: number) => {
        if (panel === 4) setTab('events');
        else if (panel === 2) setTab('chart');
        // The panel may have been hidden behind the other tab until now.
        requestAnimationFrame(() => document.querySelector<HTMLElement>(PANELS[panel - 1] ?? '.tree')?.focus());
      },
      openHelp: () => setHelpOpen(true),
    }),
    [],
  );
  useKeys(playback, targets);
  const title = story.hello === null ? 'plait: the inspector' : `plait ${story.hello.recording ?? story.hello.command}: the inspector`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  const changedAtMs = row === null ? 0 : (story.entry(row.change.number)?.atMs ?? row.bornAtMs);

  return (
    <div className="page">
      <TopBar playback={playback} shown={shown} onHelp={() => setHelpOpen(true)} />
      <main className="panels" data-tab={tab}>
        <ActorTree world={world} chosenId={chosenId} onChoose={choose} searchRef={search} treeRef={tree} />
        <div className="tabs" role="group" aria-label="Shown below">
          {TABS.map((each) => (
            <button key={each} type="button" aria-pressed={tab === each} onClick={() => setTab(each)}>
              {each}
            </button>
          ))}
        </div>
        <ChartPanel row={row} later={chosenId === null || row !== null ? null : (story.now.actors.get(chosenId) ?? null)} changedAt={sinceStart(changedAtMs)} />
        <ContextPanel row={row} />
        <SequencePanel story={story} world={world} position={position} chosenId={chosenId} onGoTo={goTo} onChoose={choose} />
        <TimelinePanel story={story} world={world} position={position} chosenId={chosenId} onChoose={choose} onGoTo={goTo} />
      </main>
      <Help isOpen={isHelpOpen} onClose={() => setHelpOpen(false)} />
    </div>
  );
}
