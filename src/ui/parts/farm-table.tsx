import type { ReactElement } from 'react';
import { farmColumns, farmHeading, farmRow, farmStrip } from '../draw/farm-row.ts';
import { windowStart } from '../draw/layout.ts';
import type { FarmModel } from '../farm-model.ts';
import { Rows, useTerminal } from './look.tsx';

interface FarmTableProps {
  readonly farm: FarmModel;
  readonly chosenIndex: number | null;
  readonly width: number;
  /** The heading's row included; in one row stands a strip. */
  readonly height: number;
}

/** A row per server of a farm. */
export function FarmTable({ farm, chosenIndex, width, height }: FarmTableProps): ReactElement | null {
  const terminal = useTerminal();
  const { servers } = farm.view;
  if (height <= 1) return <Rows rows={[farmStrip(servers, width, terminal)]} height={height} width={width} />;
  const context = { terminal, columns: farmColumns(width), chosenIndex, sparksTaken: farm.sparksTaken };
  const from = windowStart(servers.length, height - 1, (chosenIndex ?? 1) - 1);
  const rows = servers.slice(from, from + height - 1).map((server) => farmRow(server, { rates: farm.sparks[server.index - 1] ?? [], taken: farm.sparksTaken }, context));
  return <Rows rows={[farmHeading(context), ...rows]} height={height} width={width} />;
}
