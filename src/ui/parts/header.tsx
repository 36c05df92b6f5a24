import type { ReactElement } from 'react';
import { barSpans, numberSpans, proofSpans, titleSpans } from '../draw/header.ts';
import type { DownloadView } from '../../metrics/view.ts';
import { Rows, useTerminal } from './look.tsx';

interface HeaderProps {
  readonly view: DownloadView;
  readonly checksum: string | null;
  readonly width: number;
  readonly title: number;
  readonly bar: number;
  readonly numbers: number;
}

/** What it is, how far it is, how fast, and what is proved. */
export function Header({ view, checksum, width, title, bar, numbers }: HeaderProps): ReactElement {
  const terminal = useTerminal();
  return (
    <>
      <Rows rows={[titleSpans(view, width, terminal)]} height={title} width={width} />
      <Rows rows={[barSpans(view, width, terminal)]} height={bar} width={width} />
      <Rows rows={[numberSpans(view, width, terminal), proofSpans(view, checksum, width, terminal)]} height={numbers} width={width} />
    </>
  );
}
