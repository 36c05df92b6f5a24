/** The player: back, on, and at which pace. */
import type { ReactNode } from 'react';
import { SPEEDS } from '../playback.ts';
import type { Playback, Shown } from '../playback.ts';

const Icon = ({ path }: { readonly path: string }): ReactNode => (
  <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
    <path d={path} fill="currentColor" />
  </svg>
);

const ICONS = {
  first: 'M2 3h1.8v10H2zM9 3v10L4 8zM15 3v10l-5-5z',
  back: 'M4 3h2v10H4zM12 3v10L7 8z',
  play: 'M4 2.5v11L13 8z',
  pause: 'M4 3h3v10H4zM9 3h3v10H9z',
  forward: 'M10 3h2v10h-2zM4 3v10l5-5z',
} as const;

export function Player({ playback, shown: { position, first, last, isFollowing, isPlaying, speed, link } }: { readonly playback: Playback; readonly shown: Shown }): ReactNode {
  const isMoving = isPlaying || (link === 'open' && isFollowing);
  const playName = isMoving ? 'Pause' : 'Play';
  return (
    <div className="player" role="group" aria-label="Step through what happened">
      <button type="button" title="To the beginning (Shift+Home)" aria-label="To the beginning" onClick={() => playback.goTo(first)}>
        <Icon path={ICONS.first} />
      </button>
      <button type="button" title="One message back ( , )" aria-label="Step back" disabled={position <= first} onClick={() => playback.step(-1)}>
        <Icon path={ICONS.back} />
      </button>
      <button type="button" className="play" title={`${playName} (Space)`} aria-label={playName} onClick={() => playback.togglePlay()}>
        <Icon path={isMoving ? ICONS.pause : ICONS.play} />
      </button>
      <button type="button" title="One message forward ( . )" aria-label="Step forward" disabled={position >= last} onClick={() => playback.step(1)}>
        <Icon path={ICONS.forward} />
      </button>
      <select aria-label="Speed of playing" value={speed} onChange={({ target }) => playback.setSpeed(Number(target.value))}>
        {SPEEDS.map((each) => (
          <option key={each} value={each}>
            {each}×
          </option>
        ))}
      </select>
    </div>
  );
}
