/** The page's own keys: those that no field and no panel has taken. */
import { useEffect } from 'react';
import type { Playback } from './playback.ts';

interface KeyTargets {
  readonly focusSearch: () => void;
  /** Brings the focus to a panel, counted from 1. */
  readonly focusPanel: (panel: number) => void;
  readonly openHelp: () => void;
}

const isField = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.matches('input:not([type=range]), select, textarea');
/** What answers to the space bar itself. */
const isPressed = (target: EventTarget | null): boolean => target instanceof HTMLElement && target.matches('button, summary');

function act({ key, shiftKey }: KeyboardEvent, playback: Playback, targets: KeyTargets): boolean {
  if (/^[1-5]$/u.test(key)) targets.focusPanel(Number(key));
  else if (key === ' ') playback.togglePlay();
  else if (key === ',') playback.step(-1);
  else if (key === '.') playback.step(1);
  else if (key === '<') playback.stepToChange(-1);
  else if (key === '>') playback.stepToChange(1);
  else if (key === 'Home' && shiftKey) playback.goTo(playback.story.first);
  else if (key === 'l' || key === 'L') playback.follow();
  else if (key === '/') targets.focusSearch();
  else if (key === '?') targets.openHelp();
  else return false;
  return true;
}

export function useKeys(playback: Playback, targets: KeyTargets): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
      if (event.key === ' ' && isPressed(event.target)) return;
      if (act(event, playback, targets)) event.preventDefault();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, [playback, targets]);
}
