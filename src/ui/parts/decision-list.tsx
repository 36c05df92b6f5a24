import { memo } from 'react';
import type { ReactElement } from 'react';
import type { Decision } from '../../machines/decisions.ts';
import { themeFor } from '../draw/colours.ts';
import { decisionRows } from '../draw/decision-rows.ts';
import { span } from '../draw/paint.ts';
import { Rows, useTerminal } from './look.tsx';

interface DecisionListProps {
  readonly decisions: readonly Decision[];
  readonly beganAtMs: number;
  readonly width: number;
  readonly height: number;
  readonly heading: number;
}

/** The last decisions in words. */
export const DecisionList = memo(function DecisionList({ decisions, beganAtMs, width, height, heading }: DecisionListProps): ReactElement {
  const terminal = useTerminal();
  return (
    <>
      <Rows rows={[[span('decisions', { fg: themeFor(terminal.isLight).faint })]]} height={heading} width={width} />
      <Rows rows={decisionRows(decisions, height, width, beganAtMs, terminal)} height={height} width={width} />
    </>
  );
});
