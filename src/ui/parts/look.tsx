/** What every part of the screen is drawn with, and the one row of which all of them are made. */
import { createContext, memo, use } from 'react';
import type { ReactElement } from 'react';
import { Box, Text, Transform } from 'ink';
import { cutSpans, paint } from '../draw/paint.ts';
import type { Span } from '../draw/paint.ts';
import type { Terminal } from '../draw/terminal.ts';

const TerminalContext = createContext<Terminal>({ depth: 'none', isUnicode: false, isLight: false });

export const TerminalProvider = TerminalContext.Provider;

export const useTerminal = (): Terminal => use(TerminalContext);

interface PaintedRowProps {
  readonly painted: string;
  readonly columns: number;
}

/**
 * One row of finished text. Its place and width are known, so Ink lays out as many blanks and is handed the paint last:
 * it would otherwise measure and clean every row of every frame anew, which costs more than all the rest. Rows that are
 * the same as in the frame before are not touched.
 */
const PaintedRow = memo(function PaintedRow({ painted, columns }: PaintedRowProps): ReactElement {
  return (
    <Transform transform={() => painted}>
      <Text>{' '.repeat(Math.max(1, columns))}</Text>
    </Transform>
  );
});

export function Row({ spans, width }: { readonly spans: readonly Span[]; readonly width: number }): ReactElement {
  return <PaintedRow painted={paint(cutSpans(spans, width), useTerminal())} columns={width} />;
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
