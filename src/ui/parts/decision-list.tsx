import type { ReactElement } from 'react';
import type { Stories } from '../../metrics/stories.ts';
import { themeFor } from '../draw/colours.ts';
import { decisionRows } from '../draw/decision-rows.ts';
import { span } from '../draw/paint.ts';
import { Rows, useTerminal } from './look.tsx';

interface DecisionListProps {
  readonly stories: Stories;
  readonly width: number;
  readonly height: number;
  readonly heading: number;
}

/** The last decisions in words. */
export function DecisionList({ stories, width, height, heading }: DecisionListProps): ReactElement {
  const terminal = useTerminal();
  return (
    <>
      <Rows rows={[[span('decisions', { fg: themeFor(terminal.isLight).faint })]]} height={heading} width={width} />
      <Rows rows={decisionRows(stories.decisions, height, width, stories.beganAtMs ?? 0, terminal)} height={height} width={width} />
    </>
  );
}
