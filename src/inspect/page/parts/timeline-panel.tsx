/** The timeline: a lane for each server, its segments as bars, decisions as marks. */
import { useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { useSize } from '../size.ts';
import type { Story } from '../story/story.ts';
import { within, xAt, zoomed } from '../story/stretch.ts';
import type { Stretch } from '../story/stretch.ts';
import { toneOf } from '../story/tones.ts';
import { shownState } from '../story/tree.ts';
import { isServer } from '../story/world.ts';
import type { ActorRow, World } from '../story/world.ts';
import { AXIS_PX, stacked } from '../timeline-canvas.ts';
import type { TimelineLane, TimelineSight } from '../timeline-canvas.ts';
import { shownWords, TimelineMarks } from './timeline-marks.tsx';
import { TimelinePicture } from './timeline-picture.tsx';

interface TimelinePanelProps {
  readonly story: Story;
  readonly world: World;
  readonly position: number;
  readonly chosenId: string | null;
  readonly onChoose: (actorId: string) => void;
  readonly onGoTo: (number: number) => void;
}

/** The number by which segments name a server; a farm's servers have none. */
function mirrorIdOf({ name, machineId }: ActorRow): number | null {
  const digits = machineId === 'server' ? /-(\d+)$/u.exec(name)?.[1] : undefined;
  return digits === undefined ? null : Number(digits);
}

const barsOf = (story: Story, row: ActorRow): Pick<TimelineLane, 'id' | 'states' | 'segments'> => {
  const mirrorId = mirrorIdOf(row);
  return { id: row.id, states: story.bars.servers.get(row.id), segments: mirrorId === null ? undefined : story.bars.mirrors.get(mirrorId) };
};

interface LaneNamesProps {
  readonly servers: readonly ActorRow[];
  /** Of a farm's servers, which have no address of their own: whose they are. */
  readonly parentName: (row: ActorRow) => string;
  readonly lanes: readonly TimelineLane[];
  readonly scrollTop: number;
  readonly chosenId: string | null;
  readonly onChoose: (actorId: string) => void;
  readonly onTurn: (byPx: number) => void;
}

const LaneNames = ({ servers, parentName, lanes, scrollTop, chosenId, onChoose, onTurn }: LaneNamesProps): ReactNode => (
  <div className="lane-names" onWheel={({ deltaY }) => onTurn(deltaY)}>
    <span className="marks-name">decisions</span>
    <div className="lane-list" style={{ top: AXIS_PX - scrollTop }}>
      {servers.map((row, index) => (
        <button key={row.id} type="button" className="lane-name" data-chosen={row.id === chosenId} style={{ height: lanes[index]?.height }} onClick={() => onChoose(row.id)}>
          <span className="dot" data-tone={toneOf(shownState(row))} title={shownState(row)} />
          <span>{row.name}</span>
          <span className="quiet">{row.address === '' ? parentName(row) : row.address}</span>
        </button>
      ))}
    </div>
  </div>
);

const Legend = (): ReactNode => (
  <span className="legend" aria-hidden="true">
    {['connecting', 'downloading', 'draining', 'failed'].map((state) => (
      <span key={state} data-tone={toneOf(state)}>
        {state}
      </span>
    ))}
  </span>
);

export function TimelinePanel({ story, world, position, chosenId, onChoose, onGoTo }: TimelinePanelProps): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const { width: widthPx, height: heightPx } = useSize(box);
  const [scrollTop, setScrollTop] = useState(0);
  const [chosenStretch, setStretch] = useState<Stretch | null>(null);
  const servers = [...world.actors.values()].filter(isServer);
  const { lanes, barPx } = stacked(servers.map((row) => barsOf(story, row)), heightPx);
  const endMs = Math.max(1, story.now.atMs);
  const stretch = chosenStretch ?? { fromMs: 0, toMs: endMs };
  const isSegmentChosen = chosenId !== null && world.actors.get(chosenId)?.machineId === 'segment';
  const sight: TimelineSight = { ...stretch, widthPx, heightPx, scrollTop, position, atMs: world.atMs, endMs, chosenId, isSegmentChosen, barPx };
  const show = (wanted: Stretch | null): void => setStretch(wanted === null ? null : within(wanted, endMs));
  const marks = shownWords(story.words, (atMs) => xAt(stretch, atMs, widthPx), widthPx);
  return (
    <section className="panel timeline" aria-label="Timeline">
      <header className="panel-head">
        <h2>Timeline</h2>
        <Legend />
        <span className="spring" />
        <div className="tools" role="group" aria-label="Zoom">
          <button type="button" aria-label="Zoom out" onClick={() => show(zoomed(stretch, world.atMs, 1.5))}>
            −
          </button>
          <button type="button" aria-label="Zoom in" onClick={() => show(zoomed(stretch, world.atMs, 1 / 1.5))}>
            +
          </button>
          <button type="button" aria-pressed={chosenStretch === null} onClick={() => show(null)}>
            all
          </button>
        </div>
      </header>
      <div className="timeline-body">
        <LaneNames
          servers={servers}
          parentName={({ parentId }) => world.actors.get(parentId ?? '')?.name ?? ''}
          lanes={lanes}
          scrollTop={scrollTop}
          chosenId={chosenId}
          onChoose={onChoose}
          onTurn={(byPx) => box.current?.scrollBy(0, byPx)}
        />
        <div className="timeline-right">
          <TimelineMarks marks={marks} position={position} onGoTo={onGoTo} />
          <TimelinePicture box={box} lanes={lanes} sight={sight} onStretch={show} onScroll={setScrollTop} onChoose={onChoose} onGoToMs={(atMs) => onGoTo(story.numberAt(atMs))} />
          {lanes.length === 0 ? <p className="nothing">No server so far.</p> : null}
        </div>
      </div>
    </section>
  );
}
