/** The colours of the style sheet for what is drawn on a canvas; they change with the light. */
import { useEffect, useState } from 'react';
import type { Inks } from './timeline-canvas.ts';

function readInks(): Inks {
  const style = getComputedStyle(document.documentElement);
  const ink = (name: string): string => style.getPropertyValue(`--${name}`).trim();
  return {
    tones: {
      waiting: ink('waiting'),
      ready: ink('ready'),
      working: ink('working'),
      checking: ink('checking'),
      resting: ink('resting'),
      trouble: ink('trouble'),
      good: ink('good'),
      out: ink('out'),
    },
    line: ink('line'),
    quiet: ink('quiet'),
    ink: ink('ink'),
    stripe: ink('stripe'),
  };
}

export function useInks(): Inks {
  const [inks, setInks] = useState(readInks);
  useEffect(() => {
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const read = (): void => setInks(readInks());
    dark.addEventListener('change', read);
    return () => dark.removeEventListener('change', read);
  }, []);
  return inks;
}
