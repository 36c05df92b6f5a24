/** The view of a farm. */
import type { ReactElement } from 'react';
import { Box } from 'ink';
import { themeFor } from './draw/colours.ts';
import { footSpans, noticeSpans, promptSpans } from './draw/foot.ts';
import { keyRows, scrolledRows, scrollMax } from './draw/help-page.ts';
import { columnMeans, speedWords } from './draw/history-columns.ts';
import { serveLayout } from './draw/layout.ts';
import type { ScreenSize, ServeLayout } from './draw/layout.ts';
import { span } from './draw/paint.ts';
import { sentenceRows } from './draw/decision-rows.ts';
import { farmLayers, fetchRows, serveTitle } from './draw/serve-header.ts';
import { shellLines } from './draw/shell-lines.ts';
import { stackedGraph, stackedPeak } from './draw/stacked-graph.ts';
import type { Terminal } from './draw/terminal.ts';
import type { FarmModel } from './farm-model.ts';
import type { FarmNote } from './farm-notes.ts';
import { SERVE_KEYS } from './keys.ts';
import { FarmTable } from './parts/farm-table.tsx';
import { Row, Rows, useTerminal } from './parts/look.tsx';
import type { ServeAsk, ServeScreenState } from './serve-steering.ts';

export interface ServeModel {
  readonly farm: FarmModel;
  /** The last of them, … */
  readonly notes: readonly FarmNote[];
  /** …and how many there were in all. */
  readonly notesTold: number;
  /** How to fetch the file, to be copied. */
  readonly commands: readonly string[];
}

export interface ServeScreenProps {
  readonly model: ServeModel;
  readonly state: ServeScreenState;
  readonly size: ScreenSize;
}

const ASKS: Record<ServeAsk, (index: number) => string> = {
  rate: (index) => `Rate of server ${index} (200K, 2M):`,
  fault: (index) => `Fault of server ${index} (reset, 503=2, no-range …):`,
};

function Foot({ state, width }: { readonly state: ServeScreenState; readonly width: number }): ReactElement {
  const terminal = useTerminal();
  if (state.prompt !== null) return <Row spans={promptSpans(ASKS[state.prompt.ask](state.index), state.prompt.text, width, terminal)} width={width} />;
  return <Row width={width} spans={state.notice === null ? footSpans(SERVE_KEYS, width, terminal) : noticeSpans(state.notice, width, terminal)} />;
}

function Graph({ farm, width, layout }: { readonly farm: FarmModel; readonly width: number; readonly layout: ServeLayout }): ReactElement {
  const terminal = useTerminal();
  const layers = farmLayers(farm.sparks.map((rates) => columnMeans({ rates, taken: farm.sparksTaken }, width)), terminal);
  const peak = stackedPeak(layers, width);
  const words = speedWords(farm.sparksTaken, peak);
  return (
    <>
      <Rows rows={[[span(words.slice(0, width), { fg: themeFor(terminal.isLight).faint })]]} height={layout.lowerHeading} width={width} />
      <Rows rows={stackedGraph(layers, width, layout.graph, peak, terminal)} height={layout.graph} width={width} />
    </>
  );
}

function Notes({ model, width, layout, heading }: { readonly model: ServeModel; readonly width: number; readonly layout: ServeLayout; readonly heading: number }): ReactElement {
  const terminal = useTerminal();
  return (
    <>
      <Rows rows={[[span('what happened', { fg: themeFor(terminal.isLight).faint })]]} height={heading} width={width} />
      <Rows rows={sentenceRows(model.notes, layout.notes, width, terminal)} height={layout.notes} width={width} />
    </>
  );
}

const Gap = (): ReactElement => <Box height={1} />;

function Overview({ model, state, layout }: { readonly model: ServeModel; readonly state: ServeScreenState; readonly layout: ServeLayout }): ReactElement {
  const { width, isWide, gaps } = layout;
  const left = isWide ? Math.floor(width * 0.42) : width;
  const right = isWide ? width - left - 3 : width;
  return (
    <>
      <FarmTable farm={model.farm} chosenIndex={state.index} width={width} height={layout.table} />
      {gaps >= 2 && <Gap />}
      <Box flexDirection={isWide ? 'row' : 'column'}>
        {layout.graph > 0 && (
          <Box flexDirection="column" width={left} marginRight={isWide ? 3 : 0}>
            <Graph farm={model.farm} width={left} layout={layout} />
          </Box>
        )}
        <Box flexDirection="column" width={right}>
          <Notes model={model} width={right} layout={layout} heading={isWide || layout.graph === 0 ? layout.lowerHeading : 0} />
        </Box>
      </Box>
    </>
  );
}

const layoutOf = ({ farm, commands }: ServeModel, size: ScreenSize): ServeLayout =>
  serveLayout(size, farm.view.servers.length, (width) => commands.map((command) => shellLines(command, width).length));

/** The rows between the head and what stands at the foot. */
const helpHeightOf = ({ title, commands, foot, gaps }: ServeLayout, { rows }: ScreenSize): number => rows - title - commands - foot - gaps;

/** How many rows of the page of keys lie beyond this screen. */
export function helpScrollMax(model: ServeModel, size: ScreenSize, terminal: Terminal): number {
  const layout = layoutOf(model, size);
  return scrollMax(keyRows(SERVE_KEYS, layout.width, terminal).length, helpHeightOf(layout, size));
}

export function ServeScreen({ model, state, size }: ServeScreenProps): ReactElement {
  const terminal = useTerminal();
  const layout = layoutOf(model, size);
  const { margin, width, gaps } = layout;
  const helpHeight = helpHeightOf(layout, size);
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} paddingX={margin}>
      <Rows rows={[serveTitle(model.farm.view, width, terminal)]} height={layout.title} width={width} />
      {gaps >= 1 && <Gap />}
      {state.panel === 'help' ? <Rows rows={scrolledRows(keyRows(SERVE_KEYS, width, terminal), helpHeight, state.scrolledBy, terminal)} height={helpHeight} width={width} /> : <Overview model={model} state={state} layout={layout} />}
      {layout.foot > 0 && (
        <>
          <Box flexGrow={1} />
          <Rows rows={fetchRows(model.commands.map((command) => shellLines(command, width)), layout.commands, width, terminal)} height={layout.commands} width={width} />
          {gaps >= 4 && <Gap />}
          <Foot state={state} width={width} />
        </>
      )}
    </Box>
  );
}
