import type { ReactElement } from 'react';
import type { DownloadView } from '../../metrics/view.ts';
import { windowStart } from '../draw/layout.ts';
import { serverColumns, serverHeading, serverRow } from '../draw/server-row.ts';
import type { RowContext } from '../draw/server-row.ts';
import { columnsOf } from '../draw/width.ts';
import { Rows, useTerminal } from './look.tsx';

interface ServerTableProps {
  readonly view: DownloadView;
  readonly chosenId: number | null;
  readonly width: number;
  readonly heading: number;
  readonly height: number;
}

/** A row per server, as many as there is room for, the chosen one among them. */
export function ServerTable({ view, chosenId, width, heading, height }: ServerTableProps): ReactElement {
  const terminal = useTerminal();
  const chosenAt = view.servers.findIndex(({ mirrorId }) => mirrorId === chosenId);
  const from = windowStart(view.servers.length, height, chosenAt);
  const labelColumns = Math.max(0, ...view.servers.map(({ label }) => columnsOf(label)));
  const context: RowContext = { terminal, columns: serverColumns(width, labelColumns), fetchedBytes: view.writtenBytes - view.recoveredBytes, sparksTaken: view.sparksTaken, chosenId };
  return (
    <>
      <Rows rows={[serverHeading(context)]} height={heading} width={width} />
      <Rows rows={view.servers.slice(from, from + height).map((server) => serverRow(server, context))} height={height} width={width} />
    </>
  );
}
