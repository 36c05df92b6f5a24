import type { ReactNode } from 'react';
import { toneOf } from '../story/tones.ts';

/** A state's name in its colour. */
export const StateChip = ({ state }: { readonly state: string }): ReactNode => (
  <span className="chip" data-tone={toneOf(state)}>
    {state}
  </span>
);
