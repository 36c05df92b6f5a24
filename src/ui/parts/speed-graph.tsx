import { memo } from 'react';
import type { ReactElement } from 'react';
import type { DownloadView } from '../../metrics/view.ts';
import { serverColour, themeFor } from '../draw/colours.ts';
import { columnMeans, speedWords } from '../draw/history-columns.ts';
import { span } from '../draw/paint.ts';
import type { Span } from '../draw/paint.ts';
import { stackedGraph, stackedPeak } from '../draw/stacked-graph.ts';
import type { Terminal } from '../draw/terminal.ts';
import { cutTo } from '../draw/width.ts';
import { Rows, useTerminal } from './look.tsx';

function graphRows(view: DownloadView, width: number, height: number, terminal: Terminal): { rows: readonly (readonly Span[])[]; peak: number } {
  const layers = view.servers.map((server) => ({
    colour: serverColour(server.mirrorId, terminal.isLight),
    means: columnMeans({ rates: server.spark, taken: view.sparksTaken }, width),
  }));
  const peak = stackedPeak(layers, width);
  return { rows: stackedGraph(layers, width, height, peak, terminal), peak };
}

interface SpeedGraphProps {
  readonly view: DownloadView;
  readonly width: number;
  readonly height: number;
  readonly heading: number;
}

/** The picture changes with each sample that is taken, not with each view. */
const isSamePicture = (before: SpeedGraphProps, now: SpeedGraphProps): boolean =>
  before.view.sparksTaken === now.view.sparksTaken && before.view.servers.length === now.view.servers.length && before.width === now.width && before.height === now.height && before.heading === now.heading;

/** The speed of the whole, in layers of what each server gave. */
export const SpeedGraph = memo(function SpeedGraph({ view, width, height, heading }: SpeedGraphProps): ReactElement {
  const terminal = useTerminal();
  const { rows, peak } = graphRows(view, width, height, terminal);
  const words = cutTo(speedWords(view.sparksTaken, peak), width);
  return (
    <>
      <Rows rows={[[span(words, { fg: themeFor(terminal.isLight).faint })]]} height={heading} width={width} />
      <Rows rows={rows} height={height} width={width} />
    </>
  );
}, isSamePicture);
