/** What every part of the screen is drawn with, and the one row of which all of them are made. */
import { createContext, memo, use } from 'react';
import type { ReactElement } from 'react';
import { Box, Text } from 'ink';
import { paint } from '../draw/paint.ts';
import type { Span } from '../draw/paint.ts';
import type { Terminal } from '../draw/terminal.ts';

const TerminalContext = createContext<Terminal>({ depth: 'none', isUnicode: false, isLight: false });

export const TerminalProvider = TerminalContext.Provider;

export const useTerminal = (): Terminal => use(TerminalContext);

/** One row of finished text. Rows whose text is the same as in the frame before are not touched. */
const PaintedRow = memo(function PaintedRow({ painted }: { readonly painted: string }): ReactElement {
  return <Text wrap="truncate-end">{painted === '' ? ' ' : painted}</Text>;
});

export function Row({ spans }: { readonly spans: readonly Span[] }): ReactElement {
  return <PaintedRow painted={paint(spans, useTerminal())} />;
}

/** Exactly `height` rows, whatever there is to show: what is missing is empty, what is too much is left out. */
export function Rows({ rows, height, width }: { readonly rows: readonly (readonly Span[])[]; readonly height: number; readonly width: number }): ReactElement | null {
  if (height <= 0) return null;
  return (
    <Box flexDirection="column" width={width} height={height}>
      {rows.slice(0, height).map((spans, at) => (
        // A row is its place: it has no other identity.
        <Row key={at} spans={spans} />
      ))}
    </Box>
  );
}
