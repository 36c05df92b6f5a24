/** The view of a farm. */
import type { ReactElement } from 'react';
import { Box } from 'ink';
import { themeFor } from './draw/colours.ts';
import { footSpans, helpRows, noticeSpans, promptSpans } from './draw/foot.ts';
import { columnMeans, spanMsAt, spanWords } from './draw/history-columns.ts';
import { serveLayout } from './draw/layout.ts';
import type { ScreenSize, ServeLayout } from './draw/layout.ts';
import { span } from './draw/paint.ts';
import { sentenceRows } from './draw/decision-rows.ts';
import { farmLayers, fetchRows, serveTitle } from './draw/serve-header.ts';
import { stackedGraph, stackedPeak } from './draw/stacked-graph.ts';
import { rateWords } from './draw/words.ts';
import type { FarmModel } from './farm-model.ts';
import type { FarmNote } from './farm-notes.ts';
import { SERVE_KEYS } from './keys.ts';
import { FarmTable } from './parts/farm-table.tsx';
import { Row, Rows, useTerminal } from './parts/look.tsx';
import type { ServeAsk, ServeScreenState } from './serve-steering.ts';
import { SPARK_CELL_MS } from '../metrics/history.ts';

export interface ServeModel {
  readonly farm: FarmModel;
  readonly notes: readonly FarmNote[];
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
  const words = `speed, ${spanWords(spanMsAt(farm.sparksTaken * SPARK_CELL_MS))}, peak ${rateWords(peak)}`;
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

export function ServeScreen({ model, state, size }: ServeScreenProps): ReactElement {
  const terminal = useTerminal();
  const layout = serveLayout(size, model.farm.view.servers.length, model.commands.length);
  const { margin, width, gaps } = layout;
  const helpHeight = size.rows - layout.title - layout.commands - layout.foot - gaps;
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows} paddingX={margin}>
      <Rows rows={[serveTitle(model.farm.view, width, terminal)]} height={layout.title} width={width} />
      {gaps >= 1 && <Gap />}
      {state.panel === 'help' ? <Rows rows={helpRows(SERVE_KEYS, width, terminal)} height={helpHeight} width={width} /> : <Overview model={model} state={state} layout={layout} />}
      {layout.foot > 0 && (
        <>
          <Box flexGrow={1} />
          <Rows rows={fetchRows(model.commands, width, terminal)} height={layout.commands} width={width} />
          {gaps >= 4 && <Gap />}
          <Foot state={state} width={width} />
        </>
      )}
    </Box>
  );
}
