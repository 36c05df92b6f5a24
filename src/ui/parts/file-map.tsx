import type { ReactElement } from 'react';
import type { DownloadView } from '../../metrics/view.ts';
import { themeFor } from '../draw/colours.ts';
import { mapCells } from '../draw/map-cells.ts';
import { cellsIn, mapRows } from '../draw/map-rows.ts';
import { span } from '../draw/paint.ts';
import { cutTo } from '../draw/width.ts';
import { Rows, useTerminal } from './look.tsx';

/** The whole file, each cell in the colour of the server that gave it, is giving it, or failed at it. */
export function FileMap({ view, width, height }: { readonly view: DownloadView; readonly width: number; readonly height: number }): ReactElement {
  const terminal = useTerminal();
  if (view.totalBytes === null) {
    const words = view.course === 'discovering' ? 'The map of the file appears when a server has told its size.' : 'No server tells the size: it comes as one stream, and there is no map of it.';
    return <Rows rows={[[span(cutTo(words, width), { fg: themeFor(terminal.isLight).faint })]]} height={height} width={width} />;
  }
  const cells = mapCells(view.stretches, view.totalBytes, cellsIn(width, height, terminal));
  return <Rows rows={mapRows(cells, width, terminal)} height={height} width={width} />;
}
