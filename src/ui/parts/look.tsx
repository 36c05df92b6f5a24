/** What every part of the screen is drawn with, and the one row of which all of them are made. */
import { createContext, memo, use, useEffect, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { Box, Text } from 'ink';
import { columnsIn, cutSpans, paint } from '../draw/paint.ts';
import type { Span } from '../draw/paint.ts';
import type { Terminal } from '../draw/terminal.ts';
import { SignBook } from '../row-signs.ts';
import type { Painted } from '../row-signs.ts';

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

/** One row of finished text. Rows that are the same as in the frame before are not touched. */
const PaintedRow = memo(function PaintedRow({ text, columns }: Painted): ReactElement {
  const book = use(SignContext);
  const [row] = useState(() => book.take());
  useEffect(() => () => book.giveBack(row), [book, row]);
  return <Text>{book.signFor(row, { text, columns })}</Text>;
});

export function Row({ spans, width }: { readonly spans: readonly Span[]; readonly width: number }): ReactElement {
  const terminal = useTerminal();
  const columns = columnsIn(spans);
  if (columns <= width) return <PaintedRow text={paint(spans, terminal)} columns={columns} />;
  const kept = cutSpans(spans, width);
  return <PaintedRow text={paint(kept, terminal)} columns={columnsIn(kept)} />;
}

/** Exactly `height` rows, whatever there is to show: what is missing is empty, what is too much is left out. */
export function Rows({ rows, height, width }: { readonly rows: readonly (readonly Span[])[]; readonly height: number; readonly width: number }): ReactElement | null {
  if (height <= 0) return null;
  return (
    <Box flexDirection="column" width={width} height={height}>
      {rows.slice(0, height).map((spans, at) => (
        // A row is its place: it has no other identity.
        <Row key={at} spans={spans} width={width} />
      ))}
    </Box>
  );
}
