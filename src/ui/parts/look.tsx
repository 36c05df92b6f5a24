/** What every part of the screen is drawn with, and the rows of which all of them are made. */
import { createContext, use, useEffect, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { Box, Text } from 'ink';
import { columnsIn, cutSpans, paint } from '../draw/paint.ts';
import type { Span } from '../draw/paint.ts';
import type { Terminal } from '../draw/terminal.ts';
import { SignBook } from '../row-signs.ts';
import type { Painted, SignBlock } from '../row-signs.ts';

const TerminalContext = createContext<Terminal>({ depth: 'none', isUnicode: false, isLight: false });

export const useTerminal = (): Terminal => use(TerminalContext);

const SignContext = createContext<SignBook>(new SignBook());

/** What everything inside is drawn for, and the book of the rows that go through Ink as signs. */
export function Screen({ terminal, signs, children }: { readonly terminal: Terminal; readonly signs: SignBook; readonly children: ReactNode }): ReactElement {
  return (
    <TerminalContext value={terminal}>
      <SignContext value={signs}>{children}</SignContext>
    </TerminalContext>
  );
}

function painted(spans: readonly Span[], width: number, terminal: Terminal): Painted {
  const columns = columnsIn(spans);
  if (columns <= width) return { text: paint(spans, terminal), columns };
  const kept = cutSpans(spans, width);
  return { text: paint(kept, terminal), columns: columnsIn(kept) };
}

interface RowsProps {
  readonly rows: readonly (readonly Span[])[];
  readonly height: number;
  readonly width: number;
}

function PaintedRows({ rows, height, width }: RowsProps): ReactElement {
  const terminal = useTerminal();
  const book = use(SignContext);
  const [block] = useState((): SignBlock => ({ rows: [] }));
  useEffect(() => () => book.giveBack(block), [book, block]);
  return (
    <Box width={width} height={height}>
      <Text>{book.signsFor(block, rows.slice(0, height).map((spans) => painted(spans, width, terminal)), height)}</Text>
    </Box>
  );
}

/** Exactly `height` rows, whatever there is to show: what is missing is empty, what is too much is left out. */
export const Rows = ({ rows, height, width }: RowsProps): ReactElement | null => (height <= 0 ? null : <PaintedRows rows={rows} height={height} width={width} />);

export const Row = ({ spans, width }: { readonly spans: readonly Span[]; readonly width: number }): ReactElement => <PaintedRows rows={[spans]} height={1} width={width} />;
