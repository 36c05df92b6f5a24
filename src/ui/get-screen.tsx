/** The view of a download: it lays the parts out, and knows no more of them than their height. */
import type { ReactElement, ReactNode } from 'react';
import { Box } from 'ink';
import type { Stories } from '../metrics/stories.ts';
import type { DownloadView } from '../metrics/view.ts';
import { footSpans, noticeSpans, promptSpans } from './draw/foot.ts';
import { keyRows, scrolledRows, scrollMax, signRows } from './draw/help-page.ts';
import { getLayout } from './draw/layout.ts';
import type { GetLayout, ScreenSize } from './draw/layout.ts';
import { machineRows } from './draw/machine-rows.ts';
import type { Span } from './draw/paint.ts';
import { segmentRows, serverStoryRows } from './draw/story-rows.ts';
import type { Terminal } from './draw/terminal.ts';
import type { FarmModel } from './farm-model.ts';
import { chosenServerId } from './get-steering.ts';
import type { GetAsk, GetScreenState } from './get-steering.ts';
import { FARM_DIGITS, GET_KEYS } from './keys.ts';
import type { KeyHelp } from './keys.ts';
import { DecisionList } from './parts/decision-list.tsx';
import { FarmTable } from './parts/farm-table.tsx';
import { FileMap } from './parts/file-map.tsx';
import { Header } from './parts/header.tsx';
import { Row, Rows, useTerminal } from './parts/look.tsx';
import { ServerTable } from './parts/server-table.tsx';
import { SpeedGraph } from './parts/speed-graph.tsx';

export interface GetModel {
  readonly view: DownloadView;
  readonly stories: Stories;
  /** The farm that is downloaded from, where this process runs one. */
  readonly farm: FarmModel | null;
  /** The algorithm of the digest that the user gave. */
  readonly checksum: string | null;
}

export interface GetScreenProps {
  readonly model: GetModel;
  readonly state: GetScreenState;
  readonly size: ScreenSize;
}

const ASKS: Record<GetAsk, string> = { mirror: 'Mirror’s URL:', limit: 'Limit (8M, 500K, 0 for none):' };

const keysFor = (model: GetModel): readonly KeyHelp[] => (model.farm === null ? GET_KEYS : [...GET_KEYS.slice(0, 2), FARM_DIGITS, ...GET_KEYS.slice(2)]);

function Foot({ model, state, width }: { readonly model: GetModel; readonly state: GetScreenState; readonly width: number }): ReactElement {
  const terminal = useTerminal();
  if (state.prompt !== null) return <Row spans={promptSpans(ASKS[state.prompt.ask], state.prompt.text, width, terminal)} width={width} />;
  return <Row width={width} spans={state.notice === null ? footSpans(keysFor(model), width, terminal) : noticeSpans(state.notice, width, terminal)} />;
}

const Gap = (): ReactElement => <Box height={1} />;

/** Speed graph and decisions: beside one another where there is room, else one above the other. */
function Lower({ model, layout }: { readonly model: GetModel; readonly layout: GetLayout }): ReactElement {
  const { width, isWide, graph, decisions, lowerHeading } = layout;
  if (!isWide) {
    return (
      <>
        {graph > 0 && <SpeedGraph view={model.view} width={width} height={graph} heading={lowerHeading} />}
        <DecisionList decisions={model.stories.decisions} beganAtMs={model.stories.beganAtMs ?? 0} width={width} height={decisions} heading={graph > 0 ? 0 : lowerHeading} />
      </>
    );
  }
  const left = Math.floor(width * 0.42);
  return (
    <Box>
      <Box flexDirection="column" width={left} marginRight={3}>
        <SpeedGraph view={model.view} width={left} height={graph} heading={lowerHeading} />
      </Box>
      <Box flexDirection="column" width={width - left - 3}>
        <DecisionList decisions={model.stories.decisions} beganAtMs={model.stories.beganAtMs ?? 0} width={width - left - 3} height={decisions} heading={lowerHeading} />
      </Box>
    </Box>
  );
}

function Overview({ model, chosenId, layout }: { readonly model: GetModel; readonly chosenId: number | null; readonly layout: GetLayout }): ReactElement {
  const { view, farm } = model;
  const { width, gaps } = layout;
  return (
    <>
      <FileMap view={view} width={width} height={layout.map} />
      {gaps >= 2 && <Gap />}
      <ServerTable view={view} chosenId={chosenId} width={width} heading={layout.serverHeading} height={layout.servers} />
      {gaps >= 3 && <Gap />}
      {farm !== null && layout.farm > 0 && <FarmTable farm={farm} chosenIndex={null} width={width} height={layout.farm} />}
      {gaps >= 5 && <Gap />}
      <Lower model={model} layout={layout} />
    </>
  );
}

const helpRows = (model: GetModel, width: number, terminal: Terminal): readonly (readonly Span[])[] => [...keyRows(keysFor(model), width, terminal), ...signRows(width, terminal)];

const layoutOf = ({ view, farm }: GetModel, size: ScreenSize): GetLayout => getLayout(size, view.servers.length, farm?.view.servers.length ?? 0);

/** The rows between the head and the foot. */
const storyHeightOf = ({ title, bar, numbers, foot, gaps }: GetLayout, { rows }: ScreenSize): number => rows - title - bar - numbers - foot - Math.min(2, gaps);

/** How many rows of the page of keys lie beyond this screen. */
export function helpScrollMax(model: GetModel, size: ScreenSize, terminal: Terminal): number {
  const layout = layoutOf(model, size);
  return scrollMax(helpRows(model, layout.width, terminal).length, storyHeightOf(layout, size));
}

/** What stands where the overview stands otherwise. */
function Story({ model, state, chosenId, width, height }: { readonly model: GetModel; readonly state: GetScreenState; readonly chosenId: number | null; readonly width: number; readonly height: number }): ReactElement | null {
  const terminal = useTerminal();
  const { view, stories } = model;
  const rowsOf = (): readonly (readonly Span[])[] => {
    if (state.panel === 'help') return scrolledRows(helpRows(model, width, terminal), height, state.scrolledBy, terminal);
    if (state.panel === 'segments') return segmentRows(stories, state.segmentAt, height, view.totalBytes, terminal);
    if (state.panel === 'machines') return machineRows(view, stories, height, width, terminal);
    const server = view.servers.find(({ mirrorId }) => mirrorId === chosenId);
    return server === undefined ? [] : serverStoryRows(server, stories.servers.get(server.mirrorId) ?? [], height, width, stories.beganAtMs ?? 0, terminal);
  };
  return <Rows rows={rowsOf()} height={height} width={width} />;
}

export function GetScreen({ model, state, size }: GetScreenProps): ReactElement {
  const layout = layoutOf(model, size);
  const { margin, width, gaps, title, bar, numbers } = layout;
  const chosenId = chosenServerId(state, model.view);
  const body: ReactNode = state.panel === 'overview'
    ? <Overview model={model} chosenId={chosenId} layout={layout} />
    : <Story model={model} state={state} chosenId={chosenId} width={width} height={storyHeightOf(layout, size)} />;
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} paddingX={margin}>
      <Header view={model.view} checksum={model.checksum} width={width} title={title} bar={bar} numbers={numbers} />
      {gaps >= 1 && <Gap />}
      {body}
      {layout.foot > 0 && (
        <>
          <Box flexGrow={1} />
          <Foot model={model} state={state} width={width} />
        </>
      )}
    </Box>
  );
}
