/** What a screen shows, as text: drawn by Ink itself at a size, in a kind of terminal. */
import { renderToString } from 'ink';
import type { ReactNode } from 'react';
import stringWidth from 'string-width';
import { Screen } from '../../../src/ui/parts/look.tsx';
import { SignBook } from '../../../src/ui/row-signs.ts';
import type { Terminal } from '../../../src/ui/draw/terminal.ts';

const SGR = /\u001B\[[\d;]*m/gu;

/** Text without its colours. */
export const uncoloured = (text: string): string => text.replaceAll(SGR, '');

/** The rows of a drawing, with their colours. */
export function paintedRows(node: ReactNode, columns: number, terminal: Terminal): readonly string[] {
  const signs = new SignBook();
  const drawn = renderToString(<Screen terminal={terminal} signs={signs}>{node}</Screen>, { columns });
  return signs.unveiled(drawn).split('\n');
}

/** The rows of a drawing, as one reads them. */
export const rowsOf = (node: ReactNode, columns: number, terminal: Terminal): readonly string[] => paintedRows(node, columns, terminal).map(uncoloured);

export const columnsOf = (row: string): number => stringWidth(row);
